import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tensho.text.ascii_grid import COLUMNS, MASK, PAD, ROWS, SYMBOLS, boxes, empty_grid, grid_of, lines_of


def test_the_symbols_are_printable_ascii_from_light_to_dark():
    assert sorted(SYMBOLS) == [chr(code) for code in range(32, 127)]
    assert SYMBOLS[0] == " "
    assert SYMBOLS.index(".") < SYMBOLS.index("+") < SYMBOLS.index("#") < SYMBOLS.index("@")
    assert (MASK, PAD) == (95, 96)


@given(st.lists(st.text(SYMBOLS, max_size=COLUMNS), max_size=ROWS))
def test_a_grid_holds_the_lines(lines):
    grid = grid_of(lines)
    width = max(map(len, lines), default=0)
    if width:
        assert lines_of(grid) == [line.ljust(width) for line in lines]
        assert boxes(grid).tolist() == [len(lines), width]


def test_masked_cells_are_shown_as_asked():
    grid = empty_grid(1, 2)
    grid[0, 1] = MASK
    assert lines_of(grid, "?") == [" ?"]
    assert lines_of(grid) == ["  "]


def test_no_letter_has_no_box():
    assert boxes(np.stack([empty_grid(0, 0), empty_grid(3, 5)])).tolist() == [[0, 0], [3, 5]]
