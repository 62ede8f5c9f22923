"""A typeface before it is a file: named glyphs, code points, features and names."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tensho.errors import TenshoError
from tensho.export.auxiliary_glyphs import (
    BLANK,
    missing_glyph,
    operator_diagram,
    placeholder,
    punctuation,
    vertical_punctuation,
)
from tensho.fonts.faces import load_face
from tensho.fonts.placed_outline import EmBox, PlacedOutline, placed, traced
from tensho.fonts.placed_part import PlacedPart
from tensho.fonts.tracing.outline import trace
from tensho.ids.syntax import ARITY, parse, to_string
from tensho.sheet import Glyph

__all__ = ["FontInfo", "Typeface", "TypefaceGlyph", "private_code_points", "typeface"]

MOST_GLYPHS = 65_535
"""Glyph indices are 16 bits (OpenType specification, maxp)."""

LONGEST_FAMILY = 31  # UTF-16 units, what Windows has room for
LANGUAGES = "languagesystem DFLT dflt;\nlanguagesystem hani dflt;\nlanguagesystem kana dflt;\nlanguagesystem latn dflt;\n"


@dataclass(frozen=True)
class FontInfo:
    """The names that go into a font file; the style is always Regular.

    Raises:
        TenshoError: a family name that a font cannot hold, or a version that is no number.
    """

    family: str = "Tensho Dreams"
    version: str = "1.000"
    copyright: str = ""
    licence: str = (
        "No rights are claimed in these glyphs beyond those of the faces that the model learned from."
    )
    licence_url: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        name = self.family
        if not name.strip() or any(unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} for char in name):
            raise TenshoError(f"{name!r} cannot be a font's family name; use visible characters")
        if len(name.encode("utf-16-le")) // 2 > LONGEST_FAMILY:
            raise TenshoError(
                f"the family name {name!r} is longer than {LONGEST_FAMILY} characters; shorten it"
            )
        if not re.fullmatch(r"[0-9]{1,4}\.[0-9]{3}", self.version):
            raise TenshoError(f"{self.version!r} is no font version; write it like 1.000")

    @property
    def postscript_name(self) -> str:
        """The name in printable ASCII, without what PostScript reserves; other letters become their code points."""
        letters = (c if c.isascii() else f"u{ord(c):04X}" for c in self.family)
        return re.sub(r"[^!-~]|[][(){}<>/%-]", "", "".join(letters))[:48] + "-Regular"


@dataclass(frozen=True)
class TypefaceGlyph:
    """One glyph of a font; all are one em wide. ``parts`` are those that other glyphs may have too."""

    name: str
    outline: PlacedOutline
    code_point: int | None = None
    parts: tuple[PlacedPart, ...] = ()


@dataclass(frozen=True)
class Typeface:
    """A font before it is compiled.

    Attributes:
        info: its names.
        glyphs: ``.notdef`` first; the others in the order of their code points.
        features: OpenType feature code: descriptions to glyphs, marks to their vertical forms.
        drawn: the code points of the glyphs that were asked for, in their order.
        em: the em box, in font units.
    """

    info: FontInfo
    glyphs: tuple[TypefaceGlyph, ...]
    features: str
    drawn: tuple[int, ...]
    em: EmBox


def private_code_points() -> Iterator[int]:
    """U+E000 to U+F8FF, then planes 15 and 16: 137,468 code points that Unicode leaves to private agreement."""
    return itertools.chain(range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))


def typeface(
    glyphs: Sequence[Glyph],
    *,
    info: FontInfo | None = None,
    code_points: Iterable[int] | None = None,
    parts_face: Path | None = None,
) -> Typeface:
    """Make a typeface of glyphs.

    A glyph with ``ids`` is also what its description turns into when it is typed. The parts of descriptions
    become glyphs as well: as drawn in ``glyphs``, else as in ``parts_face``, else as an empty frame.

    Args:
        glyphs: with outlines, which stay as they are, or pictures ``(S, S)`` in [0, 1], which are traced; and what is
            known of them.
        info: the names of the font.
        code_points: one for each glyph; by default that of its ``character``, or else a private one.
        parts_face: a font file whose parts of characters may be drawn; mind its licence.

    Raises:
        TenshoError: no glyphs or too many, one without ink, a description that cannot be read, a code point
            that is out of range, not a character's, or given twice.
    """
    if not glyphs:
        raise TenshoError("a font needs at least one glyph; draw some first")
    if len(glyphs) > MOST_GLYPHS:
        raise TenshoError(f"a font holds at most {MOST_GLYPHS:,} glyphs, not {len(glyphs):,}; make several")
    codes = _checked(code_points, len(glyphs)) if code_points is not None else _chosen(glyphs)
    # That of the first outline, so that its contours stay as they are.
    em = EmBox.of(next((glyph.em for glyph in glyphs if glyph.em is not None), None))
    outlines = [_placed(glyph, em, place) for place, glyph in enumerate(glyphs)]
    descriptions = {place: to_string(parse(glyph.ids)) for place, glyph in enumerate(glyphs) if glyph.ids}
    cmap = {code: traced(BLANK, em) for code in (0x20, 0x3000)}
    cmap |= {ord(mark): traced(outline, em) for mark, outline in punctuation().items()}
    components = {char for ids in descriptions.values() if len(ids) > 1 for char in ids}
    parts = sorted(components - ARITY.keys())
    cmap |= {ord(operator): traced(operator_diagram(operator), em) for operator in components & ARITY.keys()}
    cmap |= {ord(part): traced(placeholder(), em) for part in parts} | dict(_parts(parts_face, parts, em))
    cmap |= {
        ord(glyph.character): outline
        for glyph, outline in zip(glyphs, outlines, strict=True)
        if glyph.character in parts
    }
    cmap |= dict(zip(codes, outlines, strict=True))
    shared = {code: glyph.parts for code, glyph in zip(codes, glyphs, strict=True)}
    upright = [TypefaceGlyph(_name(code), cmap[code], code, shared.get(code, ())) for code in sorted(cmap)]
    vertical = [
        TypefaceGlyph(f"{_name(ord(mark))}.vert", traced(outline, em))
        for mark, outline in vertical_punctuation().items()
        if ord(mark) not in codes
    ]
    everything = (TypefaceGlyph(".notdef", traced(missing_glyph(), em)), *upright, *vertical)
    if len(everything) > MOST_GLYPHS:
        raise TenshoError(
            f"a font holds at most {MOST_GLYPHS:,} glyphs, not {len(everything):,}; make several"
        )
    ligatures = {ids: codes[place] for place, ids in reversed(descriptions.items()) if len(ids) > 1}
    return Typeface(info or FontInfo(), everything, _features(ligatures, vertical), tuple(codes), em)


def _placed(glyph: Glyph, em: EmBox, place: int) -> PlacedOutline:
    try:
        if glyph.outline is None or glyph.em is None:
            return traced(trace(glyph.array), em)
        if not len(glyph.outline):
            raise TenshoError("a glyph has no ink; leave it out")
        return placed(glyph.outline, glyph.em, em)
    except TenshoError as error:
        raise TenshoError(f"glyph {place}: {error}") from error


def _checked(code_points: Iterable[int], count: int) -> list[int]:
    codes = list(code_points)
    if len(codes) != count:
        raise TenshoError(f"{len(codes)} code points for {count} glyphs; give one for each")
    for code in codes:
        if not _is_character(code):
            raise TenshoError(
                f"{code:#x} is no code point of a glyph; use U+E000 to U+F8FF, or any character's"
            )
    if len(set(codes)) < count:
        twice = next(code for code in codes if codes.count(code) > 1)
        raise TenshoError(f"U+{twice:04X} is given twice; every glyph needs a code point of its own")
    return codes


def _is_character(code: int) -> bool:
    in_range = 0x21 <= code <= 0x10FFFF and not 0x7F <= code <= 0xA0
    return (
        in_range and not 0xD800 <= code <= 0xDFFF and not 0xFDD0 <= code <= 0xFDEF and code & 0xFFFE != 0xFFFE
    )


def _chosen(glyphs: Sequence[Glyph]) -> list[int]:
    free = private_code_points()
    codes: list[int] = []
    taken: set[int] = set()
    for glyph in glyphs:
        own = ord(glyph.character) if glyph.character and len(glyph.character) == 1 else None
        code = own if own is not None and own not in taken and _is_character(own) else None
        while code is None or code in taken:
            code = next(free)
        codes.append(code)
        taken.add(code)
    return codes


def _parts(path: Path | None, parts: Sequence[str], em: EmBox) -> Iterator[tuple[int, PlacedOutline]]:
    if path is None or not parts:
        return
    face = load_face(path)
    reader = face.outlines()
    for part in parts:
        outline = reader.outline(part)
        if outline is not None:
            yield ord(part), placed(outline, face.em_box(reader.units_per_em), em)


def _name(code: int) -> str:
    return "space" if code == 0x20 else f"uni{code:04X}" if code <= 0xFFFF else f"u{code:X}"


def _features(ligatures: dict[str, int], vertical: Sequence[TypefaceGlyph]) -> str:
    """Descriptions compose in ``ccmp``, which stays on where letters are spaced, and in ``liga`` for older programs."""
    code = LANGUAGES
    if ligatures:
        rules = "".join(
            f"  sub {' '.join(_name(ord(char)) for char in ids)} by {_name(target)};\n"
            for ids, target in sorted(ligatures.items())
        )
        code += f"lookup descriptions {{\n{rules}}} descriptions;\n"
        code += "".join(f"feature {tag} {{ lookup descriptions; }} {tag};\n" for tag in ("ccmp", "liga"))
    if vertical:
        rules = "".join(f"  sub {glyph.name.removesuffix('.vert')} by {glyph.name};\n" for glyph in vertical)
        code += f"feature vert {{\n{rules}}} vert;\n"
    return code
