"""Letter fonts: the letters of FIGlet's fonts and of synthetic styles, as grids of ASCII symbols.

FIGlet's fonts come with the package pyfiglet. A font is used if its letters are made of ASCII, 3 to 12 rows high and
at most 24 columns wide; of fonts that differ in their symbols alone, one is kept. Fonts that look alike are one
*family*, and the split into training, validation and test is by family, so that no near copy of a test font is
trained on. The synthetic styles of `tensho.datasets.letters.synthetic` are all trained on.

What takes long to find out ships with the package: which fonts there are, which are alike, and the synthetic styles. The
letters of FIGlet's fonts, which are other people's, are read from pyfiglet. The whole is kept as one file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tensho.atomic import replaced_file
from tensho.datasets.letters.similarity import neighbour_table
from tensho.datasets.letters.synthetic import random_style
from tensho.errors import TenshoError
from tensho.split import Split, split_of
from tensho.text.ascii_grid import COLUMNS, PAD, ROWS, boxes, codes_of, empty_grid
from tensho.text.figlet_font import is_font_file, open_figlet_font
from tensho.user_folder import data_home, keep

__all__ = [
    "LETTERS",
    "LetterFonts",
    "build_letter_fonts",
    "figlet_font",
    "letter_fonts",
    "letter_fonts_file",
    "write_shipped",
]

LETTERS = "".join(map(chr, range(33, 127)))
"""The letters of the set, all visible ASCII."""

_WANTED = [LETTERS.index(letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
_COMPARED = [LETTERS.index(letter) for letter in LETTERS if letter.isalnum()]
_ALIKE, _SHARED = 0.7, 0.1
"""Fonts are of one family if this much of their ink is the same, or if this many of their letters are."""

_SAME = 0.97
"""Share of the cells, from which on a one-to-one exchange of symbols makes two fonts the same."""

_SYNTHETIC = 400
"""Synthetic fonts in the set."""

_STYLE = "style-"

_FORMAT = 2
"""Version of the file; another one is built anew."""

SHIPPED = files("tensho.datasets.letters") / "letter_set.npz.xz"
"""A set without the letters of FIGlet's fonts; see `write_shipped`."""


@dataclasses.dataclass(frozen=True, eq=False)
class LetterFonts:
    """Fonts as grids.

    Attributes:
        names: of the F fonts.
        families: name of each font's family; that of a synthetic style is its own.
        grids: uint8 (F, 94, ROWS, COLUMNS), see `tensho.text.ascii_grid`; a letter that a font lacks has no box.
        neighbours: the nearest training fonts of other families, int64 (F, NEAR), see `tensho.datasets.letters.similarity`.
        digest: 64 hexadecimal digits that change with any of it.
    """

    names: tuple[str, ...]
    families: tuple[str, ...]
    grids: NDArray[np.uint8]
    neighbours: NDArray[np.int64]
    digest: str

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def boxes(self) -> NDArray[np.int64]:
        """Rows and columns of each letter, int64 (F, 94, 2)."""
        return boxes(self.grids)

    @cached_property
    def synthetic(self) -> NDArray[np.bool_]:
        """Which fonts the style engine made, bool (F,)."""
        return np.array([name.startswith(_STYLE) for name in self.names])

    def split(self, split: Split) -> NDArray[np.int64]:
        """The fonts of a split, by their families; synthetic styles are all trained on."""
        return np.flatnonzero(np.array([_split(family) for family in self.families]) == split)

    @cached_property
    def _trained(self) -> NDArray[np.int64]:
        return self.split("train")

    def holds(self, letter: str, grid: NDArray[np.uint8]) -> bool:
        """Whether a font of the train split has a visible ASCII letter in just these symbols, uint8 (ROWS, COLUMNS)."""
        theirs = self.grids[self._trained, LETTERS.index(letter)]
        return bool((theirs == grid).all((-1, -2)).any())


def _split(family: str) -> Split:
    return "train" if family.startswith(_STYLE) else split_of(family)


def letter_fonts_file() -> Path:
    """Where the set is kept: one file below TENSHO_HOME or the user's cache."""
    return data_home() / f"lettering-{_FORMAT}.npz"


def letter_fonts(progress: Callable[[int, int], None] | None = None) -> LetterFonts:
    """The set as it was kept; otherwise read with the help of what is shipped; built, in a minute, if that is of other fonts.

    Args:
        progress: called with the fonts done and all to do.

    Raises:
        TenshoError: pyfiglet or the faces are not installed.
    """
    path = letter_fonts_file()
    none = (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error)  # or one that is damaged
    with suppress(*none), np.load(path, allow_pickle=False) as file:
        return LetterFonts(*_common(file), file["grids"], file["neighbours"], str(file["digest"]))
    fonts = _read_shipped(progress) or build_letter_fonts(progress=progress)
    keep(path, lambda place: np.savez_compressed(place, grids=fonts.grids, **_about(fonts)))
    return fonts


def write_shipped(fonts: LetterFonts, path: Path) -> None:
    """Write a set without the letters of FIGlet's fonts, the same bytes for the same one."""
    buffer = io.BytesIO()
    np.savez(buffer, synthetic=fonts.grids[fonts.synthetic], **_about(fonts))
    with replaced_file(path) as temporary:
        temporary.write_bytes(lzma.compress(buffer.getvalue(), preset=9))


def _read_shipped(progress: Callable[[int, int], None] | None) -> LetterFonts | None:
    """The set that is shipped, with FIGlet's fonts as they are installed; None if it is of others."""
    with np.load(io.BytesIO(lzma.decompress(SHIPPED.read_bytes())), allow_pickle=False) as file:
        names, families = _common(file)
        synthetic, neighbours, digest = file["synthetic"], file["neighbours"], str(file["digest"])
    read = [name for name in names if not name.startswith(_STYLE)]
    if not set(read) <= set(_figlet_names()):
        return None
    drawn = []
    for done, name in enumerate(read, 1):
        drawn.append(figlet_font(name))
        if progress is not None:
            progress(done, len(read))
    grids = np.concatenate([np.stack(drawn), synthetic])
    found = LetterFonts(names, families, grids, neighbours, _digest(names, families, grids))
    return found if found.digest == digest else None


def _about(fonts: LetterFonts) -> dict[str, Any]:
    return {
        "names": fonts.names,
        "families": fonts.families,
        "neighbours": fonts.neighbours,
        "digest": fonts.digest,
    }


def _common(file: Mapping[str, NDArray[Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(file["names"].tolist()), tuple(file["families"].tolist())


def _digest(names: Sequence[str], families: Sequence[str], grids: NDArray[np.uint8]) -> str:
    return hashlib.sha256("\n".join([*names, *families]).encode() + grids.tobytes()).hexdigest()


def build_letter_fonts(
    *,
    fonts: Sequence[str] | None = None,
    synthetic: int = _SYNTHETIC,
    progress: Callable[[int, int], None] | None = None,
) -> LetterFonts:
    """Read FIGlet's fonts, drop doubles, find families, and draw the synthetic styles.

    Args:
        fonts: names of FIGlet fonts; None: all that come with pyfiglet.
        synthetic: how many styles the engine draws.
        progress: called with the fonts done and all to do.
    """
    names = sorted(fonts if fonts is not None else _figlet_names())
    total = len(names) + synthetic
    found: dict[str, NDArray[np.uint8]] = {}
    for done, name in enumerate(names, 1):
        grids = figlet_font(name)
        if _usable(grids):
            found[name] = grids
        if progress is not None:
            progress(done, total)
    kept, families = _families(found)
    drawn = [found[name] for name in kept]
    for number, style in enumerate(_synthetic(synthetic)):
        kept.append(f"{_STYLE}{number:04d}")
        families.append(kept[-1])
        drawn.append(style)
        if progress is not None:
            progress(len(names) + number + 1, total)
    stacked = np.stack(drawn)
    digest = _digest(kept, families, stacked)
    train = np.flatnonzero([_split(family) == "train" for family in families])
    neighbours = neighbour_table(stacked, np.array(families), train)
    return LetterFonts(tuple(kept), tuple(families), stacked, neighbours, digest)


def figlet_font(name: str) -> NDArray[np.uint8]:
    """The letters of a FIGlet font, a file or a name, as grids, uint8 (94, ROWS, COLUMNS).

    Rows that no letter uses and blank columns beside a letter are cut off; a letter that does not fit is missing.

    Raises:
        TenshoError: pyfiglet is not installed, there is no such font, or it is damaged.
    """
    if is_font_file(name):
        font = open_figlet_font(name)
        lines = {
            letter: [line.replace(font.hardblank, " ") for line in font.letters.get(letter, ())]
            for letter in LETTERS
        }
    else:
        lines = _as_pyfiglet_reads(name)
    height = max((len(rows) for rows in lines.values()), default=0)
    used = [
        row for row in range(height) if any(len(rows) > row and rows[row].strip() for rows in lines.values())
    ]
    if not used or used[-1] - used[0] >= ROWS:
        return np.stack([empty_grid(0, 0)] * len(LETTERS))
    return _grids([lines[letter][used[0] : used[-1] + 1] for letter in LETTERS])


def _as_pyfiglet_reads(name: str) -> dict[str, list[str]]:
    """The lines of each letter, as the letterer was trained on them: of end marks in threes, one is taken for ink."""
    figlet = _pyfiglet()
    try:
        font = figlet.FigletFont(name)
    except figlet.FontNotFound as error:
        raise TenshoError(
            f"FIGlet has no font {name!r}; `pyfiglet --list_fonts` names those there are, or give a .flf file"
        ) from error
    return {
        letter: [line.replace(font.hardBlank, " ") for line in font.chars.get(ord(letter), ())]
        for letter in LETTERS
    }


def _grids(letters: Sequence[Sequence[str]]) -> NDArray[np.uint8]:
    """Letters without the blank columns beside them, uint8 (len(letters), ROWS, COLUMNS); one that does not fit is missing."""
    cells = []
    sides = np.zeros((len(letters), 2), np.int64)
    for k, rows in enumerate(letters):
        inked = [row for row in rows if row.strip()]
        left = min((len(row) - len(row.lstrip()) for row in inked), default=0)
        right = max((len(row.rstrip()) for row in inked), default=0)
        cut = [row[left:right] for row in rows]
        whole = "".join([row.ljust(COLUMNS) for row in cut])
        if inked and right - left <= COLUMNS and whole.isascii() and whole.isprintable():
            sides[k] = len(rows), max(map(len, cut))
        else:
            whole = ""
        cells.append(whole.ljust(ROWS * COLUMNS))
    grids = codes_of("".join(cells)).reshape(-1, ROWS, COLUMNS)
    inside = (np.arange(ROWS)[:, None] < sides[:, 0, None, None]) & (
        np.arange(COLUMNS) < sides[:, 1, None, None]
    )
    return np.where(inside, grids, np.uint8(PAD))


def _usable(grids: NDArray[np.uint8]) -> bool:
    """Whether the font is 3 to 12 rows high and has nearly all capitals, not all of one shape."""
    capitals = grids[_WANTED]
    rows, columns = boxes(capitals).transpose()
    different = len({capital.tobytes() for capital in capitals})
    return bool((columns > 0).sum() >= 24 and rows.max() >= 3 and different >= 20)


def _families(found: dict[str, NDArray[np.uint8]]) -> tuple[list[str], list[str]]:
    """The fonts without doubles, and the family of each: the name of the first font that looks like it."""
    kept: list[str] = []
    by_boxes: dict[bytes, list[str]] = {}
    for name, grids in found.items():
        alike_in_size = by_boxes.setdefault(boxes(grids[_WANTED]).tobytes(), [])
        if not any(_same(grids, found[other]) for other in alike_in_size):
            alike_in_size.append(name)
            kept.append(name)
    grids = np.stack([found[name] for name in kept])
    alike = (_shared_ink(grids) > _ALIKE) | (_shared_letters(grids) > _SHARED)
    family = list(range(len(kept)))
    for one, other in np.argwhere(np.triu(alike, 1)):
        first, second = sorted((family[one], family[other]))
        family = [first if member == second else member for member in family]
    return kept, [kept[first] for first in family]


def _same(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two fonts with the same boxes differ, if at all, in which symbol stands for which."""
    first, second = one[_WANTED], other[_WANTED]
    pairs = np.zeros((PAD + 1, PAD + 1), np.int64)
    np.add.at(pairs, (first.ravel(), second.ravel()), 1)
    pairs = pairs[:PAD, :PAD]
    return bool(min(pairs.max(0).sum(), pairs.max(1).sum()) > _SAME * pairs.sum())


def _shared_ink(grids: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Intersection over union of all letters' ink, for each pair of fonts, float32 (F, F)."""
    ink = _ink(grids).reshape(len(grids), -1).astype(np.float32)
    shared, amount = ink @ ink.T, ink.sum(1)
    return shared / (amount[:, None] + amount - shared)  # type: ignore[no-any-return]


def _shared_letters(grids: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of letters whose ink is the same, for each pair of fonts, float64 (F, F)."""
    ink = _ink(grids)
    here = np.asarray(ink.any((-1, -2)))
    same = np.zeros((len(grids), len(grids)))
    for letter in range(ink.shape[1]):
        shapes = np.unique(ink[:, letter].reshape(len(grids), -1), axis=0, return_inverse=True)[1].ravel()
        same += (shapes[:, None] == shapes) & here[:, letter, None]
    count = here.sum(1)
    return same / np.minimum(count[:, None], count)  # type: ignore[no-any-return]


def _ink(grids: NDArray[np.uint8]) -> NDArray[np.bool_]:
    ink: NDArray[np.bool_] = (grids[:, _COMPARED] > 0) & (grids[:, _COMPARED] != PAD)
    return ink


def _synthetic(count: int) -> Iterator[NDArray[np.uint8]]:
    if count == 0:
        return
    import pylopdf_fonts_jp

    fonts = (str(pylopdf_fonts_jp.sans_path()), str(pylopdf_fonts_jp.serif_path()), "")
    number = 0
    while count:
        grids = np.stack(random_style(np.random.default_rng(number), fonts).draw(LETTERS))
        number += 1
        if _usable(grids):
            count -= 1
            yield grids


def _figlet_names() -> list[str]:
    names: list[str] = _pyfiglet().FigletFont.getFonts()
    return names


def _pyfiglet():  # type: ignore[no-untyped-def]
    try:
        import pyfiglet
    except ImportError as error:
        raise TenshoError("FIGlet's fonts are not installed; run: pip install 'tensho[data]'") from error
    return pyfiglet
