import shutil
import subprocess

import pyfiglet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensho.ascii_art.figlet import figlet_banner
from tensho.errors import TenshoError
from tensho.export.figlet_font import figlet_font
from tensho.text.figlet_font import REQUIRED, RULES, Layout, open_figlet_font, parse_figlet_font

PRINTABLE = "".join(map(chr, range(32, 127)))

symbols = st.text(PRINTABLE, min_size=4, max_size=4)
SMUSHED = RULES & ~Layout.HARDBLANK


def letters_of(rows):
    """An alphabet of two lines a letter, its letters between one and four columns wide."""
    return {
        letter: [row[: 1 + place % 4] for row in rows[place % len(rows)]]
        for place, letter in enumerate(REQUIRED[1:] + "Ж漢")
    }


@given(
    st.lists(st.tuples(symbols, symbols), min_size=1, max_size=5),
    st.sampled_from([RULES, SMUSHED | Layout.KERN, SMUSHED | Layout.SMUSH]),
)
@settings(deadline=None)
def test_what_is_written_is_read_back(rows, layout):
    letters = letters_of(rows)
    text = figlet_font(letters, baseline=1, space=3, layout=layout, comment=["mine", "of\ntwo lines"])
    font = parse_figlet_font(text.encode(), "mine")
    assert {letter: list(lines) for letter, lines in font.letters.items() if letter != " "} == {
        letter: [line + " " for line in lines] for letter, lines in letters.items()
    }
    assert set(font.letters[" "]) == {font.hardblank * 2}
    assert font.layout == layout
    assert not any(font.hardblank in line for lines in letters.values() for line in lines)


@pytest.mark.parametrize("layout", [SMUSHED, SMUSHED | Layout.KERN, SMUSHED | Layout.SMUSH])
@pytest.mark.parametrize("symbols", ["@@#/", "$$@|", PRINTABLE])
def test_figlet_and_pyfiglet_draw_it_the_same(tmp_path, monkeypatch, layout, symbols):
    letters = {
        letter: [
            symbols[place % len(symbols)] + symbols[(3 * place) % len(symbols)],
            " " + symbols[(place // 2) % len(symbols)],
        ]
        for place, letter in enumerate(REQUIRED[1:])
    }
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.flf").write_text(figlet_font(letters, baseline=2, space=2, layout=layout))
    text = PRINTABLE.strip()
    ours = [line.rstrip() for line in figlet_banner(text, open_figlet_font("./mine.flf"), width=999)]
    theirs = pyfiglet.figlet_format(text, "mine", width=1000).split("\n")[:2]
    assert [line.rstrip() for line in theirs] == ours
    if shutil.which("figlet") is not None:
        command = ["figlet", "-d", ".", "-f", "mine", "-w", "1000", "--", text]
        drawn = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert [line.rstrip() for line in drawn.split("\n")[:2]] == ours


def test_words_stand_apart_by_the_space():
    letters = {letter: ["##"] for letter in REQUIRED[1:]}
    font = parse_figlet_font(figlet_font(letters, baseline=1, space=4).encode(), "mine")
    assert figlet_banner("ab c", font, width=80) == ["## ##    ## "]


def test_all_that_the_format_requires_has_to_be_there():
    with pytest.raises(TenshoError, match="ß"):
        figlet_font({letter: ["#"] for letter in REQUIRED[1:-1]}, baseline=1, space=2)
