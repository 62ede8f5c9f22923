import io
import json
import re

import pyfiglet
import pytest
import torch
from PIL import Image

from tensho.datasets.letters.fonts import build_letter_fonts
from tensho.models.letterer import Letterer, LettererConfig


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "letterer.safetensors"
    Letterer(LettererConfig(widths=(16, 16), symbol_width=8, condition_width=16, evaluations=2)).save(path)
    return path


@pytest.fixture(scope="module")
def fonts():
    return build_letter_fonts(fonts=("big", "doom", "slant", "standard", "small"), synthetic=1)


@pytest.fixture(autouse=True)
def little_set(monkeypatch, tmp_path, fonts):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tensho.datasets.letters.fonts._read_shipped", lambda progress: fonts)


def test_a_banner_is_printed_and_written(run, weights, tmp_path):
    code, out, err = run("ascii", "Hello world", "--model", weights, "--width", 60, "-o", "banner.txt")
    assert (code, err) == (0, "")
    assert (tmp_path / "banner.txt").read_text() == out
    assert max(map(len, out.split("\n"))) <= 60
    assert run("ascii", "Hello world", "--model", weights, "--width", 60)[1] == out


def test_the_shipped_letterer_needs_no_name(run):
    code, out, err = run("ascii", "Hello", "--style", "halves")
    assert (code, err) == (0, "")
    assert set(out) <= set(".:' \n")


def test_the_report_is_json(run, weights):
    code, out, _ = run("ascii", "Hi", "--model", weights, "--style", 7, "--json")
    report = json.loads(out)
    assert code == 0
    assert report["style"] == "7"
    assert max(map(len, report["art"].split("\n"))) <= report["width"] <= 80


def test_watching_prints_the_banner_alone_where_there_is_no_terminal(run, weights):
    assert run("ascii", "Hi", "--model", weights, "--watch") == run("ascii", "Hi", "--model", weights)


def test_text_of_other_scripts_is_drawn(run, weights):
    for text in ("é", "Ж", "漢字"):
        code, out, _ = run("ascii", text, "--model", weights)
        assert code == 0
        assert out.isascii()
    assert not run("ascii", "漢字", "--exact", "braille")[1].isascii()


@pytest.fixture
def pipe(monkeypatch):
    def pipe(content):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))

    return pipe


def test_a_font_of_figlet_is_set_by_name_and_by_file(run, tmp_path):
    drawn = pyfiglet.figlet_format("Hi you", "small").rstrip("\n ")
    assert run("ascii", "Hi", "you", "-f", "small")[1].rstrip() == "\n".join(
        line.rstrip() for line in drawn.split("\n")
    )
    (tmp_path / "mine.flf").write_text(pyfiglet.FigletFont.preloadFont("small"), newline="\r\n")
    assert run("ascii", "Hi you", "-f", "./mine.flf") == run("ascii", "Hi you", "-f", "small")


def test_the_style_of_a_font_file_is_followed(run, weights, tmp_path):
    (tmp_path / "mine.flf").write_text(pyfiglet.FigletFont.preloadFont("small"), newline="\r\n")
    by_file = run("ascii", "Hi", "--like", "./mine.flf", "--model", weights)
    assert by_file[0] == 0
    assert by_file == run("ascii", "Hi", "--like", "small", "--model", weights)


def test_text_is_piped_in(run, pipe):
    pipe("a\tb\n\n c".encode("utf-8-sig"))
    code, out, err = run("ascii", "-f", "term")
    assert (code, err) == (0, "")
    assert out == "a       b\n\n c\n"


def test_a_banner_is_a_comment(run, tmp_path):
    code, out, _ = run("ascii", "Hi", "-f", "small", "--comment", "python", "-o", "hi.py")
    assert code == 0
    assert all(line.startswith("#") for line in out.splitlines())
    compile((tmp_path / "hi.py").read_text(), "hi.py", "exec")


def test_lines_are_justified_and_written_to_the_left(run):
    assert run("ascii", "ab", "-f", "term", "-w", "9", "--justify", "right")[1] == "       ab\n"
    assert run("ascii", "ab", "-f", "term", "-w", "9", "-R")[1] == "       ba\n"
    assert run("ascii", "ab", "-f", "term", "-w", "9", "-R", "--justify", "left")[1] == "ba\n"


def test_colours_are_for_terminals(run, monkeypatch):
    plain = run("ascii", "Hi", "-f", "small")
    assert run("ascii", "Hi", "-f", "small", "--color", "fire") == plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")
    coloured = run("ascii", "Hi", "-f", "small", "--color", "red,blue")[1]
    assert "\x1b[38;2;255;0;0m|" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("ascii", "Hi", "-f", "small", "--color", "red,blue") == plain


def test_a_page_a_drawing_and_a_picture_are_written(run, tmp_path):
    files = ("--html", "a.html", "--svg", "a.svg", "--png", "a.png")
    code, _, err = run("ascii", "Hi", "-f", "small", *files, "--color", "ocean", "--background", "#202030")
    assert (code, err) == (0, "")
    assert "#202030" in (tmp_path / "a.html").read_text()
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.getpixel((0, 0)) == (0x20, 0x20, 0x30)


def test_a_font_is_written_that_draws_what_the_command_draws(run, weights):
    code, out, err = run(
        "export", "flf", "--style", "brick", "-o", "mine.flf", "--model", weights, "--also", "é漢"
    )
    assert (code, err) == (0, "")
    assert out.startswith("104 characters")
    drawn = run("ascii", "Hang Ren", "-f", "./mine.flf")[1]
    assert drawn == run("ascii", "Hang Ren", "--style", "brick", "--model", weights)[1]
    assert run("ascii", "é漢ß", "-f", "./mine.flf")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "mine.txt"),
        ("-o", "mine.flf", "--style", "nobody"),
        ("-o", "mine.flf", "--like", "nobody"),
        ("-o", "mine.flf", "--like", "big", "--style", "brick"),
        ("-o", "mine.flf", "--layout", "full"),
        ("-o", "mine.flf", "--also", "😀"),
        (),
    ],
)
def test_a_font_that_cannot_be_made_is_refused(run, says_one_line, tmp_path, weights, arguments):
    says_one_line(*run("export", "flf", *arguments, "--model", weights))
    assert {item.name for item in tmp_path.iterdir()} <= {"home"}


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_what_is_no_text_is_not_piped_in(run, pipe, says_one_line, content):
    pipe(content)
    says_one_line(*run("ascii", "-f", "term"))


def test_a_terminal_is_not_waited_for(run, monkeypatch, says_one_line):
    monkeypatch.setattr("sys.stdin", io.StringIO("never read"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    says_one_line(*run("ascii", "-f", "term"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("",),
        (" \t\n ",),
        ("😀",),
        ("שלום",),
        ("Hi", "--width", "3"),
        ("Hi", "--width", "many"),
        ("Hi", "--reference", "empty.txt"),
        ("Hi", "--reference", "binary.txt"),
        ("Hi", "--reference", "nowhere.txt"),
        ("Hi", "--like", "nobody"),
        ("Hi", "--style", "nobody"),
        ("Hi", "--steps", "0"),
        ("Hi", "-o", "empty.txt/banner.txt"),
        ("Hi", "--like", "big", "--exact", "blocks"),
        ("Hi", "--like", "empty.txt"),
        ("Hi", "--like", "nowhere.flf"),
        ("Hi", "--layout", "full"),
        ("Hi", "--justify", "up"),
        ("Hi", "--comment", "klingon"),
        ("Hi", "-f", "nobody"),
        ("Hi", "-f", "small", "--color", "nothing"),
        ("Hi", "-f", "small", "--background", "nothing"),
        ("Hi", "-f", "small", "--png", "a.txt"),
        ("Hi", "-f", "small", "--svg", "empty.txt/a.svg"),
        ("Hi", "-f", "./binary.txt"),
        ("Hi", "-f", "nowhere.flf"),
        ("漢", "-f", "small"),
        ("Hi", "-f", "small", "--layout", "apart"),
        ("Hi", "-f", "small", "--width", "2"),
        ("Hi", "-f", "small", "--style", "brick"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(run, says_one_line, tmp_path, weights, arguments):
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    says_one_line(*run("ascii", *arguments, "--model", weights))
    assert {item.name for item in tmp_path.iterdir()} <= {"empty.txt", "binary.txt", "home"}


def test_a_ragged_reference_is_read(run, tmp_path, weights):
    (tmp_path / "mine.txt").write_text("=== A\n /\\\n/--\\\n\n=== I\n|\n|\n|\n")
    code, out, _ = run("ascii", "AI", "--reference", "mine.txt", "--model", weights)
    assert code == 0
    assert out == " /\\  |\n/--\\ |\n     |\n"
