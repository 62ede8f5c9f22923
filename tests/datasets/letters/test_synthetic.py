import numpy as np
import pytest

from tensho.datasets.letters.synthetic import TREATMENTS, SyntheticStyle, random_style
from tensho.text.ascii_grid import boxes, lines_of


def style(treatment="solid", palette="#", **changes):
    plain = {"font": "", "capital": 6, "weight": 1.0, "stretch": 1.0, "slant": 0.0}
    return SyntheticStyle(**{**plain, **changes}, treatment=treatment, palette=palette)


def test_a_capital_has_the_rows_that_were_asked_for():
    (grid,) = style().draw("H")
    assert boxes(grid)[0] in (6, 7)
    rows = lines_of(grid)
    assert rows[0].split() == rows[0].split()[:1] * 2, "an H has two feet"


def test_letters_share_their_rows():
    grids = np.stack(style().draw("Hgx"))
    assert len(set(boxes(grids)[:, 0].tolist())) == 1


def test_slanted_letters_lean():
    upright, slanted = (style(slant=slant).draw("I")[0] for slant in (0.0, 1.0))
    rows = lines_of(slanted)
    assert boxes(slanted)[1] > boxes(upright)[1]
    assert len(rows[0]) - len(rows[0].lstrip()) > len(rows[-1]) - len(rows[-1].lstrip())


def test_a_shadow_is_thrown_to_the_right_and_down():
    (grid,) = style("shadow", "#.").draw("I")
    rows = lines_of(grid)
    assert rows[0].rstrip().endswith("#")
    assert rows[1].rstrip().endswith(".")


@pytest.mark.parametrize("seed", range(12))
def test_styles_drawn_by_lot_are_repeatable_and_in_ascii(seed):
    drawn = [random_style(np.random.default_rng(seed), ("",)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert drawn[0].treatment in TREATMENTS
    one, other = (np.stack(style.draw("Ra8")) for style in drawn)
    assert (one == other).all()
    assert boxes(one).max() <= 24
