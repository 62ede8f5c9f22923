import pytest

from tensho.composition.attempts import Attempt
from tensho.composition.repeated_characters import RUNG, RepeatingComposer, repeated
from tensho.fonts.coverage.repertoires import repertoire
from tests.ideograph_fonts import frame_outline, round_outline


def test_readings_are_repeated_and_old_forms_are_not():
    assert repeated("\uf900") == "豈"
    assert repeated("\ufa0c") == "兀"
    for text in ("\uf928", "\ufa19", "豈", "⿰言森"):  # 廊 and 神 in their old forms
        assert repeated(text) is None
    twice = [char for char in repertoire("ksx1001").characters if repeated(char)]
    assert 200 < len(twice) < 268


@pytest.mark.parametrize(("text", "drawn"), [("\uf900", "own"), ("\uf901", "更"), ("漢", "漢")])
def test_what_the_font_has_is_not_composed(text, drawn):
    class Composer:
        def compose(self, text, /):
            return Attempt(text, round_outline(), text, 0.5)

    own = frame_outline(0)
    composer = RepeatingComposer(Composer(), lambda char: own if char == "豈" else None)
    composed = composer.compose(text)
    if drawn == "own":
        assert composed.outline is own
        assert (composed.rung, composed.confidence, composed.donors) == (RUNG, 1.0, ("豈",))
    else:
        assert composed.rung == drawn  # by its parts, which are those of the character that it repeats
