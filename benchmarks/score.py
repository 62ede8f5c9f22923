"""Write the score sheet of families and controls, with the pictures of the closest pairs.

    python benchmarks/score.py [FAMILY …] [-n 2000] [--seeds 5] [--out benchmarks/records/score_sheet]

Without names it scores all shipped weights that draw single-channel glyphs of the set's size. Families that are on the
sheet in the folder already keep their columns, so that a new one is added by its name alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from time import perf_counter

from tensho.api.evaluate import evaluate
from tensho.atomic import replaced_file
from tensho.datasets.glyph_set import GlyphSet, glyphs_folder, open_glyphs
from tensho.evaluate.report import ScoreSheet
from tensho.models import catalogue


def drawing_glyphs(glyphs: GlyphSet) -> list[str]:
    """The shipped weights whose samples have the shape of the glyph set."""
    return [weights.name for weights in catalogue.shipped() if weights.open().spec.shape == glyphs.shape]


def joined_with(kept: Path, sheet: ScoreSheet) -> ScoreSheet:
    """The sheet with the families of the one that is kept in a file, if there is one."""
    if not kept.is_file():
        return sheet
    return sheet.joined(ScoreSheet.from_json(json.loads(kept.read_text(encoding="utf-8"))))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("families", nargs="*")
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--glyphs", type=Path, default=glyphs_folder(64))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "records" / "score_sheet")
    arguments = parser.parse_args()
    glyphs = open_glyphs(arguments.glyphs)
    kept = arguments.out / "sheet.json"
    joined_with(kept, ScoreSheet(arguments.n, arguments.seeds, glyphs.digest))  # or it is said at once
    started = perf_counter()

    def say(what: str) -> None:
        print(f"{perf_counter() - started:6.0f} s  {what}", flush=True)

    measured = evaluate(
        arguments.families or drawing_glyphs(glyphs),
        glyphs,
        n=arguments.n,
        seeds=arguments.seeds,
        pictures=arguments.out,
        progress=say,
    )
    sheet = joined_with(kept, measured)  # another run may have added to it meanwhile
    seconds = perf_counter() - started
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}; {seconds:.0f} s this time"
    for name, text in (
        ("sheet.md", f"{sheet.markdown()}\nMachine: {machine}\n"),
        ("sheet.json", json.dumps(sheet.to_json(), ensure_ascii=False, indent=1)),
    ):
        with replaced_file(arguments.out / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    print(sheet.markdown())
    print(machine)


if __name__ == "__main__":
    main()
