"""Kills at random moments: does a training that goes on end as one that was never stopped, and is no file ever half there?

    python -m benchmarks.faults [--kills 50] [--others 20] [--seed 0]

Every command runs in a process that is forked from this one, so that it starts in milliseconds, and gets SIGKILL at a random
moment of the time that it takes undisturbed. Printed at the end:

- of runs of three families, each in a new folder: how many were killed, and how many of those that were begun again with the
  same command ended with the same weights, bit for bit, as a run that was not killed;
- of `data build`, `export font`, `export images` and `complete`, half of the times over an earlier result: how many were
  killed, after how many the result was absent, the old or the new one, and after how many it was anything else, which must
  be none; and how many of the commands, given again, ended with the result of an undisturbed run;
- the hidden files that kills left behind, which are cleared away an hour later;
- Ctrl-C, a full disk, a folder that cannot be written and two commands at once, each with its exit code.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pylopdf_fonts_jp
from fontTools import subset
from fontTools.ttLib import TTFont

CHARACTERS = (
    "江河海清注油泉湖港湯滝瀧龍襲聾籠語話読記計詩訓設森林校村松杉板柱根桜梅銀銅鉄鈴銘青晴精請情静時明暗晩"
    "星早草花茶英苦荷薬若菜園国囲図固因団問間聞開関閉"
)
TINY = ["--steps", "24", "--save-every", "6", "--log-every", "4", "--sample-every", "0", "--batch-size", "4"]
TINY += ["--threads", "1", "--device", "cpu", "--precision", "fp32", "--data", "glyphs"]
FAMILIES = {
    "walkback": ["--size", "32", "--features", "2", "--levels", "2", "--temperatures", "2"],
    "vae": ["--size", "32", "--widths", "8,16", "--details", "0,0", "--latent", "8"],
    "gan": ["--size", "32", "--latent", "8", "--generator-widths", "16,8", "--discriminator-widths", "8,16"],
}

Digest = Callable[[Path], str]


def forked(arguments: Sequence[str], *, before: Callable[[], None] = lambda: None) -> int:
    """Start a command in a process of its own, silent; its process number."""
    number = os.fork()
    if number:
        return number
    os.setsid()
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        before()
        from tensho.cli import main

        main(list(arguments))
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    except BaseException:
        os._exit(99)
    os._exit(0)


def waited(number: int) -> int:
    """The exit code of a process; negative for the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def killed(arguments: Sequence[str], after: float, signal_number: int = signal.SIGKILL) -> int:
    """Run a command and send a signal to it, and to all that it started, after so many seconds; its exit code."""
    number = forked(arguments)
    until = time.monotonic() + after
    while time.monotonic() < until:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    for _ in range(100):
        try:
            os.killpg(number, signal_number)
            break
        except ProcessLookupError:  # before it made a group of its own
            time.sleep(0.002)
    return waited(number)


def seconds_of(arguments: Sequence[str]) -> float:
    """How long a command takes that nobody kills."""
    started = time.monotonic()
    code = waited(forked(arguments))
    assert code == 0, (arguments, code)
    return time.monotonic() - started


def of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def of_weights(path: Path) -> str:
    """Of tensors and metadata, which safetensors writes in an order of its own each time."""
    from tensho.models.weight_file import read_weights

    tensors, metadata = read_weights(path)
    digest = hashlib.sha256(repr(sorted(metadata.items())).encode())
    for name in sorted(tensors):
        digest.update(name.encode() + tensors[name].numpy().tobytes())
    return digest.hexdigest()


def of_folder(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(item for item in path.rglob("*") if item.is_file()):
        digest.update(f"{file.relative_to(path)} {of_file(file)}\n".encode())
    return digest.hexdigest()


def leftovers(folder: Path) -> int:
    return sum(1 for path in folder.rglob(".*-unfinished-*"))


def small_font(folder: Path) -> Path:
    """Noto Serif JP with a hundred characters."""
    options = subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True)
    with TTFont(pylopdf_fonts_jp.serif_path()) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=CHARACTERS)
        subsetter.subset(font)
        path = folder / "little.otf"
        font.save(path)
    return path


def build_of(font: Path) -> list[str]:
    """The command that builds the set of one font, but for its place."""
    return [*["data", "build", "--size", "32", "--only-given", "--processes", "1", "--face"], str(font)]


def trainings(folder: Path, kills: int, chance: random.Random) -> None:
    """Kill trainings and begin them again."""
    wholes: dict[str, tuple[float, str]] = {}
    for family, flags in FAMILIES.items():
        command = ["train", family, *TINY, *flags, "-o", str(folder / f"{family}-whole")]
        wholes[family] = seconds_of(command), of_weights(folder / f"{family}-whole" / "weights.safetensors")
    same: Counter[str] = Counter()
    done: Counter[str] = Counter()
    ends: Counter[int] = Counter()
    again: Counter[str] = Counter()
    while done.total() < kills:
        family = list(FAMILIES)[done.total() % len(FAMILIES)]
        seconds, expected = wholes[family]
        place = folder / f"{family}-{done.total()}"
        command = ["train", family, *TINY, *FAMILIES[family], "-o", str(place)]
        code = killed(command, chance.uniform(0, seconds))
        while code == -signal.SIGKILL and chance.random() < 0.3:  # and now and then once more
            again[family] += 1
            code = killed(command, chance.uniform(0, seconds))
        ends[code] += 1
        if code == 0:  # it was through before
            shutil.rmtree(place)
            continue
        done[family] += 1
        if waited(forked(command)) == 0 and of_weights(place / "weights.safetensors") == expected:
            same[family] += 1
        shutil.rmtree(place)
    for family in FAMILIES:
        print(
            f"| train {family} | {wholes[family][0]:.1f} s | {done[family]} runs, {again[family]} of them killed again | "
            f"{same[family]} of {done[family]} end with the same weights |"
        )


def results(folder: Path, kills: int, chance: random.Random) -> None:
    """Kill what makes a file or a folder."""
    font = small_font(folder)
    ids = [flag for text in ("⿰氵青", "⿰言森", "⿱艹明", "⿴囗龍") for flag in ("--ids", text)]
    drawn = ["--face", str(font), "-n", "0", *ids]
    tasks: dict[str, tuple[list[str], str, Digest]] = {
        "data build": ([*build_of(font), "--force", "--out"], "set", of_folder),
        "export font": (["export", "font", *drawn, "-o"], "made.ttf", of_file),
        "export images": (["export", "images", *drawn, "--size", "256", "-o"], "pictures", of_folder),
        "complete": (
            ["complete", str(font), "--to", "請語森湖⿰言森⿱艹明", "--no-ocr", "-o"],
            "completed.otf",
            of_file,
        ),
    }
    for name, (command, file, digest) in tasks.items():
        whole = folder / "whole" / file
        seconds = seconds_of([*command, str(whole)])
        seconds = seconds_of([*command, str(whole)])  # with what was cut and kept
        expected = digest(whole)
        found: Counter[str] = Counter()
        finished = left = 0
        while found.total() < kills // len(tasks):
            place = folder / f"{name.replace(' ', '-')}-{found.total()}-{chance.randrange(10**9)}"
            place.mkdir()
            old = ""
            if chance.random() < 0.5:
                # Any earlier result: the same command's, and then something in it that it would not have written.
                if whole.is_dir():
                    shutil.copytree(whole, place / file)
                    next(
                        item for item in sorted((place / file).iterdir()) if item.suffix != ".json"
                    ).write_bytes(b"old")
                else:
                    (place / file).write_bytes(b"old")
                old = digest(place / file)
            if killed([*command, str(place / file)], chance.uniform(0, seconds)) != -signal.SIGKILL:
                continue
            if not (place / file).exists():
                found["absent" if not old else "LOST"] += 1
            else:
                now = digest(place / file)
                found["new" if now == expected else "old" if now == old else "HALF"] += 1
            left += leftovers(place)
            finished += (
                waited(forked([*command, str(place / file)])) == 0 and digest(place / file) == expected
            )
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))
        print(
            f"| {name} | {seconds:.1f} s | {found.total()} killed: {told} | {finished} finish as undisturbed; {left} leftovers |"
        )


def other_faults(folder: Path) -> None:
    """What else can go wrong, each once."""
    train = ["train", "walkback", *TINY, *FAMILIES["walkback"], "--steps", "120", "-o"]
    whole = seconds_of([*train, str(folder / "ctrl-c-whole")])
    expected = of_weights(folder / "ctrl-c-whole" / "weights.safetensors")
    code = killed([*train, str(folder / "ctrl-c")], 0.6 * whole, signal.SIGINT)
    again = waited(forked([*train, str(folder / "ctrl-c")]))
    same = of_weights(folder / "ctrl-c" / "weights.safetensors") == expected
    print(f"| Ctrl-C in a training | exit {code} | again: exit {again} | the same weights: {same} |")

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    for name, command, place in (
        ("a training", train, "full-train"),
        ("export font", ["export", "font", "-n", "2", "-o"], "full.ttf"),
        ("dream", ["dream", "-n", "2", "-o"], "full.png"),
    ):
        code = waited(forked([*command, str(folder / place)], before=small_files))
        left = sorted(path.name for path in folder.glob(f"*{place}*"))
        print(f"| no room for files, {name} | exit {code} | | left behind: {', '.join(left) or 'nothing'} |")
    for name, command, place in (
        ("a training", train, "run"),
        ("dream", ["dream", "-n", "2", "-o"], "d.png"),
    ):
        code = waited(forked([*command, f"/proc/nowhere/{place}"]))
        print(f"| a folder that cannot be written, {name} | exit {code} | | |")

    def no_home() -> None:
        os.environ["TENSHO_HOME"] = "/proc/nowhere"

    code = waited(forked(["dream", "-n", "2", "-o", str(folder / "homeless.png")], before=no_home))
    print(f"| a home that cannot be written, dream | exit {code} | | |")
    first, second = (forked([*train, str(folder / "shared")]) for _ in range(2))
    codes = sorted((waited(first), waited(second)))
    same = of_weights(folder / "shared" / "weights.safetensors") == expected
    print(f"| two trainings in one folder | exits {codes} | | the same weights: {same} |")
    builds = [*build_of(folder / "little.otf"), "--out", str(folder / "shared-set")]
    first, second = (forked(builds) for _ in range(2))
    codes = sorted((waited(first), waited(second)))
    same = of_folder(folder / "shared-set") == of_folder(folder / "whole" / "set")
    print(f"| two builds of one set | exits {codes} | | the same set: {same} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--others", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with TemporaryDirectory(prefix="faults-") as home:
        folder = Path(home)
        os.environ["TENSHO_HOME"] = str(folder / "home")
        import torch

        torch.set_num_threads(1)  # so that a fork has no threads that it would miss
        import torch.utils.tensorboard

        from tensho.cli import main as main_of_tensho
        from tensho.ids.decomposition import decompositions
        from tensho.models.registry import FAMILIES as ROWS

        decompositions()
        for family in FAMILIES:
            assert ROWS[family].model_class is not None
        font = small_font(folder)
        built = ["data", "build", "--size", "32", "--only-given", "--face", str(font), "--processes", "1"]
        assert waited(forked(built)) == 0
        for (
            family,
            flags,
        ) in FAMILIES.items():  # once in this process, so that all that is imported late is there
            with suppress(SystemExit):
                main_of_tensho(
                    ["train", family, *TINY, *flags, "--steps", "1", "-o", str(folder / f"{family}-first")]
                )
        started = time.monotonic()
        print("| what | undisturbed | killed | and then |\n|---|---|---|---|")
        trainings(folder, options.kills, chance)
        results(folder, options.others, chance)
        other_faults(folder)
        cpu = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        print(f"\n{time.monotonic() - started:.0f} s, {cpu:.0f} s of them of the processor")


if __name__ == "__main__":
    main()
