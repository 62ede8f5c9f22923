"""How long a font of new characters takes from a cold shell, and which programs open it.

    python benchmarks/export_font.py -n 500 --model brush --ids ⿰氵龍 --ids ⿱艹⿰車毛

For both kinds of font: seconds by the clock and of processor time (equal on a quiet machine with one core; the limit is
60 s by the clock on two), size, points a glyph; then what OTS (the sanitizer of browsers), HarfBuzz and Pillow make of
the file. With ``--proof DIR`` the fonts stay there, with a picture of each as Pillow sets it.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import ots
import uharfbuzz
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

LIMIT = 60  # seconds


def exported(path: Path, options: argparse.Namespace) -> tuple[float, float]:
    """Seconds by the clock and of processor time that `tensho export font` takes."""
    command = [sys.executable, "-m", "tensho", "export", "font", str(path), "-n", str(options.n)]
    command += ["--model", options.model, *(word for ids in options.ids for word in ("--ids", ids))]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, processor


def private(font: TTFont) -> list[str]:
    """The characters of the private-use area that the font holds."""
    return [chr(code) for code in sorted(font.getBestCmap()) if 0xE000 <= code <= 0xF8FF]


def points(font: TTFont) -> float:
    """Points a glyph on average, on and off the curve."""
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    if "glyf" in font:
        return float(np.mean([len(font["glyf"][cmap[ord(char)]].coordinates) for char in private(font)]))
    from fontTools.pens.recordingPen import RecordingPen

    counts = []
    for char in private(font):
        pen = RecordingPen()
        glyphs[cmap[ord(char)]].draw(pen)
        counts.append(sum(len(arguments) for _, arguments in pen.value))
    return float(np.mean(counts))


def shaped(path: Path, text: str) -> list[str]:
    """Names of the glyphs that HarfBuzz sets for a text."""
    font, buffer = (
        uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))),
        uharfbuzz.Buffer(),
    )
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)
    return [font.glyph_to_string(info.codepoint) for info in buffer.glyph_infos]


def drawn(path: Path, characters: list[str], columns: int = 20, size: int = 64) -> Image.Image:
    """The first characters as Pillow sets them, in rows."""
    face = ImageFont.truetype(str(path), size)
    rows = [characters[k : k + columns] for k in range(0, min(len(characters), columns * columns), columns)]
    page = Image.new("L", (columns * size + 32, round(1.25 * size * len(rows)) + 32), 255)
    for k, row in enumerate(rows):
        ImageDraw.Draw(page).text((16, 16 + 1.25 * k * size), "".join(row), font=face, fill=0)
    return page


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("-n", type=int, default=500, help="characters to dream")
    arguments.add_argument("--model", default="brush")
    arguments.add_argument("--ids", action="append", default=[], help="also compose this description")
    arguments.add_argument("--proof", type=Path, help="a folder to keep fonts and pictures in")
    options = arguments.parse_args()
    folder = options.proof or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("ttf", "otf"):
        path = folder / f"dreams.{kind}"
        clock, processor = exported(path, options)
        font = TTFont(path)
        characters = private(font)
        picture = drawn(path, characters)
        picture.save(folder / f"{kind}.png")
        inked = sum(
            ImageFont.truetype(str(path), 32).getmask(char).getbbox() is not None for char in characters
        )
        verdict = ots.sanitize(str(path), capture_output=True)
        print(
            f"{kind}: {clock:.1f} s by the clock (limit {LIMIT}), {processor:.1f} s of processor time; "
            f"{len(characters)} private characters, {path.stat().st_size / 1e3:.0f} kB, {points(font):.0f} points a glyph"
        )
        print(
            f"  OTS {'passes' if verdict.returncode == 0 else 'FAILS'} it {verdict.stderr.decode().strip()}"
        )
        print(f"  Pillow draws {inked} of {len(characters)} with ink")
        for ids in options.ids:
            print(f"  HarfBuzz sets {ids} as {' '.join(shaped(path, ids))}")


if __name__ == "__main__":
    main()
