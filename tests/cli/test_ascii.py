import json

import pytest
import torch

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
    monkeypatch.setattr("tensho.datasets.letters.fonts.build_letter_fonts", lambda progress: fonts)


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
