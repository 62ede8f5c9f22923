import pytest

from tensho.errors import TenshoError
from tensho.fonts.letter_bitmaps import letter_shape, split_letters


def test_ink_is_measured_over_the_baseline():
    assert letter_shape("x").bottom == pytest.approx(0, abs=0.02)
    assert letter_shape("p").bottom < -0.15
    assert letter_shape("H").top > letter_shape("x").top
    assert letter_shape("W").width > letter_shape("i").width
    assert 0.7 < letter_shape("漢").width <= 1


def test_ink_fills_the_bitmap():
    bitmap = letter_shape("H").bitmap
    assert bitmap.shape == (48, 48)
    assert bitmap[:, 0].any()
    assert bitmap[:, -1].any()
    assert bitmap[0].any()
    assert bitmap[-1].any()


def test_letters_keep_their_marks():
    assert split_letters("ex\u030cе\u0301") == ["e", "x\u030c", "е\u0301"]
    assert split_letters("e\u0301") == ["é"]
    assert letter_shape("x\u030c").top > letter_shape("x").top


@pytest.mark.parametrize("letter", ["😀", "ש", "ع", "\x00", "\u200d", "\U0010ffff"])
def test_what_no_face_has_is_named(letter):
    with pytest.raises(TenshoError, match=f"U\\+{ord(letter):04X}"):
        letter_shape(letter)
