import numpy as np
import pytest

from tensho.composition.atlas import (
    ATLAS_EM,
    REFERENCE_STYLE,
    Atlas,
    Drawing,
    atlas_names,
    atlas_of,
    write_atlas,
)
from tensho.composition.bitmaps.draft import draft
from tensho.composition.bitmaps.inventory import AtlasInventory, misfit
from tensho.composition.box import Box, Frame
from tensho.composition.layout import Placement
from tensho.errors import TenshoError
from tensho.ids.syntax import parse
from tensho.split import split_of

STYLES = [name for name in atlas_names() if name != REFERENCE_STYLE]


def drawings(rng, count):
    for k in range(count):
        height, width = (int(side) for side in rng.integers(4, 120, 2))  # pages of several strips
        ink = np.where(rng.random((height, width)) < 0.5, 255, 0).astype(np.uint8)
        yield Drawing(chr(0x4E00 + k // 3), "⿰0" if k % 3 else "", chr(0x5000 + k), 5 + k % 40, 7, ink)


def written(path, found, **facts):
    write_atlas(found, path, frame=Frame(0.1, 0.0, 0.9, 1.0), facts=facts)
    return path.read_bytes()


def test_what_is_written_is_read(tmp_path, monkeypatch):
    found = list(drawings(np.random.default_rng(0), 950))  # more than two pages
    assert written(tmp_path / "mine.zip", found, name="mine") == written(
        tmp_path / "b.zip", found, name="mine"
    )
    monkeypatch.setattr("tensho.composition.atlas._FOLDER", tmp_path)
    atlas_of.cache_clear()
    atlas = atlas_of("mine")
    atlas_of.cache_clear()
    assert atlas.frame == Frame(0.1, 0.0, 0.9, 1.0)
    forms = [form for forms in atlas.forms.values() for form in forms]
    for form, drawing in zip(forms, found, strict=True):
        assert (form.part, form.slot, form.donor) == drawing[:3]
        assert (round(form.box.x0 * ATLAS_EM), round(form.box.y0 * ATLAS_EM)) == (drawing.left, drawing.top)
        np.testing.assert_array_equal(atlas.bitmap(form), drawing.ink)


def test_there_are_styles_of_different_character():
    assert {"sans-jp", "serif-jp", "kai", "wenkai", "maruberi", "yusei-magic"} <= set(STYLES)


@pytest.mark.parametrize("style", STYLES)
def test_a_styles_parts_are_cut_from_training_characters_only(style):
    forms = [form for forms in atlas_of(style).forms.values() for form in forms]
    assert {split_of(form.donor) for form in forms if form.slot} == {"train"}
    assert all(form.donor == form.part for form in forms if not form.slot)
    assert len(forms) > 2_000
    assert all(0 <= form.box.x0 < form.box.x1 <= 1 and 0 <= form.box.y0 < form.box.y1 <= 1 for form in forms)


@pytest.mark.parametrize("style", STYLES)
def test_a_style_draws_its_own_way(style):
    drawn = draft(parse("⿰氵龍"), 64, style)
    assert drawn.max() > 200
    assert np.abs(drawn.astype(int) - draft(parse("⿰氵龍"), 64)).mean() > 4


def test_a_part_that_a_style_lacks_comes_from_the_reference(monkeypatch):
    reference = atlas_of(REFERENCE_STYLE)
    parts = AtlasInventory("serif-sc")
    empty = Atlas.__new__(Atlas)
    empty.forms, empty.frame = {}, Frame()
    monkeypatch.setattr(parts, "_atlases", [empty, reference])
    placed = Placement("氵", "⿰0", Box(0, 0, 0.3, 1))
    form = min(reference.forms["氵"], key=lambda form: misfit(form, "⿰0", placed.box))
    np.testing.assert_array_equal(parts.cut(placed, None), reference.bitmap(form))


def test_an_unknown_style_is_refused():
    with pytest.raises(TenshoError, match=r"comic.*serif-jp"):
        atlas_of("comic")
