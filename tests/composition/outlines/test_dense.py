"""Characters of very many strokes."""

import numpy as np
import pytest
from numpy.typing import NDArray

import tensho
from tensho.composition.outlines.dense import dense_leaves, legible_from
from tensho.composition.outlines.store import open_composer
from tensho.fonts.em_square import in_square
from tensho.fonts.outlines import Bounds
from tensho.ids.syntax import Arrangement, parse, to_string

BIANG = "⿺辶⿳穴⿰月⿰⿲⿱幺長⿱言馬⿱幺長刂心"
EM = Bounds(0, 0, 1000, 1000)


def look(strokes_across: int, strokes_down: int) -> NDArray[np.float64]:
    return np.array([strokes_across, strokes_down, 1, 1, *np.zeros(16)])


def test_room_is_shared_by_strokes():
    looks: dict[str, NDArray[np.float64]] = {"馬": look(3, 6), "言": look(2, 6), "一": look(1, 1)}
    tree = parse("⿱一⿰馬言")
    assert isinstance(tree, Arrangement)
    found = list(dense_leaves(tree, EM, lambda tree: looks.get(to_string(tree), look(5, 6))))
    assert [leaf.part for leaf in found] == ["一", "馬", "言"]
    assert [leaf.slot for leaf in found] == ["⿱0", "⿰0", "⿰1"]
    line, horse, word = (leaf.box for leaf in found)
    assert line.height == pytest.approx(1000 * 1.2 / 7.7)
    assert horse.width == pytest.approx(1.5 * word.width)
    assert horse.right < word.left
    assert horse.top < line.bottom
    assert (line.top, word.right, horse.left, word.bottom) == (1000, 1000, 0, 0)


def test_the_nearer_the_strokes_the_larger_the_picture():
    assert legible_from(50, 1000) < legible_from(20, 1000) < legible_from(5, 1000)


def runs(picture):
    """How many strokes the lines across and down a picture meet, each as a share of its size."""
    ink = np.pad(picture >= 128, 1).astype(int)
    return sum(np.count_nonzero(np.diff(ink, axis=axis) == 1) for axis in (0, 1)) / len(picture)


@pytest.mark.parametrize("style", ["sans-jp", "serif-jp", "sans-sc", "serif-sc"])
def test_sixty_strokes_are_told_apart_at_256_pixels(style):
    composer = open_composer(style)
    assert composer is not None
    made = composer.compose(BIANG)
    assert made.legible_from <= 128
    em = composer.inventory.em
    small, large = (runs(in_square(made.outline, em, size)) for size in (256, 1024))
    assert small > 0.93 * large
    assert large > 1.3 * runs(in_square(composer.compose("⿰氵龍").outline, em, 1024))


def test_what_is_too_small_to_be_told_apart_says_so():
    glyph = tensho.compose(BIANG, style="gothic", size=32)
    assert any("--size" in note for note in glyph.notes)
    assert not tensho.compose(BIANG, style="gothic", size=256).notes
    assert not tensho.compose("⿰氵龍", style="gothic", size=64).notes
