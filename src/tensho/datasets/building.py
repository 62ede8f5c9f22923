"""Builds the glyph set: worker processes render, one process writes in order."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.atomic import replaced_folder
from tensho.bounds import MOST_PROCESSES, check_whole
from tensho.datasets.glyph_set import FORMAT, GlyphSet, open_glyphs
from tensho.errors import TenshoError
from tensho.fonts.coverage.code_point_ranges import encode
from tensho.fonts.rasterizer import RENDERER_VERSION
from tensho.fonts.source import Drawable, GlyphRenderer, Source, is_ideograph
from tensho.split import RULE, SPLITS, split_of

__all__ = ["build"]

_SIZES = range(16, 513)
_FILES = {"glyphs.npy", "manifest.json"}
_CHUNK_BYTES = 1 << 20  # large enough that the cost of a message between processes does not show


class _Chunk(NamedTuple):
    source: int
    drawables: list[Drawable]


class _Drawn(NamedTuple):
    source: int
    asked: int
    shown: list[Drawable]
    images: NDArray[np.uint8]


def build(
    sources: Sequence[Source],
    *,
    size: int = 64,
    folder: Path | str,
    characters: str | None = None,
    processes: int | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> GlyphSet:
    """Draw every character of every source in a square of ``size`` pixels and open the result.

    A set in ``folder`` that was built from the same inputs is opened as it is, unless ``force`` is given. Otherwise
    it is replaced once the new one is complete. ``characters`` leaves out all others. ``progress`` is
    called with the glyphs done and all to do. ``processes`` defaults to the number of cores;
    from a script, more than one need the guard ``if __name__ == "__main__":``.

    Raises:
        TenshoError: a size or number that makes no sense, two sources with one name, nothing to draw, a
            folder that cannot be written or holds other files.
    """
    folder = Path(folder)
    processes = (os.cpu_count() or 1) if processes is None else processes
    _check(sources, size, processes, characters)
    kept = None if characters is None else "".join(sorted(filter(_is_drawn, set(characters))))
    recipe = {"format": FORMAT, "renderer": RENDERER_VERSION, "size": size, "characters": kept}
    digest = _digest({**recipe, "sources": [source.identity() for source in sources]})
    if not force and (existing := _built_from(digest, folder)):
        return existing
    if folder.exists() and not (folder.is_dir() and {item.name for item in folder.iterdir()} <= _FILES):
        raise TenshoError(f"{folder} holds other files than a glyph set; choose an empty or a new folder")

    asked = [_asked(source, kept) for source in sources]
    total = sum(map(len, asked))
    shown: list[list[Drawable]] = [[] for _ in sources]
    done = 0
    with replaced_folder(folder) as temporary:
        with (
            (temporary / "glyphs.npy").open("wb") as file,
            closing(_draw(sources, size, _chunks(asked, size), processes)) as parts,
        ):
            _write_header(file, 0, size)
            for part in parts:
                file.write(part.images.data)
                shown[part.source].extend(part.shown)
                done += part.asked
                if progress:
                    progress(done, total)
            # NumPy keeps room in the header for a first dimension that grows, which it does here.
            file.seek(0)
            _write_header(file, sum(map(len, shown)), size)
        faces = [_described(*each) for each in zip(sources, asked, shown, strict=True)]
        manifest = {**recipe, "digest": digest, "split": RULE, "faces": faces}
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        (temporary / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return open_glyphs(folder)


def _check(sources: Sequence[Source], size: int, processes: int, characters: str | None) -> None:
    if size not in _SIZES:
        raise TenshoError(
            f"a glyph cannot be {size} pixels wide; choose {_SIZES[0]} to {_SIZES[-1]}, usually 64"
        )
    check_whole("--processes", processes, 1, MOST_PROCESSES)
    if not sources:
        raise TenshoError("there is no face to draw; give a font file or a folder of images")
    if characters is not None and not any(map(_is_drawn, characters)):
        raise TenshoError("there is no ideograph among the characters to draw; give at least one")
    name, count = Counter(source.name for source in sources).most_common(1)[0]
    if count > 1:
        raise TenshoError(f"{count} faces are named {name!r}; leave one out or give it another name")


def _is_drawn(character: str) -> bool:
    return is_ideograph(ord(character))


def _digest(inputs: dict[str, object]) -> str:
    text = json.dumps(inputs, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _built_from(digest: str, folder: Path) -> GlyphSet | None:
    try:
        glyphs = open_glyphs(folder)
    except TenshoError:
        return None
    return glyphs if glyphs.digest == digest else None


def _asked(source: Source, kept: str | None) -> list[Drawable]:
    drawables = source.drawables()
    if kept is not None:
        code_points = set(map(ord, kept))
        drawables = [drawable for drawable in drawables if drawable.code_point in code_points]
    if not drawables:
        raise TenshoError(f"the face {source.name} has none of these characters; leave it out or give others")
    return drawables


def _chunks(asked: list[list[Drawable]], size: int) -> list[_Chunk]:
    length = max(1, _CHUNK_BYTES // size**2)
    return [
        _Chunk(number, drawables[start : start + length])
        for number, drawables in enumerate(asked)
        for start in range(0, len(drawables), length)
    ]


def _write_header(file: BinaryIO, count: int, size: int) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": (count, size, size)}
    np.lib.format.write_array_header_1_0(file, header)


def _described(source: Source, asked: list[Drawable], shown: list[Drawable]) -> dict[str, object]:
    if not shown:
        raise TenshoError(f"the face {source.name} draws nothing, whatever it claims to have; leave it out")
    splits = Counter(split_of(chr(d.code_point) if d.code_point else Path(d.key).name) for d in shown)
    return {
        **source.describe(),
        "count": len(shown),
        **{split: splits[split] for split in SPLITS},
        "left_out": len(asked) - len(shown),
        "coverage": encode(np.array([drawable.code_point for drawable in shown], np.uint32)),
    }


class _GlyphDrawer:
    """Draws chunks, with the painter of one source at a time at hand."""

    def __init__(self, sources: Sequence[Source], size: int) -> None:
        self.sources = sources
        self.size = size
        self._renderer: tuple[int, GlyphRenderer] | None = None

    def draw(self, chunk: _Chunk) -> _Drawn:
        if self._renderer is None or self._renderer[0] != chunk.source:
            self._renderer = chunk.source, self.sources[chunk.source].renderer(self.size)
        renderer = self._renderer[1]
        images = np.empty((len(chunk.drawables), self.size, self.size), np.uint8)
        shown: list[Drawable] = []
        for drawable in chunk.drawables:
            glyph = renderer.render(drawable.key)
            if glyph is not None:
                images[len(shown)] = glyph
                shown.append(drawable)
        return _Drawn(chunk.source, len(chunk.drawables), shown, images[: len(shown)])


def _draw(
    sources: Sequence[Source], size: int, chunks: list[_Chunk], processes: int
) -> Generator[_Drawn, None, None]:
    """The chunks, drawn, in their order; few at a time, so that a slow disk does not fill the memory."""
    if processes == 1:
        artist = _GlyphDrawer(sources, size)
        yield from map(artist.draw, chunks)
        return
    # A fork of a process that has threads, as torch has, can hang; a spawned process cannot.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _start_worker, (sources, size))
    try:
        pending: deque[Future[_Drawn]] = deque()
        for chunk in chunks:
            pending.append(pool.submit(_draw_in_worker, chunk))
            if len(pending) > 2 * processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool as error:
        raise TenshoError("a drawing process died; build with one process: --processes 1") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(sources: Sequence[Source], size: int) -> None:
    # Ctrl-C reaches all processes of a terminal; the one that writes decides what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _artist
    _artist = _GlyphDrawer(sources, size)


def _draw_in_worker(chunk: _Chunk) -> _Drawn:
    return _artist.draw(chunk)


_artist: _GlyphDrawer
