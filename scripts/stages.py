"""Lay out what runs drew at five stages of their training: `python scripts/stages.py RUN…`.

Of each run, the first sample grid, the last, and three between at about geometric steps become `docs/stages-NAME.png`,
where NAME is that of the run's folder: one row of eight glyphs a stage, beside the training images seen until then.
"""

from __future__ import annotations

import argparse
import json
from math import log
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tensho.errors import TenshoError
from tensho.sheet import CELL, MARGIN, save_picture
from tensho.train.run_folder import RunFolder

DOCS = Path(__file__).parent.parent / "docs"
STAGES, GLYPHS = 5, 8
LABEL = 144
"""Room for the number of images, left of the glyphs, in pixels."""
PITCH = CELL + MARGIN


def main() -> None:
    """Write a picture for each run."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("runs", nargs="+", type=Path, help="folders of training runs")
    for run in arguments.parse_args().runs:
        save_picture(stages(run), DOCS / f"stages-{run.resolve().name}.png")


def stages(run: Path) -> Image.Image:
    """Draw the stages of one run, the earliest on top."""
    files, per_step = RunFolder(run), images_per_step(run)
    grids = [(step, Image.open(files.sample(step))) for step in chosen(drawn_steps(run))]
    page = Image.new(grids[0][1].mode, (LABEL + GLYPHS * PITCH, STAGES * PITCH + MARGIN), "white")
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(18)
    for row, (step, grid) in enumerate(grids):
        y = MARGIN + row * PITCH
        label = f"{step * per_step:,.0f} images"
        pen.text((LABEL - MARGIN, y + CELL / 2), label, fill="dimgray", font=font, anchor="rm")
        for place in range(GLYPHS):
            page.paste(cell(grid, place), (LABEL + place * PITCH, y))
    return page


def chosen(steps: list[int]) -> list[int]:
    """The first, the last, and those between that come next to a geometric row."""
    first, last, places = steps[0], steps[-1], [0]
    for stage in range(1, STAGES - 1):
        target = first * (last / first) ** (stage / (STAGES - 1))
        free = range(places[-1] + 1, len(steps) - (STAGES - 1 - stage))
        places.append(min(free, key=lambda place: abs(log(steps[place] / target))))
    return [*(steps[place] for place in places), last]


def drawn_steps(run: Path) -> list[int]:
    """The steps after which the run drew samples, in order."""
    names = (path.stem.removeprefix("step-") for path in (run / "samples").glob("step-*.png"))
    steps = sorted(int(name) for name in names if name.isdigit())
    if len(steps) < STAGES:
        raise TenshoError(f"{run} holds {len(steps)} sample grids, fewer than {STAGES}; draw them more often")
    return steps


def images_per_step(run: Path) -> float:
    """How many training images each step of a run took in, all processes together."""
    with (run / "log.jsonl").open(encoding="utf-8") as lines:
        entry = json.loads(next(lines))
    return float(entry["images"] / entry["step"])


def cell(grid: Image.Image, place: int) -> Image.Image:
    """The glyph at a place of a `Sheet`'s grid."""
    row, column = divmod(place, (grid.width - MARGIN) // PITCH)
    x, y = MARGIN + column * PITCH, MARGIN + row * PITCH
    return grid.crop((x, y, x + CELL, y + CELL))


if __name__ == "__main__":
    main()
