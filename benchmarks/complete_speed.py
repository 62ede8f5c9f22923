"""How long it takes to write characters into fonts, beside fontTools reading and writing the same file without any.

    python benchmarks/complete_speed.py FONT… [-n 3000]

Composing is left out: each new character is the outline of another one of the font. Seconds are of the processor, so
that other work on the machine does not count. The peer's "all" has bounding boxes counted anew, which takes every
glyph apart, as fontTools does if it is not told otherwise.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from tensho.export.completion.font import Addition, completed_fonts
from tensho.export.completion.review_sheet import ReviewedGlyph, SheetFacts, review_page
from tensho.fonts.coverage.completable import open_completable
from tensho.fonts.coverage.repertoires import repertoire
from tensho.fonts.outline_reader import OutlineReader
from tensho.ids.kindred import Kindred


def timed(task: Callable[[], Any]) -> tuple[Any, float]:
    """What a task gives, and its seconds of processor time."""
    start = time.process_time()
    result = task()
    return result, time.process_time() - start


def resaved(path: Path, *, recalculate: bool) -> None:
    """Read a font and write it."""
    with TTFont(path, recalcBBoxes=recalculate, lazy=not recalculate) as font:
        if recalculate:
            font.ensureDecompiled()
        font.save(BytesIO())


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fonts", nargs="+", type=Path)
    parser.add_argument("-n", type=int, default=3000)
    chosen = parser.parse_args()
    print("| font | glyphs | added | opened | written | sheet | fontTools, lazily | fontTools, all |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for path in chosen.fonts:
        print(row(path, chosen.n))


def row(path: Path, n: int) -> str:
    """A row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        source, opening = timed(lambda: open_completable(path, Path(folder)))
        characters, listing = timed(lambda: sorted(source.characters))
        missing = source.missing(repertoire("gb18030-l3").characters)[:n]
        reader = OutlineReader(source.path)
        outlines = [reader.outline(characters[k % len(characters)]) for k in range(len(missing))]
        pairs = [
            (char, outline) for char, outline in zip(missing, outlines, strict=True) if outline is not None
        ]
        additions = [Addition(ord(char), outline) for char, outline in pairs]

        def write() -> None:
            for k, completion in enumerate(completed_fonts(source, additions)):
                completion.save(Path(folder) / str(k))

        _, writing = timed(write)
        kindred = Kindred(source.characters)
        glyphs = [
            ReviewedGlyph(char, ord(char), outline, "same slot", 0.5, (), kindred.of(char))
            for char, outline in pairs
        ]
        facts = SheetFacts(
            path.name,
            path.stem,
            "",
            "",
            n,
            n,
            (),
            (),
            (path.name,),
            (),
            reader.units_per_em,
            reader.units_per_em,
            0,
        )
        _, drawing = timed(lambda: review_page(glyphs, facts, reader.outline))
    with TTFont(path, lazy=True) as font:
        count = font["maxp"].numGlyphs
    _, lazily = timed(lambda: resaved(path, recalculate=False))
    _, whole = timed(lambda: resaved(path, recalculate=True))
    seconds = (opening + listing, writing, drawing, lazily, whole)
    return f"| {path.name} | {count:,} | {len(additions):,} | {' | '.join(f'{s:.1f} s' for s in seconds)} |"


if __name__ == "__main__":
    main()
