"""`complete`: a font with the characters that it lacks, as outlines in its own design, and a sheet to review them by."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from pathlib import Path
from typing import Any

from tensho.composition.attempt_journal import open_journal
from tensho.composition.attempts import Attempt, GlyphComposer, attempt_all
from tensho.composition.outlines.donors import RUNGS
from tensho.composition.outlines.store import open_composer
from tensho.composition.repeated_characters import RepeatingComposer
from tensho.errors import TenshoError
from tensho.evaluate.outline_reading import can_read, read_outlines
from tensho.export.completion.files import output_name, write_completion
from tensho.export.completion.glyph_registration import IdeographMetrics, ideograph_metrics
from tensho.export.completion.provenance_names import family_of
from tensho.export.completion.review_sheet import Reading, ReviewedGlyph, SheetFacts, facts_json
from tensho.fonts.coverage.completable import CompletableFont, open_completable
from tensho.fonts.coverage.repertoires import Repertoire, next_repertoire, repertoire
from tensho.fonts.embedding_rights import Rights, check_family, read_rights, unreserved_family
from tensho.fonts.faces import load_face
from tensho.fonts.outline_reader import OutlineReader
from tensho.ids.kindred import Kindred
from tensho.ids.sources import fingerprint
from tensho.user_folder import kept_folder
from tensho.version import __version__

__all__ = ["Completed", "complete"]

Progress = Callable[[str, int, int], object]
"""Told what is being done, how much of it is, and how much there is to do."""

_PRIVATE = (*range(0xE000, 0xF900), *range(0xF0000, 0xFFFFE))
_SAMPLE = 512


@dataclass(frozen=True)
class Completed:
    """What came of it.

    Attributes:
        files: the fonts or the UFO, then the sheet and its JSON.
        facts: what the sheet's head says.
        glyphs: the new characters, in the order in which they were asked for.
    """

    files: tuple[Path, ...]
    facts: SheetFacts
    glyphs: tuple[ReviewedGlyph, ...]

    def as_json(self) -> dict[str, Any]:
        """What the JSON beside the font says, and where everything is."""
        return {"out": [str(path) for path in self.files], **facts_json(self.glyphs, self.facts)}

    @property
    def rungs(self) -> dict[str, int]:
        """How many characters needed which rung, the commonest first."""
        return dict(Counter(glyph.rung for glyph in self.glyphs).most_common())


@dataclass(frozen=True)
class _Font:
    """What has to be known of the font before anything is composed."""

    source: CompletableFont
    rights: Rights
    name: str
    is_quadratic: bool
    units_per_em: int
    metrics: IdeographMetrics
    encoded: frozenset[int]


def complete(
    font: Path | str,
    out: Path | str | None = None,
    *,
    flavor: str | None = None,
    to: Sequence[str] = (),
    without: str = "",
    only_sure: float = 0.0,
    family: str | None = None,
    ids_ligatures: bool = False,
    i_have_the_right: bool = False,
    ocr: bool = True,
    composer: Callable[[Path], GlyphComposer] | None = None,
    composer_version: str | None = None,
    progress: Progress = lambda *_: None,
) -> Completed:
    """Complete a font.

    Beside ``out`` go a review sheet, ``.html``, and what it says as ``.json``. What was composed is kept in the user's
    cache, so a run that was stopped begins again where it was.

    Args:
        font: a font file; ``FONT#1`` is a face of a collection, ``FONT#wght=700`` an instance of a variable font.
        out: a name that ends in .ttf or .otf as the font's outlines are, in .woff, .woff2 or .ufo; by default the
            font's name and "-completed".
        flavor: "woff" or "woff2", in place of the name's ending.
        to: names of character lists, text files, or texts; by default the list that is next for the font's language.
        without: characters, a file or a list that are left out, as a reviewer found them wrong.
        only_sure: the least confidence of what is added, in [0, 1].
        family: another name for the font.
        ids_ligatures: whether descriptions turn into the new characters when they are typed.
        i_have_the_right: complete it though the font says that it must not be changed.
        ocr: ask a text recogniser, if one is installed, what it reads.
        composer: makes a composer of a font file; by default the one that takes the font's outlines apart.
        composer_version: what its results depend on beside the font; without it nothing is kept.
        progress: told how far it is.

    Raises:
        TenshoError: the font cannot be completed or says that it must not be; it has all that was asked for; nothing can be
            composed of it; or ``out`` cannot be written.
    """
    if not 0 <= only_sure <= 1:
        raise TenshoError(f"--only-sure {only_sure:g} is no confidence; give a number from 0 to 1")
    opened = _opened(font)
    out = output_name(opened.source.label, out, flavor, quadratic=opened.is_quadratic)
    name = _free_name(opened, family, i_have_the_right)
    wanted = reduce(or_, map(repertoire, to)) if to else next_repertoire(opened.source.characters)
    missing = _missing(opened.source, wanted, without)
    if composer is None:
        composer = partial(_outline_composer, partial(progress, "taking the font apart"))
        composer_version = _version_of_composer()
    attempts = _attempts(opened.source, missing, composer, composer_version, partial(progress, "composing"))
    sure = _sure(opened.source, attempts, only_sure)
    reader = OutlineReader(opened.source.path)
    glyphs = _reviewed(opened, sure, ocr=ocr, progress=partial(progress, "reading"))
    facts = SheetFacts(
        font=opened.source.label,
        family=name,
        licence=opened.rights.licence,
        repertoire=wanted.name,
        wanted=len(wanted),
        missing=len(missing),
        left_out=tuple(a.text for a in attempts if a.outline is not None and a.confidence < only_sure),
        refused=tuple((a.text, a.reason) for a in attempts if a.outline is None),
        files=(),
        notes=(*_notes(opened, name), *_borrowed(sure)),
        units_per_em=opened.units_per_em,
        advance=opened.metrics.advance,
        bottom=opened.metrics.bottom,
    )
    progress("writing", 0, 1)
    files, facts = write_completion(
        opened.source,
        glyphs,
        facts,
        opened.metrics,
        out,
        outline_of=reader.outline,
        ids_ligatures=ids_ligatures,
    )
    progress("writing", 1, 1)
    return Completed(files, facts, tuple(glyphs))


def _opened(font: Path | str) -> _Font:
    source = open_completable(font, kept_folder("complete"))
    sample = sorted(source.characters)[:: max(1, len(source.characters) // _SAMPLE)]
    with closing(source.read()) as opened:
        return _Font(
            source,
            read_rights(opened),
            family_of(opened),
            "glyf" in opened,
            opened["head"].unitsPerEm,
            ideograph_metrics(opened, sample),
            frozenset(opened.getBestCmap()),
        )


def _free_name(font: _Font, family: str | None, i_have_the_right: bool) -> str:
    """The name that the completed font will have."""
    if font.rights.refusal is not None and not i_have_the_right:
        raise TenshoError(
            f"{font.source.label} must not be completed: {font.rights.refusal}; if you own it or were allowed to, "
            "give --i-have-the-right"
        )
    if i_have_the_right:
        return family or font.name
    if family is not None:
        check_family(family, font.rights.reserved)
    return family or unreserved_family(font.name, font.rights.reserved)


def _missing(source: CompletableFont, wanted: Repertoire, without: str) -> list[str]:
    missing = source.missing(wanted.characters)
    if not missing:
        raise TenshoError(
            f"{source.label} has all {len(wanted):,} characters of {wanted.name}; name a larger list with --to"
        )
    unwanted = frozenset(repertoire(without).characters) if without else frozenset()
    return [char for char in missing if char not in unwanted]


def _attempts(
    source: CompletableFont,
    missing: Sequence[str],
    composer: Callable[[Path], GlyphComposer],
    version: str | None,
    progress: Callable[[int, int], object],
) -> list[Attempt]:
    outline_of = OutlineReader(source.path).outline

    def make() -> GlyphComposer:
        return RepeatingComposer(composer(source.path), outline_of)

    if version is None:
        return attempt_all(missing, make, None, progress)
    with open_journal(kept_folder("complete") / f"{source.key}-{version}.jsonl") as journal:
        return attempt_all(missing, make, journal, progress)


def _outline_composer(progress: Callable[[int, int], object], path: Path) -> GlyphComposer:
    def tell(done: int, total: int) -> None:
        progress(done, total)

    composer = open_composer(load_face(path), tell)
    if composer is None:
        raise TenshoError(f"{path} has no outlines to compose from; give another font")
    return composer


def _version_of_composer() -> str:
    """A hash of the sources that decide what it composes, and of what is known of characters."""
    import tensho.composition
    import tensho.ids

    digest = hashlib.sha256((__version__ + fingerprint()).encode())
    for package in (tensho.composition, tensho.ids):
        for folder in package.__path__:
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _sure(source: CompletableFont, attempts: Sequence[Attempt], only_sure: float) -> list[Attempt]:
    composed = [attempt for attempt in attempts if attempt.outline is not None]
    if not composed:
        reason = f": {attempts[0].reason}" if attempts else ""
        raise TenshoError(
            f"none of {len(attempts):,} characters can be composed of {source.label}{reason}; ask for others with --to"
        )
    sure = [attempt for attempt in composed if attempt.confidence >= only_sure]
    if not sure:
        best = max(attempt.confidence for attempt in composed)
        raise TenshoError(
            f"no character is as sure as {only_sure:g}; the surest has {best:.2f}, so lower --only-sure"
        )
    return sure


def _reviewed(
    font: _Font, attempts: Sequence[Attempt], *, ocr: bool, progress: Callable[[int, int], object]
) -> list[ReviewedGlyph]:
    outlines = [attempt.outline for attempt in attempts if attempt.outline is not None]
    texts = [attempt.text for attempt in attempts]
    readings: list[Reading | None] = [None] * len(attempts)
    if ocr and can_read():
        left = (font.metrics.advance - font.units_per_em) / 2
        found = read_outlines(
            outlines, texts, units_per_em=font.units_per_em, bottom=font.metrics.bottom, left=left, progress=progress
        )  # fmt: skip
        readings = [Reading(*reading) for reading in found]
    kindred = Kindred(font.source.characters)
    codes = _code_points(texts, font.encoded)
    return [
        ReviewedGlyph(
            attempt.text,
            next(codes),
            outline,
            attempt.rung,
            attempt.confidence,
            attempt.donors,
            kindred.of(attempt.text),
            reading,
            attempt.parts,
        )
        for attempt, outline, reading in zip(attempts, outlines, readings, strict=True)
    ]


def _code_points(texts: Sequence[str], encoded: frozenset[int]) -> Iterator[int]:
    """Their own, and for descriptions private ones that the font does not use."""
    free = (code for code in _PRIVATE if code not in encoded)
    return (ord(text) if len(text) == 1 else next(free) for text in texts)


def _borrowed(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """What to mind of parts that are another font's."""
    borrowed = [attempt.text for attempt in attempts if attempt.rung == RUNGS[-1]]
    if not borrowed:
        return ()
    some = "".join(borrowed[:8]) + (" …" if len(borrowed) > 8 else "")
    return (
        f"{len(borrowed):,} of them hold parts of Noto, under the SIL Open Font License ({some}); "
        "pass that on too, or leave them out with --without.",
    )


def _notes(font: _Font, name: str) -> tuple[str, ...]:
    if name == font.name:
        return (*font.source.notes, *font.rights.notes)
    why = (
        f"{', '.join(font.rights.reserved)} must not name a changed font"
        if font.rights.reserved
        else "as asked for"
    )
    return (*font.source.notes, f"The completed font is called {name}: {why}.", *font.rights.notes)
