"""How long `tensho data pairs` takes, beside the least that it could: drawing alone, and drawing with encoding.

python benchmarks/pairs.py [--size 128] [--processes 2]
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.table import Table

from tensho.datasets.pairs import build_pairs
from tensho.fonts.faces import default_faces

SAMPLE = 400


def per_picture(work: Callable[[str], object], characters: list[str]) -> float:
    """Seconds of one core for a picture, so that other programs do not count."""
    started = time.process_time()
    for character in characters:
        work(character)
    return (time.process_time() - started) / len(characters)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()

    face = default_faces()[1]
    keys = [drawable.key for drawable in face.drawables()]
    characters = keys[:: len(keys) // SAMPLE][:SAMPLE]
    renderer = face.renderer(asked.size)

    def draw_and_encode(character: str) -> None:
        glyph = renderer.render(character)
        if glyph is not None:
            Image.fromarray(glyph).save(io.BytesIO(), "PNG")

    table = Table("way", "pictures", "seconds", "ms of a core a picture", title=f"{asked.size} px")
    for way, work in (("drawing alone", renderer.render), ("drawn, Pillow's PNG", draw_and_encode)):
        table.add_row(way, str(len(characters)), "", f"{1e3 * per_picture(work, characters):.2f}")
    with tempfile.TemporaryDirectory() as folder:
        before, started = os.times(), time.monotonic()
        manifest = build_pairs(Path(folder, "pairs"), size=asked.size, processes=asked.processes)
        seconds, after = time.monotonic() - started, os.times()
    used = sum(after[:4]) - sum(before[:4])
    way = f"tensho data pairs, {asked.processes} process{'es' * (asked.processes > 1)}"
    count = manifest["captions"]
    table.add_row(way, f"{count:,}", f"{seconds:.1f}", f"{1e3 * used / count:.2f}")
    console = Console()
    console.print(table)
    console.print(f"{manifest['characters']:,} characters, {count:,} captions")
    console.print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
