"""A font with everything that it had and more characters, as one file or, at 65,535 glyphs, as several."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from tensho.errors import TenshoError
from tensho.export.completion.description_ligatures import add_ligatures
from tensho.export.completion.glyph_registration import (
    add_code_points,
    add_metrics,
    ideograph_metrics,
    note_ranges,
)
from tensho.export.completion.outline_insertion import free_names, insert_outlines
from tensho.export.completion.provenance_names import family_of, note_provenance, rename
from tensho.fonts.coverage.completable import CompletableFont
from tensho.fonts.outlines import Outline

__all__ = ["MOST_GLYPHS", "Addition", "Completion", "completed_fonts", "glyph_name"]

MOST_GLYPHS = 65_535
"""As many as a font file can number."""

_SAMPLE = 512  # ideographs whose metrics are asked for


@dataclass(frozen=True)
class Addition:
    """A character to be added.

    Attributes:
        code_point: what it is typed as.
        outline: its contours in the font's units.
        description: parts that turn into it when they are typed, as an IDS; None if it is typed by its code point alone.
    """

    code_point: int
    outline: Outline
    description: str | None = None


@dataclass(frozen=True)
class Completion:
    """One file of a completed font.

    Attributes:
        font: for `save`.
        family: its name.
        added: code points, in the order of the additions.
        ligatures: how many descriptions turn into their character.
        notes: what was changed beside the additions, in whole sentences.
    """

    font: TTFont
    family: str
    added: tuple[int, ...]
    ligatures: int
    notes: tuple[str, ...]

    def save(self, path: Path, flavor: str | None = None) -> None:
        """Write the font, compressed where ``flavor`` is woff or woff2."""
        self.font.flavor = flavor
        with path.open("wb") as file:
            self.font.save(file, reorderTables=False)


def completed_fonts(
    source: CompletableFont,
    additions: Sequence[Addition],
    *,
    family: str | None = None,
    most: int = MOST_GLYPHS,
) -> Iterator[Completion]:
    """Complete a font.

    The first file is the font itself with as many characters as it has room for. What is left goes into further fonts
    of the same design, whose families are called by numbers.

    Args:
        source: the font.
        additions: no code point twice; one that the font has is drawn anew.
        family: another name for it.
        most: glyphs in a file.

    Raises:
        TenshoError: there is nothing to add.
    """
    if not additions:
        raise TenshoError("there is nothing to add; name more characters with --to, or lower --only-sure")
    rest = list(additions)
    number = 1
    while rest:
        font = source.read() if number == 1 else _emptied(source)
        if number > 1 or family is not None:
            name = family or family_of(font)
            rename(font, name if number == 1 else f"{name} {number}")
        room = max(0, most - len(font.getGlyphOrder()))
        here, rest = rest[:room], rest[room:]
        if here or number == 1:
            yield _completed(source, font, here)
        number += 1


def glyph_name(code_point: int) -> str:
    """The name that the Adobe Glyph List gives a character that it does not list."""
    return f"uni{code_point:04X}" if code_point <= 0xFFFF else f"u{code_point:X}"


def _emptied(source: CompletableFont) -> TTFont:
    """The font with no glyphs but ``.notdef`` and spaces: its metrics, hints and names."""
    font = source.read()
    options = Options(
        notdef_outline=True, name_IDs=["*"], name_languages=["*"], name_legacy=True, layout_features=[],
        hinting=False, recalc_bounds=False, recalc_timestamp=False, drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "DSIG"],
    )  # fmt: skip
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[0x20, 0x3000])
    subsetter.subset(font)
    return font


def _completed(source: CompletableFont, font: TTFont, additions: Sequence[Addition]) -> Completion:
    cmap = font.getBestCmap()
    like = sorted(source.characters)[:: max(1, len(source.characters) // _SAMPLE)]
    with contextlib.closing(source.read()) as original:
        metrics = ideograph_metrics(original, like)
    # In the order of code points, so that cmap's runs are long.
    ordered = sorted(additions, key=lambda addition: addition.code_point)
    names = dict(
        zip(
            (addition.code_point for addition in ordered),
            free_names(font, [glyph_name(addition.code_point) for addition in ordered]),
            strict=True,
        )
    )
    _load_what_counts_glyphs(font)
    notes = _unsigned(font)
    outlines = {names[addition.code_point]: addition.outline for addition in ordered}
    alike = [cmap[ord(char)] for char in like if ord(char) in cmap]
    boxes = insert_outlines(font, outlines, advance=metrics.advance, like=alike)
    add_metrics(font, boxes, metrics)
    add_code_points(font, names)
    note_ranges(font, list(names))
    ligatures = _ligatures(additions, font.getBestCmap())
    add_ligatures(font, ligatures)
    note_provenance(font, len(additions))
    return Completion(
        font, family_of(font), tuple(a.code_point for a in additions), len(ligatures), tuple(notes)
    )


def _load_what_counts_glyphs(font: TTFont) -> None:
    """Read the tables that are to grow while the font still counts its old glyphs."""
    for tag in ("hmtx", "vmtx", "VORG", "post", "cmap"):
        if tag in font:
            font[tag]
    if font["post"].formatType == 1.0:
        font["post"].formatType = 2.0  # the first format names Apple's 258 glyphs and no others
        font["post"].extraNames, font["post"].mapping = [], {}


def _unsigned(font: TTFont) -> list[str]:
    """Take away what would be untrue of the completed font; says what."""
    notes = []
    if "DSIG" in font:
        del font["DSIG"]
        notes.append("The font's signature (DSIG) was taken out, since it is one of the old file.")
    if "CFF " in font:
        top = font["CFF "].cff.topDictIndex[0]
        if "ROS" in top.rawDict and top.ROS[:2] != ("Adobe", "Identity"):
            notes.append(
                f"Its glyphs are no longer numbered as in {'-'.join(map(str, top.ROS))}, which has no numbers for the new ones."
            )
            top.ROS = ("Adobe", "Identity", 0)
    return notes


def _ligatures(additions: Sequence[Addition], cmap: Mapping[int, str]) -> dict[tuple[str, ...], str]:
    """The descriptions whose every part the font has."""
    found = {}
    for addition in additions:
        description = addition.description or ""
        if len(description) > 1 and all(ord(char) in cmap for char in description):
            found[tuple(cmap[ord(char)] for char in description)] = cmap[addition.code_point]
    return found
