import numpy as np
import pytest
import torch
from PIL import Image

from tensho.api import describe as module
from tensho.api.describe import describe, describe_glyphs, pictures_in, show_ink
from tensho.errors import TenshoError
from tensho.ids.canonical import canonical
from tensho.ids.syntax import parse
from tensho.models.reader.network import Reader, ReaderConfig, Reading
from tensho.sheet import Glyph

TINY = ReaderConfig(
    symbols="⿰⿱⿲木口日氵", widths=(8, 8, 8), blocks=1, width=16, layers=1, heads=2, longest=7, looks=8
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    Reader(TINY).save(path)
    return str(path)


def test_descriptions_can_be_drawn_and_their_probabilities_fall(weights):
    found = describe("湖", 4, model=weights)
    assert 1 <= len(found) <= 4
    chances = [one.probability for one in found]
    assert chances == sorted(chances, reverse=True)
    assert 0 < sum(chances) <= 1 + 1e-6
    forms = [canonical(parse(one.ids)) for one in found]
    assert len(set(map(str, forms))) == len(forms)


def test_spellings_of_one_structure_are_one_description():
    readings = [
        Reading("⿰木⿰口日", 0.4),
        Reading("⿱口日", 0.3),
        Reading("⿲木口日", 0.2),
        Reading("木", 0.1),
    ]
    found = module._described(readings, show_ink("木"), 5)
    assert [one.ids for one in found] == ["⿰木⿰口日", "⿱口日", "木"]
    assert [one.probability for one in found] == pytest.approx([0.6, 0.3, 0.1])


def test_probabilities_are_raised_to_a_power_and_what_is_not_read_keeps_its_share():
    readings = [Reading("⿰木口", 0.6), Reading("⿱口日", 0.2)]
    found = module._described(readings, show_ink("木"), 5, power=2.0)
    assert [one.probability for one in found] == pytest.approx([0.36 / 0.44, 0.04 / 0.44])


def test_a_part_alone_is_taken_apart_where_it_is_known_how():
    (one,) = module._described([Reading("音", 1.0)], show_ink("音"), 5)
    assert one.ids == "⿱立日"
    assert "音" in one.characters
    (above, stand), (below, sun) = one.places
    assert (above, below) == ("立", "日")
    assert stand.y0 < stand.y1 <= sun.y0 < sun.y1


def test_characters_glyphs_arrays_and_pictures_show_the_same(weights, tmp_path):
    ink = show_ink("木")
    Image.fromarray(255 - ink).save(tmp_path / "tree.png")
    first = describe(ink, model=weights)
    shown = (ink / 255).astype(np.float32)
    for what in (
        shown,
        Glyph(shown),
        "木",
        tmp_path / "tree.png",
    ):
        found = describe(what, model=weights)
        assert [one.ids for one in found] == [one.ids for one in first]
        assert found[0].probability == pytest.approx(first[0].probability, rel=0.05)


def test_answers_do_not_depend_on_the_batch(weights):
    glyphs = [show_ink(char) for char in "木口湖"]
    together = describe_glyphs(glyphs, 2, model=weights)
    for glyph, answer in zip(glyphs, together, strict=True):
        alone = describe(glyph, 2, model=weights)
        assert [one.ids for one in alone] == [one.ids for one in answer]
    assert describe_glyphs([], model=weights) == []


def test_pictures_of_a_folder_come_by_name(tmp_path):
    for name in ("b.png", "a.jpg"):
        Image.new("L", (8, 8)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    assert [path.name for path in pictures_in(tmp_path)] == ["a.jpg", "b.png"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(TenshoError, match="no picture"):
        pictures_in(tmp_path / "empty")


@pytest.mark.parametrize("what", ["⿰氵胡", "A", "", "\U00020000\U00020001"])
def test_what_shows_no_character_is_refused(what):
    with pytest.raises(TenshoError, match="neither a picture nor one character"):
        show_ink(what)


def test_other_requests_that_make_no_sense_are_refused(weights, tmp_path):
    with pytest.raises(TenshoError, match="-k is 0"):
        describe("木", 0, model=weights)
    with pytest.raises(TenshoError, match="gan"):
        describe("木", model="gan")
    with pytest.raises(TenshoError, match="default faces"):
        show_ink("\U00031000")
    with pytest.raises(TenshoError, match="nowhere"):
        describe(tmp_path / "nowhere.png", model=weights)
