import shutil
import subprocess

import pyfiglet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensho.ascii_art.figlet import FIGLET_LAYOUTS, figlet_banner
from tensho.ascii_art.justification import JUSTIFICATIONS
from tensho.errors import TenshoError
from tensho.text.columns import cells, columns
from tensho.text.figlet_font import REQUIRED, open_figlet_font, parse_figlet_font

FONTS = ("standard", "big", "slant", "small", "doom", "banner", "script", "roman", "ivrit")
FLAGS = {"font": "-s", "full": "-W", "kern": "-k", "smush": "-S", "overlap": "-o"}
MODES = {"full": 0, "kern": 64, "overlap": 128}

texts = st.text("abdefgiMPTY|/\\()<>_.,- ", min_size=1, max_size=30).map(str.strip).filter(bool)


def lines_of(text):
    return [line.rstrip() for line in text.split("\n")]


@given(texts, st.sampled_from(FONTS), st.sampled_from(FIGLET_LAYOUTS), st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_line_is_set_as_pyfiglet_sets_it(text, name, layout, backwards):
    direction = "right-to-left" if backwards else "left-to-right"
    theirs = pyfiglet.Figlet(name, width=1000, direction=direction, justify="left")
    if layout != "font":
        theirs.Font.smushMode = MODES.get(layout, theirs.Font.smushMode | 128)
    drawn = lines_of(theirs.renderText(text))[: theirs.Font.height]
    ours = figlet_banner(
        text,
        open_figlet_font(name),
        width=1000,
        layout=layout,
        justification="left",
        right_to_left=backwards,
    )
    assert [line.rstrip() for line in ours] == drawn


@pytest.mark.skipif(shutil.which("figlet") is None, reason="figlet is not installed")
@pytest.mark.parametrize("layout", FIGLET_LAYOUTS)
@pytest.mark.parametrize("justification", JUSTIFICATIONS)
@pytest.mark.parametrize("backwards", [False, True])
def test_text_is_wrapped_and_justified_as_figlet_does(layout, justification, backwards):
    text = "The  quick fox jumps\nover <it> and over__and/over incomprehensibilities"
    folder = pyfiglet.__path__[0] + "/fonts"
    for name in ("standard", "small", "slant"):
        flags = [FLAGS[layout], f"-{justification[0]}", "-R" if backwards else "-L", "-w", "61"]
        command = ["figlet", "-d", folder, "-f", name, *flags]
        run = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        ours = figlet_banner(
            text,
            open_figlet_font(name),
            width=60,
            layout=layout,
            justification=justification,
            right_to_left=backwards,
        )
        assert [line.rstrip() for line in ours] == lines_of(run.stdout)[:-1]


@given(
    st.text("abMY \t\n", min_size=1).filter(str.strip), st.integers(20, 90), st.sampled_from(JUSTIFICATIONS)
)
@settings(deadline=None, max_examples=50)
def test_banners_are_rectangles_no_wider_than_asked_for(text, width, justification):
    font = open_figlet_font("standard")
    lines = figlet_banner(text, font, width=width, justification=justification)
    assert len({columns(line) for line in lines}) == 1
    assert columns(lines[0]) <= width
    assert len(lines) % font.height == 0


def test_spaces_tabs_and_line_breaks_are_kept():
    font = open_figlet_font("term")
    assert figlet_banner("a\tb\n\n  c  d", font, width=80) == ["a       b", " " * 9, "  c  d   "]


def wide_font(layout):
    rows = "".join(f"{letter}@@\n" for letter in REQUIRED)
    return parse_figlet_font(
        f"flf2a$ 1 1 9 {layout} 0\n{rows}0x6f22\n 漢 @@\n0x5b57\n字_@@\n".encode(), "wide"
    )


def test_wide_characters_take_two_columns():
    assert cells("a漢e\u0301") == ["a", "漢", "", "e\u0301"]
    assert figlet_banner("漢字", wide_font(-1), width=9) == [" 漢 字_"]
    assert figlet_banner("漢字", wide_font(-1), width=6) == [" 漢 ", "字_ "]
    assert figlet_banner("漢字", wide_font(-1), width=9, layout="overlap") == ["漢字_"]
    assert figlet_banner("字", wide_font(-1), width=9, justification="right") == ["      字_"]


def test_a_letter_that_the_font_lacks_or_that_is_too_wide_is_refused():
    font = open_figlet_font("standard")
    with pytest.raises(TenshoError, match=r"漢 \(U\+6F22\)"):
        figlet_banner("a漢", font, width=80)
    with pytest.raises(TenshoError, match="columns"):
        figlet_banner("W", font, width=5)
    assert figlet_banner("e\u0301", font, width=80) == figlet_banner("é", font, width=80)
