import pyfiglet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensho.ascii_art.banner import SPACINGS, banner
from tensho.errors import TenshoError

BOX = {"a": ["##", "# "], "b": ["#", "#"], "c": ["  #", "###"]}


def set_one(text, letters=BOX, width=80, layout="apart", **place):
    words = [[list(word) for word in line.split(" ")] for line in text.split("\n")]
    return banner(words, letters, width=width, space=2, layout=layout, **place)


def test_letters_stand_side_by_side_and_words_apart():
    assert set_one("ab b") == ["## #  #", "#  #  #"]


def test_words_are_wrapped_before_letters_are():
    assert set_one("ab ab", width=9) == ["## #", "#  #", "## #", "#  #"]
    assert set_one("ab ab", width=10) == ["## #  ## #", "#  #  #  #"]
    assert set_one("abb", width=4) == ["## #", "#  #", "#   ", "#   "]


def test_what_follows_a_broken_word_stands_beside_its_end():
    assert set_one("bbbb b", width=5) == ["# # #"] * 2 + ["#  # "] * 2


def test_line_breaks_are_kept():
    assert set_one("b\n\nb") == ["#", "#", " ", " ", "#", "#"]


def test_every_space_is_kept_but_those_at_which_a_line_breaks():
    assert set_one(" b  b ") == ["  #    #"] * 2
    assert set_one("b   b", width=5) == ["#"] * 4
    assert set_one("   bb", width=5) == ["# #"] * 2


def test_lines_stand_to_the_right_or_in_the_middle():
    assert set_one("b\na", width=5, justification="right") == ["    #"] * 2 + ["   ##", "   # "]
    assert set_one("b\na", width=5, justification="center") == ["  # "] * 2 + ["  ##", "  # "]


def test_text_is_written_to_the_left():
    assert set_one("ab b", width=8, right_to_left=True) == [" #  # ##", " #  # # "]
    assert set_one("ac", layout="kern", right_to_left=True, justification="left") == ["  ###", "#### "]


def test_a_width_that_holds_no_letter_is_refused():
    with pytest.raises(TenshoError, match="3 columns"):
        set_one("bc", width=2)


def test_kerning_moves_letters_until_they_touch():
    assert set_one("ac", layout="kern") == ["## #", "####"]


lines = st.lists(st.text(" /\\|_#()[]<>{}", min_size=3, max_size=3), min_size=3, max_size=3)
alphabets = st.dictionaries(st.sampled_from("abcd"), lines.filter(any), min_size=2, max_size=4)


@given(alphabets, st.text("abcd \n", min_size=1, max_size=20), st.integers(3, 40), st.sampled_from(SPACINGS))
def test_banners_are_rectangles_no_wider_than_asked_for(letters, text, width, layout):
    known = "".join(char for char in text if char in letters or char.isspace())
    drawn = set_one(known, letters, width, layout)
    assert len({len(line) for line in drawn}) == 1
    assert len(drawn[0]) <= width
    assert len(drawn) % 3 == 0


inked = lines.filter(lambda rows: all(row.strip() for row in rows))


@pytest.mark.parametrize(("layout", "mode"), [("kern", 64), ("smush", 128 + 31)])
@settings(deadline=None)
@given(inked.filter(lambda rows: any(row[0] != " " for row in rows)), inked)
def test_two_letters_meet_as_figlet_has_them_meet(layout, mode, left, right):
    figlet = pyfiglet.Figlet("standard", width=100)
    figlet.Font.height = 3
    figlet.Font.smushMode = mode
    for letter, rows in (("a", left), ("b", right)):
        figlet.Font.chars[ord(letter)] = list(rows)
        figlet.Font.width[ord(letter)] = 3
    theirs = figlet.renderText("ab").split("\n")[:3]
    ours = set_one("ab", {"a": left, "b": right}, layout=layout)
    assert [line.rstrip() for line in theirs] == [line.rstrip() for line in ours]
