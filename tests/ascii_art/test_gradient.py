import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.ascii_art.gradient import GRADIENTS, colour, gradient_colours
from tensho.errors import TenshoError

colours = st.tuples(*[st.integers(0, 255)] * 3)


def written(ink):
    return "#{:02x}{:02x}{:02x}".format(*ink)


@given(colours, colours, st.integers(2, 100))
def test_a_gradient_begins_and_ends_with_its_colours(first, last, columns):
    inks = gradient_colours(f"{written(first)},{written(last)}", columns)
    assert inks.shape == (columns, 3)
    assert (tuple(inks[0]), tuple(inks[-1])) == (first, last)


@given(colours, st.integers(1, 20))
def test_one_colour_is_the_same_everywhere(ink, columns):
    assert (gradient_colours(written(ink), columns) == ink).all()


@pytest.mark.parametrize(("ends", "middle"), [("red,blue", (140, 83, 162)), ("white,black", (99, 99, 99))])
def test_the_middle_is_that_of_oklab(ends, middle):
    """As browsers show ``color-mix(in oklab, …)``."""
    assert tuple(gradient_colours(ends, 3)[1]) == middle


@pytest.mark.parametrize("name", GRADIENTS)
def test_named_gradients_are_colours(name):
    assert len({tuple(ink) for ink in gradient_colours(name, 40).tolist()}) > 20


@pytest.mark.parametrize("name", ["", "nobody", "#12", "red,", "red;blue"])
def test_what_is_no_colour_is_refused(name):
    with pytest.raises(TenshoError, match="colour"):
        gradient_colours(name, 3)


def test_colours_have_names():
    assert colour(" tomato ") == (255, 99, 71)
