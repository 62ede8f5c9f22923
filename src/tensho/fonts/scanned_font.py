"""A folder of scans as a font: each picture traced to outlines, as the character that its file is named after.

What the pictures show is kept: a picture is the em box of its character, unless most of them are cut off at the ink; then the
em is a little larger than the largest of them, and each stands in its middle. The font is made once and kept in the user's cache.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.fonts.image_folder import ImageFolder, load_images
from tensho.fonts.outline_geometry import OutlinePen
from tensho.fonts.outlines import Outline
from tensho.fonts.tracing.outline import ASCENDER, DESCENDER, UNITS_PER_EM, trace
from tensho.user_folder import kept_folder

__all__ = ["scanned_font", "traced_characters"]

_VERSION = 1
_EPOCH = 2_082_844_800  # 1970, in the seconds of fonts
_SIDE = 256  # pixels along the em in which a picture is traced
_FULL = 0.92  # of the em that the largest character fills, where pictures end at the ink
_EDGE = 0.02  # of a picture's side within which ink counts as cut off there
_ALIKE = 2.0  # longest sides that differ by less than this are of one scan, and keep their sizes
_SPECK = 250.0  # square units of the em below which a contour is dirt, or a hole in bad ink
_FAINT = 32  # levels between paper and ink, below which there is no ink
_GRAIN = 0.8  # pixels over which the grain of paper and ink is evened out
_TOLERANCE = 0.8  # pixels that an edge may be off its curve; closer, curves follow the grain
_CLEAN = 0.15  # of the way from paper to ink, and back, that is the grain of either


def scanned_font(folder: Path) -> Path:
    """The font of a folder of pictures, made now or before.

    Raises:
        TenshoError: there is no such folder, no file in it is a picture named after a character, or none has ink.
    """
    images = load_images(folder, only_named=True)
    path = kept_folder("scans") / f"{images.sha256[:32]}-{_VERSION}" / f"{_file_name(images.name)}.otf"
    if not path.is_file():
        outlines = dict(traced_characters(images))
        if not outlines:
            raise TenshoError(
                f"the pictures in {folder} show nothing; give scans with dark and light in them"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced_file(path) as temporary:
            _write(outlines, images.name, temporary)
    return path


def traced_characters(images: ImageFolder) -> Iterator[tuple[str, Outline]]:
    """Each character of a folder, with its outline in thousandths of an em; of several pictures of one the first with ink."""
    pictures = {}
    for code, key in zip(images.code_points, images.files, strict=True):
        ink = None if chr(code) in pictures else _ink(images, key)
        if ink is not None:
            pictures[chr(code)] = ink
    sides = _sides(list(pictures.values()))
    for (character, ink), side in zip(pictures.items(), sides.tolist(), strict=True):
        outline = _traced(ink, side)
        if len(outline):
            yield character, outline


@dataclass(frozen=True)
class _Levels:
    """What is paper and what is ink in a picture: the medians of either side of the best threshold (Otsu 1979)."""

    paper: float
    ink: float

    @classmethod
    def of(cls, grey: NDArray[np.uint8]) -> _Levels:
        counts = np.bincount(grey.ravel(), minlength=256).astype(float)
        below, sums = np.cumsum(counts), np.cumsum(counts * np.arange(256))
        above = below[-1] - below
        apart = np.divide(sums, below, where=below > 0, out=np.zeros(256)) - np.divide(
            sums[-1] - sums, above, where=above > 0, out=np.zeros(256)
        )
        cut = int((below * above * apart**2).argmax())
        light, dark = grey[grey > cut], grey[grey <= cut]
        if not len(light) or not len(dark):
            return cls(0.0, 0.0)
        return cls(float(np.median(dark)), float(np.median(light)))


def _ink(images: ImageFolder, key: str) -> NDArray[np.float32] | None:
    """How much of each pixel of a picture is ink, float32 (H, W) in [0, 1]; None if it cannot be read or there is none."""
    grey = images.grey(key)
    if grey is None:
        return None
    levels = _Levels.of(grey)
    if levels.ink - levels.paper < _FAINT:
        return None
    ink = (grey.astype(np.float32) - levels.paper) / (levels.ink - levels.paper)
    clean: NDArray[np.float32] = np.clip((ink - _CLEAN) / (1 - 2 * _CLEAN), 0, 1).astype(np.float32)
    return clean


def _sides(pictures: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
    """The em of each picture, in its pixels, float64 (N,)."""
    longest = np.array([max(ink.shape) for ink in pictures], float)
    if not len(longest) or np.mean([_cut_off(ink) for ink in pictures]) < 0.5:
        return longest
    usual = float(np.quantile(longest, 0.9))
    if usual < _ALIKE * np.quantile(longest, 0.1):
        longest = np.maximum(longest, usual)
    return longest / _FULL


def _cut_off(ink: NDArray[np.float32]) -> bool:
    """Whether ink reaches three sides of a picture, as it does where the picture ends with the ink."""
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis)) for axis in (1, 0))
    if not len(rows):
        return False
    touched = 0
    for where, length in ((rows, ink.shape[0]), (columns, ink.shape[1])):
        near = max(1.0, _EDGE * length)
        touched += int(where[0] < near) + int(where[-1] >= length - near)
    return touched >= 3


def _traced(ink: NDArray[np.float32], side: float) -> Outline:
    height, width = (max(1, round(length * _SIDE / side)) for length in ink.shape)
    page = Image.new("L", (_SIDE, _SIDE))
    grey = Image.fromarray(np.rint(255 * ink).astype(np.uint8))
    page.paste(
        grey.resize((width, height), Image.Resampling.LANCZOS), ((_SIDE - width) // 2, (_SIDE - height) // 2)
    )
    pen = OutlinePen()
    try:
        smooth = np.asarray(page.filter(ImageFilter.GaussianBlur(_GRAIN)))
        trace(smooth, tolerance=_TOLERANCE, em_fraction=1.0).draw(pen)
    except TenshoError:  # dust alone
        return pen.outline()
    outline = pen.outline()
    return outline.subset(np.flatnonzero(np.abs(outline.areas) >= _SPECK).tolist())


def _write(outlines: dict[str, Outline], name: str, path: Path) -> None:
    """Write a font, the same bytes for the same outlines."""
    try:
        from fontTools.fontBuilder import FontBuilder
        from fontTools.pens.t2CharStringPen import T2CharStringPen
    except ImportError as error:
        raise TenshoError(
            "reading scans as a font needs fontTools; run: pip install 'tensho[data]'"
        ) from error

    names = {character: f"u{ord(character):05X}" for character in sorted(outlines)}
    programs = {}
    for glyph, outline in ((".notdef", _frame()), *((names[c], outlines[c]) for c in names)):
        pen = T2CharStringPen(UNITS_PER_EM, None)
        outline.draw(pen)
        programs[glyph] = pen.getCharString()
    builder = FontBuilder(UNITS_PER_EM, isTTF=False)
    builder.updateHead(created=_EPOCH, modified=_EPOCH)
    builder.setupGlyphOrder(list(programs))
    builder.setupCharacterMap({ord(character): glyph for character, glyph in names.items()})
    builder.setupCFF("Scans", {}, programs, {})
    builder.setupHorizontalMetrics(dict.fromkeys(programs, (UNITS_PER_EM, 0)))
    builder.setupHorizontalHeader(ascent=ASCENDER, descent=DESCENDER)
    builder.setupNameTable({"familyName": name, "styleName": "Regular", "version": "Version 1.0"})
    builder.setupOS2(sTypoAscender=ASCENDER, sTypoDescender=DESCENDER)
    builder.setupPost()
    builder.font.recalcTimestamp = False
    builder.save(path)


def _frame() -> Outline:
    """What stands for a character that there is no picture of."""
    pen = OutlinePen()
    pen.moveTo((100, DESCENDER))
    for corner in ((900, DESCENDER), (900, ASCENDER), (100, ASCENDER)):
        pen.lineTo(corner)
    pen.closePath()
    return pen.outline()


def _file_name(name: str) -> str:
    return "-".join(re.findall(r"\w+", name)) or "scans"
