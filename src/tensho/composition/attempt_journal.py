"""What was composed so far, on disk: a run that was killed begins again where it was.

One line of JSON a character, appended as it is composed. A line that was cut off when the run was killed, and all
after it, is composed again.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from tensho.composition.attempts import Attempt
from tensho.errors import TenshoError
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_part import PlacedPart

__all__ = ["Journal", "open_journal"]


class Journal:
    """Attempts by their text; see `open_journal`."""

    def __init__(self, file: TextIO, attempts: dict[str, Attempt]) -> None:
        self._file = file
        self._attempts = attempts

    def __contains__(self, text: str) -> bool:
        return text in self._attempts

    def __getitem__(self, text: str) -> Attempt:
        return self._attempts[text]

    def add(self, attempt: Attempt) -> None:
        """Keep an attempt, on disk before this returns."""
        self._file.write(json.dumps(_packed(attempt), ensure_ascii=False) + "\n")
        self._file.flush()
        self._attempts[attempt.text] = attempt


@contextmanager
def open_journal(path: Path) -> Iterator[Journal]:
    """Open a journal, which is made if there is none; one in which nothing was noted is not left behind.

    Raises:
        TenshoError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        attempts, whole = _read(path)
        file = path.open("r+" if path.exists() else "w", encoding="utf-8")
    except OSError as error:
        raise TenshoError(
            f"cannot write {path}: {error.strerror}; name another folder in $TENSHO_HOME"
        ) from error
    try:
        file.seek(whole)
        file.truncate()
        yield Journal(file, attempts)
    finally:
        file.close()
        if not path.stat().st_size:
            path.unlink()


def _read(path: Path) -> tuple[dict[str, Attempt], int]:
    """The attempts in a file, and how many bytes of it are whole lines."""
    attempts: dict[str, Attempt] = {}
    whole = 0
    if path.is_file():
        for line in path.read_bytes().splitlines(keepends=True):
            try:
                attempt = _unpacked(json.loads(line))
            except (ValueError, KeyError, TypeError, zlib.error):
                break
            if not line.endswith(b"\n"):
                break
            attempts[attempt.text] = attempt
            whole += len(line)
    return attempts, whole


def _packed(attempt: Attempt) -> dict[str, Any]:
    if attempt.outline is None:
        return {"text": attempt.text, "reason": attempt.reason}
    outline = attempt.outline
    arrays = (
        outline.points.astype("<f4").tobytes(),
        outline.tags.astype("u1").tobytes(),
        outline.ends.astype("<i4").tobytes(),
    )
    return {
        "text": attempt.text,
        "rung": attempt.rung,
        "confidence": attempt.confidence,
        "donors": list(attempt.donors),
        "parts": attempt.parts,
        "contours": len(outline),
        "points": len(outline.points),
        "outline": base64.b64encode(zlib.compress(b"".join(arrays), 1)).decode("ascii"),
    }


def _unpacked(record: dict[str, Any]) -> Attempt:
    if "reason" in record:
        return Attempt(record["text"], None, reason=record["reason"])
    data = zlib.decompress(base64.b64decode(record["outline"]))
    n, contours = record["points"], record["contours"]
    points = np.frombuffer(data, "<f4", 2 * n).reshape(n, 2).astype(np.float32)
    tags = np.frombuffer(data, "u1", n, 8 * n).astype(np.uint8)
    ends = np.frombuffer(data, "<i4", contours, 9 * n).astype(np.int32)
    return Attempt(
        record["text"],
        Outline(points, tags, ends),
        record["rung"],
        record["confidence"],
        tuple(record["donors"]),
        parts=tuple(map(_part, record["parts"])),
    )


def _part(record: list[Any]) -> PlacedPart:
    part, donor, contours, first, move = record
    return PlacedPart(part, donor, tuple(contours), first, (move[0], move[1]))
