"""A table of descriptions that were inferred from glyphs, each with how sure it is: small enough to ship.

The file is text under xz: after comments (``#``), a line for each character, ``char<tab>IDS<tab>confidence``, the
confidence in whole hundredths. ``tools`` that infer structures write it with `write_inferred`; the one that ships is
`SHIPPED`, and where there is none, nothing is inferred.
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.ids.syntax import parse

__all__ = ["SHIPPED", "SURE", "Inferred", "read_inferred", "write_inferred"]

SURE = 0.9
"""Confidence from which on an inferred description is taken for right; of those, 98 in a hundred are."""

SHIPPED = Path(__file__).parent / "inferred.tsv.xz"


class Inferred(NamedTuple):
    """A description, and the probability in [0, 1] that it is right."""

    ids: str
    confidence: float


def read_inferred(path: Path | None = None) -> dict[str, Inferred]:
    """Read a table, `SHIPPED` by default; an empty one where there is no file.

    Raises:
        TenshoError: the file is damaged.
    """
    path = path or SHIPPED
    if not path.is_file():
        return {}
    try:
        lines = lzma.decompress(path.read_bytes()).decode().splitlines()
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        return {char: Inferred(ids, int(hundredths) / 100) for char, ids, hundredths in rows}
    except (OSError, lzma.LZMAError, UnicodeDecodeError, ValueError) as error:
        raise TenshoError(
            f"{path} is no table of inferred descriptions or is damaged; install tensho again"
        ) from error


def write_inferred(path: Path, table: Mapping[str, Inferred], comment: str = "") -> None:
    """Write a table, in the order of the characters, so that the same table makes the same file.

    Raises:
        TenshoError: a description that is none, a confidence out of [0, 1], or a place that cannot be written.
    """
    lines = [f"# {line}" for line in comment.splitlines()]
    for char, (ids, confidence) in sorted(table.items()):
        if not 0 <= confidence <= 1 or len(char) != 1:
            raise TenshoError(
                f"{char}: a row is of one character and its confidence in [0, 1], not {confidence}"
            )
        parse(ids)
        lines.append(f"{char}\t{ids}\t{round(100 * confidence)}")
    data = lzma.compress("".join(f"{line}\n" for line in lines).encode(), preset=9 | lzma.PRESET_EXTREME)
    with replaced_file(path) as temporary:
        temporary.write_bytes(data)
