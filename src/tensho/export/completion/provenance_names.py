"""What a completed font says of itself in its name table: where the new characters come from, and a free name."""

from __future__ import annotations

import re

from fontTools.ttLib import TTFont

from tensho.version import __version__

__all__ = ["family_of", "note_provenance", "rename"]

_FAMILY, _STYLE, _UNIQUE, _FULL, _VERSION, _POSTSCRIPT, _DESCRIPTION = 1, 2, 3, 4, 5, 6, 10
_TYPOGRAPHIC_FAMILY, _TYPOGRAPHIC_STYLE, _COMPATIBLE_FULL, _CID_NAME, _WWS_FAMILY, _VARIATIONS_PREFIX = (
    16, 17, 18, 20, 21, 25
)  # fmt: skip
_LONGEST_POSTSCRIPT_NAME = 63


def family_of(font: TTFont) -> str:
    """The family's name, in English where the font has it."""
    names = font["name"]
    return names.getBestFamilyName() or names.getDebugName(_FAMILY) or "Font"


def note_provenance(font: TTFont, count: int) -> None:
    """Append to the version, the unique identifier and the description that tensho added so many characters."""
    by = f"tensho {__version__}"
    said = f"{count:,} characters were composed with {by}."
    table = font["name"]
    for record in list(table.names):
        text = str(record)
        if record.nameID == _VERSION:
            record.string = f"{text}; {by}"
        elif record.nameID == _UNIQUE:
            record.string = f"{text};{by};{count}"
        elif record.nameID == _DESCRIPTION:
            record.string = f"{text} {said}"
    if table.getDebugName(_DESCRIPTION) is None:
        table.setName(said, _DESCRIPTION, 3, 1, 0x409)
    if table.getDebugName(_VERSION) is None:
        table.setName(f"Version 1.000; {by}", _VERSION, 3, 1, 0x409)


def rename(font: TTFont, family: str) -> None:
    """Give a font another family name in all languages, in ``name`` and in ``CFF ``; styles keep theirs."""
    table = font["name"]
    style = table.getDebugName(_TYPOGRAPHIC_STYLE) or table.getDebugName(_STYLE) or "Regular"
    postscript = _postscript_name(family, style)
    regular = style == "Regular"
    new = {
        _FULL: family if regular else f"{family} {style}",
        _POSTSCRIPT: postscript,
        _TYPOGRAPHIC_FAMILY: family,
        _WWS_FAMILY: family,
        _COMPATIBLE_FULL: family if regular else f"{family} {style}",
        _CID_NAME: postscript,
        _VARIATIONS_PREFIX: _postscript_name(family, ""),
    }
    for record in list(table.names):
        text = str(record)
        if record.nameID == _FAMILY:
            four = table.getName(_STYLE, record.platformID, record.platEncID, record.langID)
            in_family_of_four = str(four) if four else "Regular"
            weight = (
                style if in_family_of_four in ("Regular", "Italic") and style != in_family_of_four else ""
            )
            record.string = f"{family} {weight}".strip()
        elif record.nameID == _UNIQUE:
            record.string = f"{table.getDebugName(_VERSION) or 'Version 1.000'};TNSH;{postscript}"
        elif record.nameID in new and text:
            record.string = new[record.nameID]
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [postscript]
        top = cff.topDictIndex[0]
        for key, value in (("FamilyName", family), ("FullName", new[_FULL])):
            if key in top.rawDict:
                setattr(top, key, value.encode("latin-1", "replace").decode("latin-1"))


def _postscript_name(family: str, style: str) -> str:
    letters = "".join(c if c.isascii() else f"u{ord(c):04X}" for c in f"{family}-{style}".strip("-"))
    return re.sub(r"[^!-~]|[][(){}<>/%]", "", letters)[:_LONGEST_POSTSCRIPT_NAME]
