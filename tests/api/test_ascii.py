import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tensho
from tensho.ascii_art.reference import read_reference
from tensho.ascii_art.styles import NAMED_STYLES
from tensho.errors import TenshoError
from tensho.text.ascii_grid import SYMBOLS, lines_of


@pytest.fixture(autouse=True)
def little_set(fonts, monkeypatch):
    monkeypatch.setattr("tensho.api.ascii.letter_fonts", lambda progress=None: fonts)


def draw(text, weights, **options):
    return tensho.ascii(text, model=weights, **options)


def check(art, width):
    assert len({len(line) for line in art.lines}) == 1
    assert len(art.lines[0]) <= width
    assert set("".join(art.lines)) <= set(SYMBOLS)
    assert not any(line.endswith(" ") for line in art.text.split("\n"))


texts = st.text(
    st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("é Жß\n\t漢"), max_size=12
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, st.integers(24, 120), st.sampled_from(("apart", "kern", "smush")), st.integers(0, 9))
def test_banners_are_printable_rectangles(weights, text, width, layout, seed):
    if text.split():
        check(draw(text, weights, width=width, layout=layout, seed=seed), width)


def test_the_same_request_draws_the_same(weights):
    assert str(draw("Hello", weights, seed=3)) == str(draw("Hello", weights, seed=3))
    assert str(draw("Hello", weights, seed=3)) != str(draw("Hello", weights, seed=4))


def test_one_letter_is_drawn_one_way(weights):
    lines = draw("oo", weights, style=5).lines
    half = (len(lines[0]) - 1) // 2
    assert [line[:half] for line in lines] == [line[half + 1 :] for line in lines]


@pytest.mark.parametrize("name", NAMED_STYLES)
def test_letters_of_a_named_style_are_as_drawn(weights, name):
    from importlib.resources import files

    path = files("tensho.ascii_art") / "named_styles" / f"{name}.txt"
    given = read_reference(Path(str(path)))
    art = draw("H", weights, style=name)
    assert list(art.lines) == lines_of(given["H"])


def test_a_reference_is_followed(weights, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("=== A\n /\\\n/--\\\n=== L\n|\n|__\n")
    art = draw("AL", weights, reference=path, layout="apart")
    assert list(art.lines) == [" /\\  |  ", "/--\\ |__"]
    assert len(draw("Abc", weights, reference=path).lines) == 2


def test_a_figlet_font_is_followed_and_not_copied_from(weights, fonts):
    art = draw("Ham", weights, like="standard")
    assert art.style == "standard"
    check(art, 80)


def test_frames_lead_from_nothing_to_the_banner(weights):
    art = draw("Hi", weights, steps=4, style=1)
    frames = list(art.frames())
    assert len(frames) == 5
    shown = [sum(line.count("?") for line in frame) for frame in frames]
    assert shown == sorted(shown, reverse=True)
    assert frames[-1] == list(art.lines)
    assert "?" in frames[0][0]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", {}),
        ("   ", {}),
        ("\t\n \n", {}),
        ("Hi 😀", {}),
        ("שלום", {}),
        ("a\x00", {}),
        ("Hi", {"width": 3}),
        ("Hi", {"width": 0}),
        ("Hi", {"width": -5}),
        ("Hi", {"style": "nobody"}),
        ("Hi", {"like": "nobody"}),
        ("Hi", {"reference": "nowhere.txt"}),
        ("Hi", {"style": "block", "like": "big"}),
        ("Hi", {"exact": "pixels"}),
        ("Hi", {"layout": "tight"}),
        ("Hi", {"steps": 0}),
        ("Hi", {"model": "walkback"}),
        ("".join(map(chr, range(0x4E00, 0x5100))), {}),
    ],
)
def test_bad_input_is_refused(weights, text, options):
    with pytest.raises(TenshoError) as caught:
        tensho.ascii(text, **{"model": weights, **options})
    assert "\n" not in str(caught.value)


def test_much_text_takes_no_longer_than_its_letters(weights):
    art = draw("the quick brown fox " * 5000, weights, style="halves")
    check(art, 80)
    assert len(art.lines) > 5000


def test_combining_marks_belong_to_their_letter(weights):
    assert str(draw("é", weights)) == str(draw("e\u0301", weights))
    check(draw("x\u030cy", weights), 80)


@pytest.mark.parametrize("exact", ["braille", "blocks"])
def test_exact_letters_need_no_model(exact):
    art = tensho.ascii("漢 é", exact=exact, model="nobody")
    assert len({len(line) for line in art.lines}) == 1
    assert any(ord(sign) > 127 for sign in art.text)


def test_the_shipped_letterer_draws_without_being_named():
    art = tensho.ascii("Sky 7", style="block", width=60)
    check(art, 60)
    assert str(art) == str(tensho.ascii("Sky 7", style="block", width=60, model="letterer"))
    assert set(art.text) <= set("# \n")


def test_fonts_and_exact_letters_need_no_torch():
    script = (
        "import sys, tensho; tensho.ascii('Hi', font='small'); tensho.ascii('Hi', exact='braille'); "
        "print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_a_banner_is_saved_in_the_form_that_its_name_says(tmp_path):
    art = tensho.ascii("Hi", font="small")
    for name in ("a.txt", "a.html", "a.svg", "a.png"):
        art.save(tmp_path / name, gradient="gold")
    assert (tmp_path / "a.txt").read_text() == str(art) + "\n"
    with pytest.raises(TenshoError, match="ending"):
        art.save(tmp_path / "a.docx")
