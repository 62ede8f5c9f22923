"""Faces of few characters, judged by one that they are like."""

import numpy as np
import pylopdf_fonts_jp
import pytest

import tensho.composition.outlines.store as store
from tensho.composition.outlines.composer import OutlineComposer
from tensho.composition.outlines.next_characters import next_characters
from tensho.composition.outlines.part_forms import Forms
from tensho.composition.outlines.segmentation import known_tree
from tensho.fonts.faces import load_face
from tensho.fonts.outline_raster import raster
from tensho.ids.decomposition import decompositions
from tensho.split import split_of


@pytest.fixture(scope="module")
def face():
    return load_face(pylopdf_fonts_jp.serif_path())


@pytest.fixture(scope="module")
def characters():
    common = (c for c in decompositions() if "\u4e00" <= c < "\u9fa6" and known_tree(c))
    return [c for c in common if ord(c) % 5 == 0]


def distance(composer, reader, characters):
    """The median L1 over ink of characters that can be composed, at 64 pixels."""
    found = []
    for char in characters:
        truth = reader.outline(char)
        if truth is None:
            continue
        true, drawn = (
            raster(outline, 64, scale=0.064, bottom=-120).astype(float)
            for outline in (truth, composer.compose(char).outline)
        )
        found.append(np.abs(true - drawn).sum() / true.sum())
    return float(np.median(found))


def test_few_characters_are_drawn_better_beside_a_face_that_they_are_like(face, characters):
    reader = face.outlines()
    own = frozenset([c for c in characters if split_of(c) == "train" and reader.outline(c)][::12])
    held = [c for c in characters if split_of(c) == "validation"][:40]
    assert 60 < len(own) < 160
    told = {}
    for like in (None, "serif-sc"):  # of another region, so that it is not the face itself
        inventory = store.cut_face(face, allowed=own.__contains__, like=like)
        composer = OutlineComposer(inventory, lambda c: c not in own, lambda: store.open_composer("serif-sc"))
        told[like] = distance(composer, reader, held)
    assert told["serif-sc"] < 0.8 * told[None]


def test_what_is_borrowed_survives_the_disk(tmp_path, monkeypatch, little_face):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    face = load_face(little_face)
    drawn = []
    for _ in range(2):
        store._opened.clear()
        composer = store.open_composer(face)
        assert composer is not None
        drawn.append([composer.compose(ids).outline.points for ids in ("⿰木龍", "⿱艹青", "⿰言馬")])
    assert len(list((tmp_path / "outlines").iterdir())) == 1
    assert all(np.array_equal(one, other) for one, other in zip(*drawn, strict=True))
    store._opened.clear()


def test_few_characters_say_for_which_region_they_are(make_font):
    box = (100, -50, 900, 800)
    for region, text in {"jp": "覚来声処", "tc": "覺來聲處", "sc": "觉来声处"}.items():
        reader = load_face(make_font(f"{region}.ttf", dict.fromkeys(text, box))).outlines()
        assert store.nearest_style(reader).endswith(region)


def test_next_are_the_characters_that_supply_most_of_what_others_lack():
    one = np.array(["⿰0"])
    box = np.zeros((1, 4), np.float32)
    has = {"木": Forms(one, np.array(["林"]), [(0,)], box, box, np.ones(1, np.float32))}
    wanted = "校板語話記松詩"
    use = {"記": 3.0}
    found = next_characters(has, wanted, lambda char: use.get(char, 1.0), 3)
    assert found[0].character == "記"  # 言 is lacked by four of them, and this is what is used most
    assert found[0].parts[0] == "訁"
    assert found[0].helps == 3
    assert len({one.character for one in found}) == 3
    assert not any("木" in one.parts for one in found)
    assert next_characters(has, "", lambda _: 1.0, 3) == []
