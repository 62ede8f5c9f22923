"""Every command in README.md and docs/: are they right, and do they run?

    python -m tools.documented_commands

`faults_of` says in a moment whether a command can be what it is called: its options are those of the command, its extras, make
targets, scripts and modules are there. The test suite asks that of all of them. `main` also runs them, which `make docs` does,
each page in a folder of its own, where the files are that readers are said to have. Runs are made shorter by options put at the end.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import multiprocessing
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
GENERATED = ("docs/benchmarks/records", "docs/models/cards", "docs/reference/commands")

_FENCE = re.compile(r"^(```+)console\n(.*?)^\1$", re.M | re.S)
_COMMENT = re.compile(r"\s#\s.*$")

OTHER_PROGRAMS = {"git", "cd", "figlet", "hf", "source"}
"""Of others; what they are told is their matter."""

SUBSTITUTES = {
    "jis2004": "沐淋汨",
    "gb18030-l2": "沐淋汨",
    "MyFont.ttf#wght=700": "MyFont.otf",
    "bguisard/stable-diffusion-nano-2-1": "tiny-nano",
    "CompVis/stable-diffusion-v1-4": "tiny-v1-4",
    "DIR_OR_ID": "tiny",
    "BASE": "tiny",
    "…": "tiny",
    "pairs-512": "pairs",
    "runs/myfont": "brush",
}
"""What a command is run with instead: less of the same kind, or what a reader would have."""

SHORTER: dict[tuple[str, ...], tuple[str, ...]] = {
    ("dream", "--model"): ("-n", "2", "--steps", "2"),
    ("dream",): ("-n", "2"),
    ("export", "gif", "noise.gif"): ("--steps", "2"),
    ("write",): ("-n", "2"),
    ("ascii",): ("--steps", "2"),
    ("complete",): ("--no-ocr",),
    ("data", "pairs"): ("--characters", "水火木金土日月山川田", "--size", "64", "--processes", "1"),
    ("data", "build"): ("--characters", "characters.txt", "--processes", "1"),
    ("train",): ("--minutes", "0.01", "--batch-size", "4", "--threads", "1"),
    ("finetune",): (
        "--steps",
        "2",
        "--batch-size",
        "2",
        "--save-every",
        "2",
        "--sample-every",
        "0",
        "--threads",
        "1",
    ),
    ("export", "font"): ("-n", "2"),
    ("export", "book"): ("-n", "40", "--pages", "8"),
    ("export", "images"): ("-n", "2"),
    ("export", "flf"): ("--steps", "1"),
}
"""Options that make a run short, put at the end, where they count."""

NOT_RUN = {
    ("studio",): "serves until it is stopped; tests/studio opens it",
    ("evaluate",): "takes minutes; tests/evaluate measures with little",
    ("train", "gan"): "reads MNIST, which a reader has to have; tests/datasets reads files of its form",
    ("adapt", "MyFont.otf"): "trains for minutes; tests/api/test_adapt.py trains for seconds",
    ("dream", "--model", "runs/"): "draws with what was trained before it; tests/train do",
    ("dream", "--ids-data"): "needs a table of all of Unicode; tests/api/test_tables.py reads small ones",
}
"""Commands that begin so are checked, and not run, and why."""


@dataclass(frozen=True)
class Command:
    """One command of a page.

    Attributes:
        page: its path from the root of the repository.
        line: where its block begins.
        words: as a shell would hand them on.
    """

    page: str
    line: int
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {shlex.join(self.words)}"

    @property
    def arguments(self) -> tuple[str, ...] | None:
        """What is handed to ``tensho``; None: it is another program."""
        words = self.words
        if words[0] == "accelerate" and "tensho" in words:
            return words[words.index("tensho") + 1 :]
        return words[1:] if words[0] == "tensho" else None


def pages(root: Path = ROOT) -> list[Path]:
    """README.md and the pages of the site that are written by hand."""
    found = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return [page for page in found if not page.relative_to(root).as_posix().startswith(GENERATED)]


def commands(page: Path, root: Path = ROOT) -> Iterator[Command]:
    """The commands of a page, in order: what follows ``$`` in its blocks of the kind ``console``."""
    text = page.read_text(encoding="utf-8")
    for block in _FENCE.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        for said in block[2].replace("\\\n", " ").splitlines():
            if said.startswith("$ "):
                for words in _simple_commands(_COMMENT.sub("", said[2:])):
                    yield Command(page.relative_to(root).as_posix(), line, words)


def _simple_commands(said: str) -> Iterator[tuple[str, ...]]:
    """A line without what joins commands, where they are installed, and variables before them."""
    # Placeholders in angle brackets are no redirections.
    lexer = shlex.shlex(re.sub(r"<([^>]*)>", r"'\1'", said), posix=True, punctuation_chars="&|;")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word in ("&&", "|", ";"):
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                words.pop(0)
            if words:
                yield (words[0].removeprefix(".venv/bin/"), *words[1:])
            words = []
        else:
            words.append(word)


def fault_of(command: Command, root: Path = ROOT) -> str | None:
    """What is wrong with a command as it stands, in words; None: nothing that can be seen without running it."""
    program, *words = command.words
    if command.arguments is not None:
        return _parsing_fault(command.arguments)
    if program in ("python", "python3"):
        return _python_fault(words, root)
    if program == "pip":
        return _pip_fault(words, root)
    if program == "make":
        missing = [
            word for word in words if not re.search(rf"^{word}:", (root / "Makefile").read_text(), re.M)
        ]
        return f"the Makefile has no {', '.join(missing)}" if missing else None
    if program.startswith("scripts/"):
        return None if (root / program).exists() else f"there is no {program}"
    return None if program in OTHER_PROGRAMS else f"{program} is no program that this is about"


def _parsing_fault(arguments: Sequence[str]) -> str | None:
    """What the command itself says of its options, without being run."""
    from typer import TyperException

    from tensho.cli.app import COMMANDS

    if not arguments or arguments[0] not in COMMANDS:
        return f"tensho has no command {arguments[:1]}"
    command = _command_line(arguments[0])
    context, rest, name = None, list(arguments), "tensho"
    try:
        while hasattr(command, "resolve_command"):
            context = command.make_context(name, rest, parent=context)
            rest = [*context._protected_args, *context.args]
            name, command, rest = command.resolve_command(context, rest)
        command.make_context(name, rest, parent=context)
    except TyperException as error:
        return str(error.format_message())
    return None


@cache
def _command_line(name: str) -> Any:
    from typer.main import get_command

    from tensho.cli.app import app_of

    return get_command(app_of(name))


def _python_fault(words: Sequence[str], root: Path) -> str | None:
    if words[:1] == ["-m"]:
        found = importlib.util.find_spec(words[1]) is not None
        return None if found else f"there is no module {words[1]}"
    return None if (root / words[0]).exists() else f"there is no {words[0]}"


def _pip_fault(words: Sequence[str], root: Path) -> str | None:
    import tomlkit

    project = tomlkit.parse((root / "pyproject.toml").read_text(encoding="utf-8")).unwrap()["project"]
    extras, needed = (
        project["optional-dependencies"],
        " ".join(
            [
                *project["dependencies"],
                *(each for group in project["optional-dependencies"].values() for each in group),
            ]
        ),
    )
    for word in words:
        asked = re.fullmatch(r"(?:\.|tensho)\[([\w,]+)\]", word)
        if asked:
            missing = set(asked[1].split(",")) - set(extras)
            if missing:
                return f"there is no extra {', '.join(sorted(missing))}"
        elif word not in ("install", "-c", "-e", ".", "--no-deps", "constraints.txt") and word not in needed:
            return f"{word} is nothing that tensho needs"
    return None


def reason_not_to_run(command: Command) -> str | None:
    """Why a command is only checked; None: it is run."""
    if command.words[0] != "tensho":
        return "is about setting up, or another program"
    arguments = command.arguments or ()
    for beginning, reason in NOT_RUN.items():
        places = [k for k, word in enumerate(arguments) if word.startswith(beginning[-1])]
        if arguments[: len(beginning) - 1] == beginning[:-1] and places:
            return reason
    return None


def as_run(command: Command) -> list[str]:
    """The arguments that a command is run with: shorter, and about files that are there."""
    arguments = [SUBSTITUTES.get(word, word) for word in command.arguments or ()]
    for beginning, options in SHORTER.items():
        if tuple(arguments[: len(beginning)]) == beginning:
            # Letters that no network draws have no steps, and who dreams none stays with that.
            as_it_is = {"--exact", "-f", "0"} & set(arguments)
            return arguments if as_it_is else [*arguments, *options]
    return arguments


def prepare(folder: Path) -> None:
    """Put the files into a folder that readers are said to have."""
    import pylopdf_fonts_jp
    from fontTools import subset
    from fontTools.ttLib import TTFont

    from benchmarks.tiny_stable_diffusion import tiny_stable_diffusion
    from tensho.api.compose import compose

    characters = (
        "江河海清注油泉湖港湯滝瀧龍襲聾籠語話読記計詩訓設林校村松杉板柱根桜梅銀銅鉄鈴銘青晴精請情静時明暗晩"
        "星早草花茶英苦荷薬若菜園国囲図固因団問間聞開関閉軽輪転蚊蛇毛宅託森木日月火水土夢猫描氷言車糸"
    )
    with TTFont(pylopdf_fonts_jp.serif_path()) as font:
        subsetter = subset.Subsetter(subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True))
        subsetter.populate(text=characters)
        subsetter.subset(font)
        font.save(folder / "MyFont.otf")
    (folder / "characters.txt").write_text(
        characters + "".join(map(chr, range(0x4E00, 0x4E80))), encoding="utf-8"
    )
    (folder / "names.txt").write_text("⿰言森\n⿱花火\n⿰氵氵氵\n", encoding="utf-8")
    (folder / "ids.txt").write_text("U+3476\t㑶\t⿰亻尾\nU+6C38\t永\t⿱丶水\n", encoding="utf-8")
    (folder / "letters.txt").write_text("=== H\n#  #\n####\n#  #\n=== o\n\n ## \n ## \n", encoding="utf-8")
    (folder / "words.txt").write_text("moon\tyuè\nwinter waterfall\n", encoding="utf-8")
    for name in ("scans", "gaiji"):
        (folder / name).mkdir()
    for character in "永日木林森明晴青":
        compose(character, style="mincho", size=128).save(folder / "scans" / f"{character}.png")
    compose("⿰月猫", style="mincho").save(folder / "scan.png")
    compose("⿰言森", style="mincho").save(folder / "gaiji" / "1.png")
    for name in ("tiny", "tiny-nano", "tiny-v1-4"):
        tiny_stable_diffusion(folder / name)


def run(command: Command, folder: Path) -> tuple[int, str, float]:
    """Run a command of ``tensho`` in a folder, in a process of its own: exit code, what it said, seconds of the processor."""
    receiver, sender = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_in_child, args=(as_run(command), folder, sender))
    process.start()
    sender.close()
    try:
        code, said, seconds = receiver.recv()
    except EOFError:
        code, said, seconds = -1, "it ended without a word", 0.0
    process.join()
    return code, said, seconds


_FORK = multiprocessing.get_context("fork")


def _in_child(arguments: list[str], folder: Path, sender: Any) -> None:
    from tensho.cli import main as tensho

    os.chdir(folder)
    said = io.StringIO()
    code: Any = 1
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            tensho(arguments)
        except SystemExit as left:
            code = left.code or 0
        except BaseException as error:
            said.write(f"{type(error).__name__}: {error}")
    sender.send((code, said.getvalue(), sum(os.times()[:4])))


def _run_page(page: Path, prepared: Path) -> list[str]:
    """Run the commands of a page in order, and say what went wrong."""
    import shutil

    wrong = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "here"
        shutil.copytree(prepared, folder)
        for command in commands(page):
            if reason_not_to_run(command) is None:
                code, said, seconds = run(command, folder)
                print(f"{'ok' if code == 0 else 'NO':3}{seconds:6.1f} s  {command}", flush=True)
                if code != 0:
                    wrong.append(
                        f"{command}\n  run as {shlex.join(as_run(command))}\n  {code}: {said.strip()[-500:]}"
                    )
    return wrong


def main() -> None:
    """Check and run all of them."""
    every = [command for page in pages() for command in commands(page)]
    wrong = [f"{command}\n  {fault}" for command in every if (fault := fault_of(command)) is not None]
    import torch  # here, so that the children need not import it

    import tensho.api.export
    import tensho.models.brush.network  # noqa: F401

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        os.environ.setdefault("TENSHO_HOME", str(Path(place) / "home"))
        prepared = Path(place) / "prepared"
        prepared.mkdir()
        prepare(prepared)
        with ThreadPoolExecutor(2) as pool:
            for found in pool.map(_run_page, pages(), [prepared] * len(pages())):
                wrong += found
    ran = sum(reason_not_to_run(command) is None for command in every)
    print(f"{len(every)} commands, {ran} of them run, {len(wrong)} wrong")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
