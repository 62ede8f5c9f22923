"""The review sheet of a completed font: every new glyph, the most doubtful first, in one HTML file.

The page asks nothing of the network. Outlines stand in it once each and are drawn from there wherever they are
shown: large, in a line between characters of the font with the same parts, and small as donors.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from tensho.export.outline_paths import path_data
from tensho.fonts.outlines import Outline
from tensho.fonts.placed_part import PlacedPart

__all__ = ["Reading", "ReviewedGlyph", "SheetFacts", "facts_json", "review_page"]

_DONORS, _BINS = 8, 10
_CARDS = 6000  # more than that no browser shows with ease and nobody looks through


@dataclass(frozen=True)
class Reading:
    """What a text recogniser says of a glyph.

    Attributes:
        character: what it reads.
        confidence: the probability that it gives it, in [0, 1].
        known: whether it can be expected to read the character that the glyph shall be; if not, its opinion says nothing.
    """

    character: str
    confidence: float
    known: bool


@dataclass(frozen=True)
class ReviewedGlyph:
    """A new glyph and what is known of it.

    Attributes:
        text: the character, or the description of one that is not encoded.
        code_point: what it is typed as.
        outline: its contours, in font units.
        rung: which rung of the ladder of donors it needed.
        confidence: in [0, 1].
        donors: characters of the font that it was made from.
        neighbours: characters of the font with the same parts.
        reading: what a recogniser says; None if none was asked.
        parts: those of its parts that stand in it as in their donors, but for a move.
    """

    text: str
    code_point: int
    outline: Outline
    rung: str
    confidence: float
    donors: tuple[str, ...]
    neighbours: tuple[str, ...] = ()
    reading: Reading | None = None
    parts: tuple[PlacedPart, ...] = ()

    @property
    def is_misread(self) -> bool:
        """Whether a recogniser that knows the character takes the glyph for another one."""
        if self.reading is None or not self.reading.known:
            return False
        # What is encoded twice is read as the one that is not for compatibility alone.
        return self.reading.character != unicodedata.normalize("NFC", self.text)

    @property
    def doubt(self) -> float:
        """In [0, 1]; a glyph that is misread is doubtful, however sure the composer was."""
        doubt = 1 - self.confidence
        if self.reading is not None and self.is_misread:
            doubt = max(doubt, 0.5 + 0.5 * self.reading.confidence)
        return doubt


@dataclass(frozen=True)
class SheetFacts:
    """What the head of a sheet says.

    Attributes:
        font: as the user named it.
        family: the completed font's name.
        licence: the font's.
        repertoire: what was asked for.
        wanted, missing: how many characters that is, and how many of them the font had not.
        left_out: characters that were composed and left out as not sure enough.
        refused: what could not be composed, with the reason.
        files: names of the fonts that were written.
        notes: whole sentences.
        units_per_em, advance, bottom: the em box of an ideograph, in font units.
    """

    font: str
    family: str
    licence: str
    repertoire: str
    wanted: int
    missing: int
    left_out: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    notes: tuple[str, ...]
    units_per_em: int
    advance: int
    bottom: int


def facts_json(glyphs: Iterable[ReviewedGlyph], facts: SheetFacts) -> dict[str, Any]:
    """All that the sheet says, for JSON; outlines are left to the font."""
    entries = []
    for glyph in sorted(glyphs, key=lambda glyph: (-glyph.doubt, glyph.code_point)):
        entry: dict[str, Any] = {
            "character": glyph.text,
            "code_point": f"U+{glyph.code_point:04X}",
            "confidence": round(glyph.confidence, 4),
            "rung": glyph.rung,
            "donors": list(glyph.donors),
            "neighbours": list(glyph.neighbours),
            "points": len(glyph.outline.points),
        }
        if glyph.reading is not None:
            entry["ocr"] = asdict(glyph.reading) | {"confidence": round(glyph.reading.confidence, 4)}
        entries.append(entry)
    head = asdict(facts)
    head["refused"] = [{"character": text, "reason": reason} for text, reason in facts.refused]
    head["left_out"] = list(facts.left_out)
    rungs = Counter(entry["rung"] for entry in entries)
    return {**head, "added": len(entries), "rungs": dict(rungs.most_common()), "glyphs": entries}


def review_page(
    glyphs: Sequence[ReviewedGlyph], facts: SheetFacts, outline_of: Callable[[str], Outline | None]
) -> str:
    """The sheet as HTML.

    Args:
        glyphs: the new ones.
        facts: what its head says.
        outline_of: the font's own outlines, by character.
    """
    ordered = sorted(glyphs, key=lambda glyph: (-glyph.doubt, glyph.code_point))
    drawings = _Drawings(facts, outline_of)
    cards = "\n".join(_card(glyph, drawings) for glyph in ordered[:_CARDS])
    head = _head(ordered, facts, drawings)
    resources = files("tensho.export.completion") / "review_sheet_page"
    style = (resources / "sheet.css").read_text(encoding="utf-8")
    script = (resources / "sheet.js").read_text(encoding="utf-8")
    title = escape(f"{facts.family} · {len(ordered):,} new characters")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>\n{style}</style></head>\n<body>\n{drawings.sprite()}\n{head}\n"
        f'<main id="cards">\n{cards}\n</main>\n<p id="none" hidden>No glyph is like that.</p>\n'
        f"<script>\n{script}</script>\n</body></html>\n"
    )


class _Drawings:
    """Outlines that the page holds once each."""

    def __init__(self, facts: SheetFacts, outline_of: Callable[[str], Outline | None]) -> None:
        self._box = f"0 {-(facts.bottom + facts.units_per_em)} {facts.advance} {facts.units_per_em}"
        self._paths: dict[str, str] = {}
        self._own = cache(outline_of)
        self._ink: dict[str, Outline] = {}

    def new(self, glyph: ReviewedGlyph, css: str) -> str:
        """A new glyph."""
        return self._use(f"n{glyph.code_point:x}", glyph.outline, css)

    def old(self, char: str, css: str) -> str:
        """A character of the font, nothing if it has none."""
        outline = self._own(char)
        return self._use(f"o{ord(char):x}", outline, css, char) if outline is not None else ""

    def sprite(self) -> str:
        """What the page draws from."""
        paths = "".join(f'<path id="{name}" d="{path}"/>' for name, path in self._paths.items())
        return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{paths}</defs></svg>'

    def _use(self, name: str, outline: Outline, css: str, title: str = "") -> str:
        if name not in self._paths:
            self._paths[name] = path_data(outline)
        label = f"<title>{escape(title)} U+{ord(title):04X}</title>" if title else ""
        return f'<svg class="{css}" viewBox="{self._box}">{label}<use href="#{name}"/></svg>'


def _card(glyph: ReviewedGlyph, drawings: _Drawings) -> str:
    half = len(glyph.neighbours) // 2
    before, after = glyph.neighbours[:half], glyph.neighbours[half:]
    line = "".join((
        *(drawings.old(char, "w") for char in before),
        drawings.new(glyph, "w new"),
        *(drawings.old(char, "w") for char in after),
    ))  # fmt: skip
    donors = "".join(drawings.old(char, "d") for char in glyph.donors[:_DONORS])
    more = f"<i>+{len(glyph.donors) - _DONORS}</i>" if len(glyph.donors) > _DONORS else ""
    return (
        f'<article class="card" data-c="{escape(glyph.text)}" data-u="{glyph.code_point}" data-s="{glyph.confidence:.3f}" '
        f'data-r="{escape(glyph.rung)}"{" data-m" if glyph.is_misread else ""} style="--sure:{glyph.confidence:.3f};--calm:{1 - glyph.doubt:.3f}">'
        f'<div class="box">{drawings.new(glyph, "g")}</div><div class="say">'
        f'<h3><span>{escape(glyph.text)}</span><code>U+{glyph.code_point:04X}</code><label title="leave it out">'
        '<input type="checkbox">wrong</label></h3>'
        f'<div class="bar" title="confidence"><b>{glyph.confidence:.2f}</b><s></s></div>'
        f'<p><em class="rung">{escape(glyph.rung)}</em>{_opinion(glyph)}</p>'
        f'<p class="donors">{f"<small>made from</small>{donors}{more}" if donors else ""}</p></div>'
        f'<div class="line">{line}</div></article>'
    )


def _opinion(glyph: ReviewedGlyph) -> str:
    reading = glyph.reading
    if reading is None:
        return ""
    if not reading.known:
        return '<em class="ocr">too rare for the OCR</em>'
    kind = "misread" if glyph.is_misread else "right"
    return (
        f'<em class="ocr {kind}">OCR reads {escape(reading.character)} <b>{reading.confidence:.2f}</b></em>'
    )


def _head(glyphs: Sequence[ReviewedGlyph], facts: SheetFacts, drawings: _Drawings) -> str:
    rungs = Counter(glyph.rung for glyph in glyphs).most_common()
    bins = Counter(min(_BINS - 1, int(glyph.confidence * _BINS)) for glyph in glyphs)
    tallest = max(bins.values(), default=1)
    columns = "".join(
        f'<i style="height:{100 * bins[k] / tallest:.1f}%;--sure:{(k + 0.5) / _BINS}" '
        f'title="{bins[k]:,} with {k / _BINS:.1f} to {(k + 1) / _BINS:.1f}"></i>'
        for k in range(_BINS)
    )
    chips = "".join(
        f'<label class="chip"><input type="checkbox" name="rung" value="{escape(name)}" checked>{escape(name)} <b>{count:,}</b></label>'
        for name, count in rungs
    )
    known = [glyph for glyph in glyphs if glyph.reading is not None and glyph.reading.known]
    right = sum(not glyph.is_misread for glyph in known)
    # From the surer half, so that the head shows what the sheet is about and not what is wrong with it.
    surest = list(reversed(glyphs))[: max(20, len(glyphs) // 2)]
    surest = surest[:: max(1, len(surest) // 20)][:20]
    facts_shown = [
        ("new characters", f"{len(glyphs):,}"),
        (f"missing of {facts.repertoire}", f"{facts.missing:,} of {facts.wanted:,}"),
        ("could not be composed", f"{len(facts.refused):,}"),
        ("left out as unsure", f"{len(facts.left_out):,}"),
        *([("read right by OCR", f"{right / len(known):.1%} of {len(known):,}")] if known else []),
    ]
    numbers = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts_shown
    )
    shown = f"Shown are the {_CARDS:,} most doubtful characters; the JSON beside this sheet has all {len(glyphs):,}."
    notes = "".join(
        f"<li>{escape(note)}</li>" for note in (*facts.notes, *([shown] if len(glyphs) > _CARDS else []))
    )
    return (
        f'<header><p class="over">Review sheet · {escape(facts.licence)} · {escape(", ".join(facts.files))}</p>'
        f"<h1>{escape(facts.family)}</h1>"
        f'<div class="specimen">{"".join(drawings.new(glyph, "w") for glyph in surest)}</div>'
        f'<div class="sum"><dl>{numbers}</dl><figure><div class="histogram">{columns}</div>'
        "<figcaption><span>0</span><span>confidence</span><span>1</span></figcaption></figure></div>"
        f"{f'<ul class=notes>{notes}</ul>' if notes else ''}{_refused(facts)}</header>"
        f'<nav><div class="chips">{chips}</div>'
        '<label class="chip"><input type="checkbox" id="misread">misread only</label>'
        '<label>surer than <input type="range" id="least" min="0" max="1" step="0.01" value="0"><output>0.00</output></label>'
        '<label>order <select id="order"><option value="doubt">doubt</option><option value="code">code point</option></select></label>'
        '<input type="search" id="find" placeholder="漢 or U+6F22" size="12">'
        '<button id="copy" disabled>copy the wrong ones</button><span id="shown"></span></nav>'
    )


def _refused(facts: SheetFacts) -> str:
    if not facts.refused:
        return ""
    reasons: dict[str, list[str]] = {}
    for text, reason in facts.refused:
        reasons.setdefault(reason, []).append(text)
    rows = "".join(
        f"<tr><td>{escape(reason)}</td><td>{escape(' '.join(texts))}</td></tr>"
        for reason, texts in sorted(reasons.items(), key=lambda item: -len(item[1]))
    )
    return f"<details><summary>{len(facts.refused):,} could not be composed</summary><table>{rows}</table></details>"
