"""Reads fonts of FIGlet (.flf) and TOIlet (.tlf), as they are found: with CRLF, a byte order mark, or inside a zip.

The format is that of "The FIGfont Version 2 FIGfont and FIGdriver Standard" (Cowan and Burton, 1996-97). After a header and
a comment stand the 95 printable ASCII characters, then seven German ones, then any others after a line with their
code point. Every line of a character ends in an end mark, which is not part of it.
"""

from __future__ import annotations

import dataclasses
import enum
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from tensho.errors import TenshoError

__all__ = [
    "REQUIRED",
    "RULES",
    "FigletFont",
    "Layout",
    "is_font_file",
    "open_figlet_font",
    "parse_figlet_font",
]

REQUIRED = "".join(map(chr, range(32, 127))) + "ÄÖÜäöüß"
"""Characters that every font has, in the order in which they stand in the file."""

_MOST_BYTES = 16_000_000
"""Size of a font, in bytes; the largest that is known has a third of it."""

_ASCII = 95


class Layout(enum.IntFlag):
    """How letters are brought together, in the numbers of the header's field Full_Layout; none of them: at full width."""

    EQUAL = 1
    UNDERSCORE = 2
    HIERARCHY = 4
    PAIRS = 8
    BIG_X = 16
    HARDBLANK = 32
    KERN = 64
    SMUSH = 128


RULES = Layout(63)
"""All of the rules of smushing."""


@dataclasses.dataclass(frozen=True)
class FigletFont:
    """A font.

    Attributes:
        name: what it was opened as.
        height: lines of each letter.
        hardblank: the symbol that is shown as a blank, but not moved over.
        layout: how letters are brought together.
        right_to_left: whether it is written so.
        letters: the lines of each character, all of one number of code points or fewer.
    """

    name: str
    height: int
    hardblank: str
    layout: Layout
    right_to_left: bool
    letters: Mapping[str, tuple[str, ...]]


def is_font_file(name: str | Path) -> bool:
    """Whether a font is meant by its file: by its ending, or since there is one and no path is a plain name."""
    path = Path(name)
    return path.suffix.lower() in (".flf", ".tlf", ".zip") or (len(path.parts) > 1 and path.is_file())


def open_figlet_font(name: str | Path) -> FigletFont:
    """A font file, or one of those that come with pyfiglet by its name.

    Raises:
        TenshoError: there is no such file or font, or it is none of FIGlet.
    """
    path = Path(name)
    if not is_font_file(name):
        return parse_figlet_font(_shipped(str(name)), str(name))
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise TenshoError(
            f"cannot read the font {path}: {error.strerror}; give a .flf or .tlf file"
        ) from error
    return parse_figlet_font(content, str(name))


def parse_figlet_font(content: bytes, name: str) -> FigletFont:
    """The font that a file holds; of a zip, its first file is read.

    Raises:
        TenshoError: it is no font of FIGlet, is damaged, or larger than 16 MB.
    """
    text = _decoded(_unzipped(content, name))
    lines = iter(re.split(r"\r\n|\n|\r", text))
    header = next(lines)
    numbers = re.findall(r"-?\d+", header[6:])
    if not re.match(r"[ft]lf2.[^ \t]", header) or len(numbers) < 5:
        raise TenshoError(
            f"{name} is no font of FIGlet: it does not begin with flf2a; give a .flf or .tlf file"
        )
    height, old, comments = (int(numbers[place]) for place in (0, 3, 4))
    direction, full = (int(numbers[place]) if len(numbers) > place else None for place in (5, 6))
    if not 1 <= height <= 1000:
        raise TenshoError(
            f"{name} is damaged: its letters are said to be {height} lines high; choose another"
        )
    letters: dict[str, tuple[str, ...]] = {}
    try:
        for _ in range(comments):
            next(lines)
        for place, letter in enumerate(REQUIRED):
            drawn = _letter(lines, height)
            if drawn is None and place < _ASCII:
                raise StopIteration
            letters[letter] = drawn or ()
        letters |= _tagged(lines, height)
    except StopIteration as error:
        raise TenshoError(f"{name} is damaged: it ends before ~; choose another font") from error
    return FigletFont(
        name,
        height,
        header[5],
        _layout(old, full),
        direction == 1,
        {letter: rows for letter, rows in letters.items() if rows},
    )


def _shipped(name: str) -> bytes:
    try:
        folder = files("pyfiglet.fonts")
    except ModuleNotFoundError as error:
        raise TenshoError("FIGlet's fonts are not installed; run: pip install 'tensho[data]'") from error
    if re.fullmatch(r"[^/\\\0]+", name):
        for ending in ("tlf", "flf"):
            file = folder / f"{name}.{ending}"
            if file.is_file():
                return file.read_bytes()
    raise TenshoError(
        f"FIGlet has no font {name!r}; `pyfiglet --list_fonts` names those there are, or give a .flf file"
    )


def _unzipped(content: bytes, name: str) -> bytes:
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(archive.infolist()[0]) as file:
                content = file.read(_MOST_BYTES + 1)
        except (
            zipfile.BadZipFile,
            IndexError,
            RuntimeError,
            NotImplementedError,  # zipfile: a kind of compression that it does not know
            EOFError,
            OSError,
            ValueError,  # an offset before the file's beginning, a name in no encoding
            struct.error,
            zlib.error,
            lzma.LZMAError,
        ) as error:
            raise TenshoError(f"{name} is a damaged zip; unpack it and give the font") from error
    if len(content) > _MOST_BYTES:
        raise TenshoError(f"{name} is larger than 16 MB, and so no font of FIGlet")
    return content


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _layout(old: int, full: int | None) -> Layout:
    if full is not None:
        return Layout(full & 255)
    if old < 0:
        return Layout(0)
    return Layout(old & 31) | Layout.SMUSH if old else Layout.KERN


def _letter(lines: Iterator[str], height: int) -> tuple[str, ...] | None:
    """The next letter; None: the file ends."""
    rows = []
    for _ in range(height):
        line = next(lines, None)
        if line is None:
            return None
        line = line.rstrip(" \t\f\v")
        rows.append(line.rstrip(line[-1]) if line else "")
    return tuple(rows)


def _tagged(lines: Iterator[str], height: int) -> dict[str, tuple[str, ...]]:
    """The letters that stand after their code points, which may be decimal, octal or hexadecimal."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        tag = re.match(r"\s*(-?)(0[xX][0-9a-fA-F]+|\d+)", line)
        if tag is None:
            continue
        drawn = _letter(lines, height)
        if drawn is None:
            break
        digits = tag[2].lower()
        octal = digits.startswith("0") and not digits.startswith("0x") and not set(digits) & set("89")
        code = int(digits, 8 if octal else 0 if digits.startswith("0x") else 10)
        # Negative code points are for the tables of character sets, which nothing here reads.
        if not tag[1] and code <= 0x10FFFF:
            found[chr(code)] = drawn
    return found
