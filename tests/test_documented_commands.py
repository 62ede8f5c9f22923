"""The commands of README.md and the site can be what they are called; `make docs` also runs them."""

import pytest

from tools.documented_commands import Command, as_run, commands, fault_of, pages

EVERY = [command for page in pages() for command in commands(page)]


def test_there_are_commands_to_check():
    assert len(EVERY) > 80


@pytest.mark.parametrize("command", EVERY, ids=str)
def test_a_command_is_right(command):
    assert fault_of(command) is None


@pytest.mark.parametrize(
    "words",
    [
        ("tensho", "dreem"),
        ("tensho", "dream", "--stile", "mincho"),
        ("tensho", "train", "walkback", "--no-such-setting", "3"),
        ("pip", "install", ".[nothing]"),
        ("make", "tea"),
        ("python", "-m", "benchmarks.nothing"),
        ("rm", "-rf", "runs"),
    ],
)
def test_what_is_wrong_is_found(words):
    assert fault_of(Command("page.md", 1, words)) is not None


def test_a_page_is_read_as_a_shell_reads_it(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ A=1 .venv/bin/tensho dream -n 3 \\\n    --seed 4    # dreams\n$ git log | tensho ascii -f 'a b'\nsaid\n```\n"
        "```text\n$ tensho nothing\n```\n"
    )
    found = [command.words for command in commands(page, tmp_path)]
    assert found == [
        ("tensho", "dream", "-n", "3", "--seed", "4"),
        ("git", "log"),
        ("tensho", "ascii", "-f", "a b"),
    ]


def test_long_runs_are_made_short():
    assert as_run(Command("p", 1, ("tensho", "dream", "-n", "500"))) == ["dream", "-n", "500", "-n", "2"]
