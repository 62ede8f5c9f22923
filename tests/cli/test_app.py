import json
import shutil
import subprocess
import sys

import pytest
import torch
from PIL import Image


def test_help_does_not_import_what_is_heavy():
    script = (
        "import sys; from tensho.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'numpy', 'PIL', 'huggingface_hub') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "dream" in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("group", [(), ("export",)])
def test_a_group_without_a_command_shows_its_help(run, group):
    code, out, err = run(*group)
    assert (code, err) == (0, "")
    assert "Usage: tensho" in out


def test_help_names_the_variables(run):
    assert "TENSHO_HOME" in run("--help")[1]


def test_the_command_and_the_module_are_the_same(run):
    result = subprocess.run([sys.executable, "-m", "tensho", "--version"], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == run("--version")[:2]


def test_dream_draws_a_grid_and_the_same_bytes_again(run, small_weights, tmp_path):
    for name in ("a.png", "b.png"):
        code, out, _ = run("dream", "--model", small_weights, "--seed", 3, "-n", 9, "-o", name)
        assert code == 0
        assert name in out
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (448, 448)


def test_dream_draws_curves(run, tmp_path):
    code, _, _ = run("dream", "-n", 3, "-o", "dream.svg")
    assert code == 0
    assert (tmp_path / "dream.svg").read_text().count("<path") == 3


def test_styles_of_lettering_are_listed_with_a_letter(run):
    code, out, _ = run("styles", "--ascii")
    assert code == 0
    assert "block" in out
    assert "##" in out
    assert {style["name"] for style in json.loads(run("styles", "--ascii", "--json")[1])} >= {"block", "wire"}


def test_dream_draws_the_walk(run, small_weights, tmp_path):
    assert run("dream", "--model", small_weights, "-n", 1, "--walk", "walk.png")[0] == 0
    with Image.open(tmp_path / "walk.png") as picture:
        assert picture.width > picture.height > 300


def test_dream_reports_json(run, small_weights):
    code, out, err = run("dream", "--model", small_weights, "-n", 2, "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert report["out"] == "dream.png"
    assert [glyph["index"] for glyph in report["glyphs"]] == [0, 1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("dream", "-n", "0"),
        ("dream", "-n", "-3"),
        ("dream", "-n", "many"),
        ("dream", "--model", "nobody"),
        ("dream", "--steps", "0"),
        ("dream", "--steps", "1000000000"),
        ("dream", "--steps", "9" * 400),
        ("dream", "-n", "1000000000"),
        ("dream", "-n", "100000", "--size", "4096"),
        ("dream", "--seed", "9" * 30),
        ("ascii", "Hi", "--steps", "1000000000"),
        ("ascii", "Hi", "--width", "1000000000000"),
        ("write", "moon", "-n", "1000000000"),
        ("nearest", "龍", "-k", "1000000000"),
        ("describe", "龍", "-k", "1000000000"),
        ("data", "build", "--size", "1000000000"),
        ("data", "build", "--processes", "1000000000"),
        ("data", "pairs", "--size", "1000000000"),
        ("data", "pairs", "--processes", "1000000000"),
        ("evaluate", "gan", "-n", "1000000000000"),
        ("evaluate", "gan", "--seeds", "1000000000"),
        ("export", "book", "b.pdf", "--pages", "1000000000"),
        ("export", "gif", "g.gif", "-n", "1000000000"),
        ("export", "images", "i", "-n", "1000000000"),
        ("export", "font", "f.ttf", "-n", "1000000000"),
        ("export", "flf", "f.flf", "--steps", "1000000000"),
        ("adapt", "x.ttf", "-n", "1000000000"),
        ("adapt", "x.ttf", "--minutes", "0"),
        ("adapt", "x.ttf", "--minutes", "-1"),
        ("train", "walkback", "--batch-size", "1000000000"),
        ("train", "walkback", "--size", "1000000000"),
        ("train", "walkback", "--threads", "1000000000"),
        ("train", "ddpm", "--blocks", "1000000000"),
        ("train", "ddpm", "--widths", "1000000000,64"),
        ("train", "ddpm", "--widths", ",".join(["64"] * 1000)),
        ("train", "ddpm", "--noise-steps", "1000000000"),
        ("train", "vae", "--latent", "1000000000"),
        ("train", "vae", "--beta", "inf"),
        ("train", "vae", "--widths", "4096,4096,4096,4096"),
        ("dream", "--seed", "x"),
        ("dream", "--no-such-flag"),
        ("dream", "-o", "dream.docx"),
        ("dream", "-o", "file/dream.png"),
        ("dream", "-o", "/proc/nowhere/dream.png"),
        ("nothing",),
        ("train", "nobody"),
        ("train", "walkback", "--preset", "nobody"),
        ("train", "walkback", "--features", "0"),
        ("train", "walkback", "--batch-size", "many"),
        ("train", "walkback", "--data", "nowhere"),
        ("train", "walkback", "--data", "mnist:nowhere"),
        ("models", "nobody"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(run, says_one_line, tmp_path, small_weights, arguments):
    (tmp_path / "file").write_text("")
    if arguments[:2] == ("dream", "-o"):
        arguments = (*arguments, "--model", small_weights, "-n", 1)
    says_one_line(*run(*arguments))
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("damage", ["truncated", "pickle", "stranger"])
def test_a_bad_weight_file_is_one_line(run, says_one_line, tmp_path, small_weights, damage):
    path = tmp_path / "w.safetensors"
    if damage == "truncated":
        path.write_bytes(small_weights.read_bytes()[:-100])
    elif damage == "pickle":
        torch.save({"w": torch.zeros(3)}, path)
    else:
        from safetensors.torch import save_file

        save_file({"w": torch.zeros(3)}, path)
    says_one_line(*run("dream", "--model", path))
    assert [item.name for item in tmp_path.iterdir()] == ["w.safetensors"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_no_room_is_one_line_and_leaves_nothing(says_one_line, tmp_path, small_weights):
    command = f"ulimit -f 1; exec {sys.executable} -m tensho dream --model {small_weights} -o new/dream.png"
    result = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert "File too large" in says_one_line(result.returncode, result.stdout, result.stderr)
    assert list(tmp_path.iterdir()) == []


def test_models_lists_what_is_at_hand(run, small_weights, tmp_path):
    code, out, _ = run("models", "--json")
    assert code == 0
    assert "walkback" in [weights["name"] for weights in json.loads(out)]
    shutil.copy(small_weights, tmp_path / "mine.safetensors")
    (tmp_path / "mine.md").write_text("# Mine")
    assert run("models", tmp_path / "mine.safetensors")[1].strip() == "# Mine"


def test_train_lists_every_setting_of_a_family(run):
    _, out, _ = run("train", "walkback", "--help")
    for flag in ("--features", "--learning-rate", "--minutes", "--preset", "--data"):
        assert flag in out
