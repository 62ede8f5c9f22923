"""How fast the glyph set is built and read, beside the plain ways. Needs `pip install tensho[data,dev]`.

python benchmarks/build_glyphs.py
"""

from __future__ import annotations

import itertools
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.table import Table

from tensho.datasets.building import build
from tensho.datasets.glyph_set import GlyphSet
from tensho.fonts.faces import Face, default_faces
from tensho.fonts.rasterizer import EM_FRACTION

if TYPE_CHECKING:
    from torch import Tensor

SIZE = 64
BATCH = 64
SECONDS = 3.0


class Usage:
    """Wall-clock and processor seconds, and peak resident memory, of this process and its children."""

    seconds = 0.0
    processor_seconds = 0.0
    peak_bytes = 0


@contextmanager
def measured() -> Iterator[Usage]:
    usage, stop = Usage(), threading.Event()
    process = psutil.Process()

    def watch() -> None:
        while not stop.wait(0.05):
            total = 0
            for each in (process, *process.children(recursive=True)):
                try:
                    total += each.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            usage.peak_bytes = max(usage.peak_bytes, total)

    watcher = threading.Thread(target=watch)
    watcher.start()
    before, started = os.times(), time.perf_counter()
    try:
        yield usage
    finally:
        after = os.times()
        usage.seconds = time.perf_counter() - started
        usage.processor_seconds = sum(after[:4]) - sum(before[:4])
        stop.set()
        watcher.join()


def pillow_alone(faces: list[Face]) -> int:
    """Every 16th glyph by a new image and a call of ImageDraw.text each; returns how many."""
    count = 0
    for face in faces:
        font = ImageFont.truetype(str(face.path), SIZE * EM_FRACTION, layout_engine=ImageFont.Layout.BASIC)
        for drawable in face.drawables()[::16]:
            image = Image.new("L", (SIZE, SIZE))
            ImageDraw.Draw(image).text((2, 55), drawable.key, fill=255, font=font, anchor="ls")
            np.asarray(image)
            count += 1
    return count


class OneFileEach:
    """The plain way: a PNG file a glyph, opened one at a time."""

    def __init__(self, files: list[Path]) -> None:
        self.files = files

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> Tensor:
        import torch

        with Image.open(self.files[index]) as image:
            return torch.from_numpy(np.array(image))[None]


class DrawnOnDemand:
    """The other plain way: a character drawn whenever it is asked for."""

    def __init__(self, face: Face) -> None:
        self.characters = [drawable.key for drawable in face.drawables()]
        self.font = ImageFont.truetype(
            str(face.path), SIZE * EM_FRACTION, layout_engine=ImageFont.Layout.BASIC
        )

    def __len__(self) -> int:
        return len(self.characters)

    def __getitem__(self, index: int) -> Tensor:
        import torch

        image = Image.new("L", (SIZE, SIZE))
        ImageDraw.Draw(image).text((2, 55), self.characters[index], fill=255, font=self.font, anchor="ls")
        return torch.from_numpy(np.array(image))[None]


def images_per_second(fetch: Callable[[], object]) -> float:
    fetch()
    started, batches = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS:
        fetch()
        batches += 1
    return batches * BATCH / (time.perf_counter() - started)


def loaded(dataset: OneFileEach | DrawnOnDemand) -> Callable[[], object]:
    from torch.utils.data import DataLoader

    loader: DataLoader[Tensor] = DataLoader(dataset, BATCH, shuffle=True)  # type: ignore[arg-type]
    batches = itertools.chain.from_iterable(itertools.repeat(loader))
    return lambda: next(batches)


def batched(glyphs: GlyphSet) -> Callable[[], object]:
    rng = np.random.default_rng(0)
    return lambda: glyphs.batch(rng.integers(len(glyphs), size=BATCH))["image"]


def written(glyphs: GlyphSet, folder: Path, count: int = 4096) -> list[Path]:
    files = []
    for index in np.random.default_rng(0).choice(len(glyphs), count, replace=False):
        files.append(folder / f"{index}.png")
        Image.fromarray(glyphs.images[index]).save(files[-1])
    return files


def main() -> None:
    faces = default_faces()
    console = Console()
    building = Table("way", "glyphs", "seconds", "glyphs/s", "per CPU s", "peak MB", title="Building, 64 px")

    def row(way: str, count: int, usage: Usage) -> None:
        rates = (count / usage.seconds, count / usage.processor_seconds)
        peak = usage.peak_bytes / 1e6
        building.add_row(
            way, f"{count:,}", f"{usage.seconds:.1f}", *(f"{r:,.0f}" for r in rates), f"{peak:,.0f}"
        )

    with tempfile.TemporaryDirectory() as temporary:
        with measured() as usage:
            count = pillow_alone(faces)
        row("Pillow alone", count, usage)
        for processes in (1, 2):
            with measured() as usage:
                glyphs = build(
                    faces, size=SIZE, folder=Path(temporary, "set"), processes=processes, force=True
                )
            row(f"tensho, {processes} process{'es' * (processes > 1)}", len(glyphs), usage)
        console.print(building)

        # Only now, so that building is measured without it: a worker process imports what this file imports.
        import torch

        torch.set_num_threads(1)
        files = Path(temporary, "files")
        files.mkdir()
        reading = Table("way", "images/s", title=f"Reading, random batches of {BATCH}, one thread")
        ways = {
            "draw in __getitem__, DataLoader": loaded(DrawnOnDemand(faces[0])),
            "open a PNG in __getitem__, DataLoader": loaded(OneFileEach(written(glyphs, files))),
            "tensho, GlyphSet.batch": batched(glyphs),
        }
        for way, fetch in ways.items():
            reading.add_row(way, f"{images_per_second(fetch):,.0f}")
        console.print(reading)
    console.print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
