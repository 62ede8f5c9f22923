"""Train shipped weights from nothing, by the recipe that lies beside them.

    python -m tools.rebuild_weights NAME        (or FILE.recipe; --list: say what it would do)

A recipe has one stage a line: a `tensho` command, or ``average A B FILE [SETTING=VALUE …]``, which puts weights half way
between two trainings of one family, with the settings of the second; lines that begin with ``#`` are for the reader, and
``{fonts}`` stands for the folder of fonts. Stages run in a folder of their own, where each finds what those before it left.
Trainings go on where they were stopped, so the same command again does.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from tensho.errors import TenshoError
from tensho.models.catalogue import SHIPPED, locate
from tensho.models.registry import family_named
from tensho.models.weight_file import read_weights, write_weights

ROOT = Path(__file__).parent.parent
FONTS = "/usr/share/fonts"

Stage = tuple[str, ...]


def recipe_file(name: str) -> Path:
    """The recipe of shipped weights, or the file that is named.

    Raises:
        TenshoError: there is none.
    """
    path = Path(name) if name.endswith(".recipe") else SHIPPED / f"{name}.recipe"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in SHIPPED.glob("*.recipe")))
        raise TenshoError(f"there is no recipe {name!r}; there are {known}, or give a .recipe file")
    return path


def stages(path: Path, fonts: str = FONTS) -> list[Stage]:
    """The stages of a recipe, each as the words of a command.

    Raises:
        TenshoError: a line is neither a tensho command nor an average of two weights.
    """
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = [tuple(shlex.split(line.replace("{fonts}", fonts), comments=True)) for line in lines]
    for words in filter(None, found):
        if words[0] != "tensho" and not (words[0] == "average" and len(words) >= 4):
            raise TenshoError(
                f"{path.name}: {shlex.join(words)}: a stage is a tensho command, or average A B FILE"
            )
    return [words for words in found if words]


def average(one: Path, other: Path, out: Path, changes: Sequence[str] = ()) -> None:
    """Write weights half way between two files (Wortsman et al. 2022, arXiv 2109.01903), without what one of them lacks.

    Args:
        one: a weight file.
        other: another of its family; its settings and what it tells of its training are kept.
        out: the file to write.
        changes: settings to change, each as ``NAME=VALUE`` with the value in JSON.

    Raises:
        TenshoError: the files do not fit each other, or a setting is wrong.
    """
    (first, about), (second, metadata) = read_weights(one), read_weights(other)
    if about.get("family") != metadata.get("family"):
        raise TenshoError(
            f"{one} holds {about.get('family')}, {other} {metadata.get('family')}; average one family"
        )
    model_class = family_named(metadata["family"]).model_class
    pairs = (change.partition("=") for change in changes)
    settings = {**json.loads(metadata["config"]), **{name: json.loads(value) for name, _, value in pairs}}
    model = model_class(model_class.config_class.from_json(json.dumps(settings)))
    wanted = model.state_dict()
    if any(
        name not in state or state[name].shape != wanted[name].shape
        for state in (first, second)
        for name in wanted
    ):
        raise TenshoError(f"{one} and {other} are weights of different shapes")
    mixed = {
        name: first[name].float().lerp(second[name].float(), 0.5)
        if second[name].is_floating_point()
        else second[name]
        for name in wanted
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    write_weights(out, mixed, {**metadata, "config": model.config.to_json()})


def run(stage: Stage, folder: Path) -> None:
    """Carry out one stage in ``folder``.

    Raises:
        TenshoError: its command failed.
    """
    if stage[0] == "average":
        one, other, out, *changes = stage[1:]
        average(locate(str(folder / one)), locate(str(folder / other)), folder / out, changes)
        return
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", *stage]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, check=False)
    if done.returncode:
        raise TenshoError(f"{shlex.join(stage)} ended with {done.returncode}; the same command goes on there")


def rebuild(name: str, folder: Path | None = None, fonts: str = FONTS) -> Path:
    """Carry out a recipe, and return the weights that it made.

    Args:
        name: of shipped weights, or a recipe file.
        folder: where; None: ``runs/rebuild-NAME``.
        fonts: where the fonts are that the recipe names.

    Raises:
        TenshoError: a stage failed, or there is no such recipe.
    """
    recipe = recipe_file(name)
    place = folder or Path("runs") / f"rebuild-{recipe.stem}"
    todo = stages(recipe, fonts)
    place.mkdir(parents=True, exist_ok=True)
    for number, stage in enumerate(todo, start=1):
        print(f"[{number}/{len(todo)}] {shlex.join(stage)}", file=sys.stderr, flush=True)
        run(stage, place)
    return (
        locate(str(place / recipe.stem))
        if (place / recipe.stem).is_dir()
        else place / f"{recipe.stem}.safetensors"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", metavar="NAME|FILE.recipe")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--fonts", default=FONTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    try:
        if options.list:
            print("\n".join(map(shlex.join, stages(recipe_file(options.name), options.fonts))))
        else:
            print(rebuild(options.name, options.folder, options.fonts))
    except TenshoError as error:
        sys.exit(f"rebuild_weights: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
