import dataclasses
import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tensho.composition.atlas import ATLAS_EM, atlas_of, default_atlas
from tensho.composition.bitmaps.draft import FACES_KEPT, Drafter, draft, drafter
from tensho.composition.bitmaps.face_inventory import FaceInventory
from tensho.composition.bitmaps.inventory import AtlasInventory, MissingPartError, strain
from tensho.composition.bitmaps.segmentation import cropped, cut_like, ink_box, regions
from tensho.composition.box import Box
from tensho.composition.layout import layout
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.ids.decomposition import decompositions, expand, vocabulary
from tensho.ids.syntax import MAX_DEPTH, parse
from tensho.split import split_of

FACES = {face.name: face for face in default_faces()}
HELD_OUT = [char for char in decompositions() if split_of(char) == "validation"][::40]


def flooded(ink):
    """Connected regions as sets of pixels, by flood filling."""
    left = set(zip(*np.nonzero(ink), strict=True))
    found = set()
    while left:
        region, border = set(), [left.pop()]
        while border:
            y, x = border.pop()
            region.add((y, x))
            near = {(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)} & left
            left -= near
            border.extend(near)
        found.add(frozenset(region))
    return found


@settings(deadline=None)  # the first example imports scipy
@given(arrays(np.uint8, (9, 9), elements=st.sampled_from([0, 255])))
def test_regions_are_those_of_flood_filling(glyph):
    labels, count = regions(glyph)
    numbered = {frozenset(zip(*np.nonzero(labels == n), strict=True)) for n in range(1, count + 1)}
    assert numbered == flooded(glyph)
    assert not labels[glyph == 0].any()


def test_the_grey_rim_belongs_to_its_region():
    glyph = np.zeros((16, 16), np.uint8)
    glyph[4:8, 4:8] = 90
    glyph[5:7, 5:7] = 255
    labels, count = regions(glyph)
    assert count == 1
    assert (labels[5, 4], labels[4, 5], labels[0, 0]) == (1, 1, 0)


def picture(*rectangles):
    page = np.zeros((120, 120), np.uint8)
    for left, top, right, bottom in rectangles:
        page[top:bottom, left:right] = 255
    return page


def test_a_part_is_cut_where_another_face_has_it():
    here, there, rest = (10, 10, 30, 110), (13, 8, 31, 112), (60, 10, 110, 110)
    cut = cut_like(picture(there, rest), picture(here))
    assert cut is not None
    np.testing.assert_array_equal(cut, cropped(picture(there)))


@pytest.mark.parametrize(
    "glyph",
    [
        picture(),
        picture((60, 10, 110, 110)),
        picture((10, 10, 110, 110)),
        picture((10, 10, 30, 40), (60, 10, 110, 110)),
    ],
    ids=["blank", "absent", "touching", "half"],
)
def test_what_cannot_be_cut_cleanly_is_not_cut(glyph):
    assert cut_like(glyph, picture((10, 10, 30, 110))) is None


def test_what_reaches_too_far_is_not_cut():
    expected = picture((10, 10, 30, 110), (34, 10, 60, 20))
    assert cut_like(picture((10, 10, 30, 110), (34, 10, 64, 20)), expected) is not None
    assert cut_like(picture((10, 10, 30, 110), (34, 10, 70, 20)), expected) is None


def test_no_cut_reaches_farther_than_it_should():
    """The 人 of 介 stands so near to 女 in 妎 that it was once cut along with it."""
    parts = FaceInventory(FACES["sans-sc"])
    placed = next(p for p in layout(expand("嫚")) if p.part == "女")
    woman = parts.cut(placed, "嫚")
    assert woman is not None
    assert woman.shape[1] < 0.5 * ATLAS_EM


def test_a_form_is_rather_made_smaller_than_larger():
    small, large = Box(0.1, 0.1, 0.4, 0.9), Box(0.1, 0.1, 0.9, 0.9)
    assert strain(large, small) < strain(small, large)
    assert strain(small, small) == 0


def test_forms_come_from_training_characters_only():
    forms = [form for forms in default_atlas().forms.values() for form in forms]
    assert {split_of(form.donor) for form in forms if form.slot} == {"train"}
    assert len(forms) > 5_000


def test_the_atlas_has_the_vocabulary():
    lacking = set(vocabulary()) - default_atlas().forms.keys()
    assert sum(vocabulary()[part] for part in lacking) < 0.002 * sum(vocabulary().values())


def test_whole_parts_look_as_in_their_face():
    renderer = FACES["sans-sc"].renderer(ATLAS_EM)
    for part in "木水龍口⺮釒":
        form = default_atlas().whole(part)
        glyph = renderer.render(part)
        assert form is not None
        assert glyph is not None
        bitmap = default_atlas().bitmap(form)
        left, top, right, bottom = ink_box(glyph > 64)
        assert (form.box.x0 * ATLAS_EM, form.box.y0 * ATLAS_EM) == (left, top)
        np.testing.assert_array_equal(bitmap, (glyph[top:bottom, left:right] >= 128) * np.uint8(255))


def off(one, other):
    return np.abs(one.astype(float) - other).sum() / other.sum()


def test_drafts_of_held_out_characters_are_near_the_true_glyphs():
    renderer = FACES["sans-sc"].renderer(64)
    distances = [
        off(draft(expand(char), 64), glyph)
        for char in HELD_OUT
        if (glyph := renderer.render(char)) is not None
    ]
    assert np.median(distances) < 0.45  # squeezed into halves, they are 0.85 of the ink away


def test_a_faces_own_parts_come_nearer_to_its_glyphs():
    renderer = FACES["serif-sc"].renderer(64)
    own, atlas = [], []
    for char in HELD_OUT[:20]:
        glyph = renderer.render(char)
        own.append(off(draft(expand(char), 64, FACES["serif-sc"]), glyph))
        atlas.append(off(draft(expand(char), 64), glyph))
    assert np.mean(own) < np.mean(atlas)


@pytest.mark.parametrize("size", [24, 64, 128])
@pytest.mark.parametrize("ids", ["⿰氵龍", "⿱艹⿰氵可", "⿴囗木", "⿺辶首", "⿸疒丙"])
def test_ink_stays_in_the_boxes_and_fills_them(ids, size):
    page = draft(parse(ids), size)
    allowed = np.zeros((size, size), bool)
    for placed in layout(parse(ids)):
        x0, y0, x1, y1 = (edge * size for edge in placed.box)
        allowed[max(int(y0 - 1), 0) : int(y1 + 2), max(int(x0 - 1), 0) : int(x1 + 2)] = True
        assert page[round(y0) : round(y1), round(x0) : round(x1)].max() > 128
    assert page.shape == (size, size)
    assert page.dtype == np.uint8
    assert not (page[~allowed] > 32).any()


def test_a_draft_is_the_same_every_time():
    tree = parse("⿱⺮⿰氵龍")
    first = Drafter(AtlasInventory()).draft(tree, 64)
    draft(parse("⿱⺮龍"), 64)
    np.testing.assert_array_equal(draft(tree, 64), first)
    np.testing.assert_array_equal(Drafter(AtlasInventory()).draft(tree, 64), first)


def test_no_part_is_cut_from_the_character_that_is_drawn():
    donor = next(form for form in default_atlas().forms["氵"] if form.slot == "⿰0").donor
    tree = expand(donor)
    assert not np.array_equal(drafter().draft(tree, 64), drafter().draft(tree, 64, without=donor))


def test_a_lone_character_is_its_glyph():
    for char in "木靐":  # one of the atlas, one that is not
        assert off(draft(char, ATLAS_EM), FACES["sans-sc"].renderer(ATLAS_EM).render(char)) < 0.05
    assert (
        off(draft("木", ATLAS_EM, FACES["serif-sc"]), FACES["serif-sc"].renderer(ATLAS_EM).render("木"))
        < 0.02
    )


def test_turned_parts():
    # A lone part is centred, so turning the page turns the part.
    mirrored, upright = draft(parse("\u2ffe片"), 64), draft(parse("\u2ffe\u2ffe片"), 64)
    rotated = draft(parse("\u2fff片"), 64)
    np.testing.assert_allclose(mirrored[:, ::-1], upright.astype(int), atol=2)
    np.testing.assert_allclose(rotated[::-1, ::-1], upright.astype(int), atol=2)
    assert off(mirrored, upright) > 0.5
    assert off(draft(parse("\u2ffe⿰片水"), 64)[:, ::-1], draft(parse("⿰片水"), 64)) < 0.6


def test_a_stroke_stays_thin():
    page = draft(parse("⿻口一"), 64) > 128
    assert page.mean() < 0.35


@pytest.mark.parametrize("part", ["\ue000", "\U00031350"])
def test_a_part_that_no_face_has_is_named(part):
    with pytest.raises(TenshoError, match=f"U\\+{ord(part):04X}"):
        draft(parse(f"⿰氵{part}"), 64)


def test_a_part_outside_the_atlas_comes_from_a_face():
    part = next(char for char in "龥龠龖靐" if char not in default_atlas().forms)
    page = draft(parse(f"⿰氵{part}"), 64)
    assert (page[:, 32:] > 128).sum() > 200


@settings(deadline=None, max_examples=20)
@given(st.integers(1, MAX_DEPTH), st.sampled_from("⿰⿱⿴⿺"), st.sampled_from([8, 64]))
def test_any_depth_is_drawn(depth, operator, size):
    assert draft(parse(f"{operator}木" * depth + "龍"), size).any()


@pytest.mark.parametrize(("style", "lender"), [("serif-jp", "serif-sc"), ("dejima-mincho", "serif-sc")])
def test_what_a_style_lacks_comes_from_the_one_most_like_it(style, lender):
    assert "单" not in atlas_of(style).forms
    np.testing.assert_array_equal(AtlasInventory(style).glyph("单"), AtlasInventory(lender).glyph("单"))


def test_a_missing_part_is_an_error_of_its_own_kind():
    with pytest.raises(MissingPartError):
        draft(parse("⿰氵\ue000"), 64)
    with pytest.raises(TenshoError) as taken_away:
        draft(parse("㇯氵木"), 64)
    assert not isinstance(taken_away.value, MissingPartError)


def test_only_the_latest_faces_are_kept(monkeypatch):
    class Parts:
        def __init__(self, face):
            self.face = face

    monkeypatch.setattr("tensho.composition.bitmaps.face_inventory.FaceInventory", Parts)
    faces = [dataclasses.replace(FACES["sans-sc"], name=f"face {k}") for k in range(3 * FACES_KEPT)]
    kept = [weakref.ref(drafter(face)) for face in faces]
    gc.collect()
    assert [drafter(face) for face in faces[-FACES_KEPT:]] == [there() for there in kept[-FACES_KEPT:]]
    assert not any(there() for there in kept[:-FACES_KEPT])
    assert drafter("sans-jp") is drafter("sans-jp")
