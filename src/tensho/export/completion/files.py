"""The files that a completion leaves: the font or its UFO, the review sheet, and the same facts as JSON; all or none."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.export.completion.font import Addition, completed_fonts
from tensho.export.completion.glyph_registration import IdeographMetrics
from tensho.export.completion.operator_glyphs import operator_additions
from tensho.export.completion.review_sheet import ReviewedGlyph, SheetFacts, facts_json, review_page
from tensho.export.completion.ufo import SourceGlyph, write_completion_ufo
from tensho.fonts.coverage.completable import CompletableFont
from tensho.fonts.outlines import Outline
from tensho.ids.decomposition import decompose
from tensho.ids.syntax import ARITY, to_string

__all__ = ["output_name", "write_completion"]

_ABOUT_UFO = (
    "The UFO holds the new characters, .notdef and spaces; merge it into the sources of the font, "
    "whose features and hints are not in it."
)
_WEB = {".woff": "woff", ".woff2": "woff2"}


def output_name(label: str, out: Path | str | None, flavor: str | None, *, quadratic: bool) -> Path:
    """The name of the completed font.

    Args:
        label: how the user named the font.
        out: how the user named the completed one; None: after the font.
        flavor: "woff" or "woff2" in place of the name's ending.
        quadratic: whether the font has TrueType's outlines, which decides between .ttf and .otf.

    Raises:
        TenshoError: its ending is not that of a file that can be written.
    """
    own = ".ttf" if quadratic else ".otf"
    path = Path(f"{Path(label.partition('#')[0]).stem}-completed{own}") if out is None else Path(out)
    ending = path.suffix.lower()
    if flavor is not None:
        if f".{flavor}" not in _WEB:
            raise TenshoError(f"{flavor!r} is no flavour of a font file; give woff or woff2")
        if ending == ".ufo":
            raise TenshoError("UFO sources have no flavour; leave it out, or name a font file")
        path = path.with_suffix(f".{flavor}")
        ending = path.suffix
    if ending not in {own, ".ufo", *_WEB}:
        outlines = "TrueType" if quadratic else "PostScript"
        raise TenshoError(
            f"the font has {outlines} outlines and so will the completed one; let {path.name} end in {own}, .woff2, .woff or .ufo"
        )
    if ending == ".woff2" and find_spec("brotli") is None:
        raise TenshoError("writing WOFF2 needs brotli; run: pip install brotli")
    return path


def write_completion(
    source: CompletableFont,
    glyphs: Sequence[ReviewedGlyph],
    facts: SheetFacts,
    metrics: IdeographMetrics,
    out: Path,
    *,
    outline_of: Callable[[str], Outline | None],
    ids_ligatures: bool = False,
) -> tuple[tuple[Path, ...], SheetFacts]:
    """Write the font, the sheet and the facts.

    Args:
        source: the font that is completed.
        glyphs: what is added.
        facts: what the sheet says.
        metrics: how the font's ideographs stand.
        out: the font's name; sheet and facts are called like it, with .html and .json.
        outline_of: the font's own outlines, by character.
        ids_ligatures: whether descriptions turn into encoded characters when they are typed; those of characters that are
            not encoded do anyway.

    Returns:
        The files, and the facts with what became known while they were written.

    Raises:
        TenshoError: a place cannot be written.
    """
    ligatures = _descriptions(glyphs, everything=ids_ligatures)
    sheet, record = out.with_suffix(".html"), out.with_suffix(".json")
    fonts: tuple[Path, ...]
    with ExitStack() as stack:
        if out.suffix.lower() == ".ufo":
            _write_ufo(source, glyphs, facts, metrics, ligatures, out)
            fonts, notes = (out,), [_ABOUT_UFO]
        else:
            fonts, notes = _write_fonts(stack, source, glyphs, facts, metrics, ligatures, out)
        facts = replace(
            facts,
            files=tuple(path.name for path in fonts),
            notes=tuple(dict.fromkeys((*facts.notes, *notes))),
        )
        page = review_page(glyphs, facts, outline_of)
        stack.enter_context(replaced_file(sheet)).write_text(page, encoding="utf-8")
        told = json.dumps(facts_json(glyphs, facts), ensure_ascii=False, indent=1)
        stack.enter_context(replaced_file(record)).write_text(told + "\n", encoding="utf-8")
    return (*fonts, sheet, record), facts


def _descriptions(glyphs: Sequence[ReviewedGlyph], *, everything: bool) -> dict[int, str]:
    """What is typed to get a glyph, by its code point."""
    found = {}
    for glyph in glyphs:
        if len(glyph.text) > 1:
            found[glyph.code_point] = glyph.text
        elif everything and (tree := decompose(glyph.text)) is not None:
            found[glyph.code_point] = to_string(tree)
    return found


def _write_ufo(
    source: CompletableFont,
    glyphs: Sequence[ReviewedGlyph],
    facts: SheetFacts,
    metrics: IdeographMetrics,
    ligatures: dict[int, str],
    out: Path,
) -> None:
    ordered = sorted(glyphs, key=lambda glyph: glyph.code_point)
    sources = [
        SourceGlyph(
            glyph.code_point,
            glyph.outline,
            glyph.confidence,
            f"{glyph.text}: {glyph.rung}, confidence {glyph.confidence:.2f}, made from {' '.join(glyph.donors)}",
            glyph.parts,
        )
        for glyph in ordered
    ]
    with closing(source.read()) as font:
        write_completion_ufo(sources, font, metrics, out, family=facts.family, ligatures=ligatures)


def _write_fonts(
    stack: ExitStack,
    source: CompletableFont,
    glyphs: Sequence[ReviewedGlyph],
    facts: SheetFacts,
    metrics: IdeographMetrics,
    ligatures: dict[int, str],
    out: Path,
) -> tuple[tuple[Path, ...], list[str]]:
    with closing(source.read()) as font:
        encoded, units_per_em = font.getBestCmap().keys(), font["head"].unitsPerEm
    operators = sorted(
        {char for ids in ligatures.values() for char in ids if char in ARITY and ord(char) not in encoded}
    )
    additions = [
        *operator_additions(operators, units_per_em, metrics),
        *(Addition(glyph.code_point, glyph.outline, ligatures.get(glyph.code_point)) for glyph in glyphs),
    ]
    fonts: list[Path] = []
    notes: list[str] = []
    turned = 0
    for number, completion in enumerate(completed_fonts(source, additions, family=facts.family), 1):
        path = out if number == 1 else out.with_stem(f"{out.stem}-{number}")
        temporary = stack.enter_context(replaced_file(path))
        completion.save(temporary, _WEB.get(out.suffix.lower()))
        fonts.append(path)
        notes += completion.notes
        turned += completion.ligatures
    if len(fonts) > 1:
        notes.append(
            f"A font numbers 65,535 glyphs at most, so the rest is in {', '.join(path.name for path in fonts[1:])}."
        )
    if ligatures:
        lacking = (
            f"; the parts of {len(ligatures) - turned:,} others are not all in the font"
            if turned < len(ligatures)
            else ""
        )
        turn = "1 description turns into its" if turned == 1 else f"{turned:,} descriptions turn into their"
        notes.append(f"{turn} character when typed{lacking}.")
    if operators:
        notes.append(f"The operators {' '.join(operators)} were added to type descriptions with.")
    return tuple(fonts), notes
