"""Characters composed of a font's own outlines, wherever a style or a face has them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from tensho.api.draw_options import OUTLINES, DrawOptions
from tensho.composition.outlines.composer import RUNGS, ComposedGlyph, OutlineComposer
from tensho.composition.outlines.store import open_composer
from tensho.errors import TenshoError
from tensho.fonts.faces import Face
from tensho.ids.syntax import Tree, to_string
from tensho.sheet import Glyph

__all__ = ["OutlineDrawer", "composer_of", "lost_variation", "prepare"]


_WHOLE = "whole glyph"


class OutlineDrawer:
    """Draws glyphs with a composer; threads may share it."""

    def __init__(self, composer: OutlineComposer) -> None:
        self._composer = composer
        self._lock = Lock()  # FreeType's faces are not to be read by two threads at once

    def draw(self, tree: Tree, size: int, variation: str = "") -> Glyph | None:
        """The glyph of the description ``tree`` in ``size`` pixels; None if the face has no donor of one of its parts.

        ``variation`` is the selector behind a lone character: its glyph is drawn where the face has one of its own, and
        the note of the glyph says so where it has not.
        """
        with self._lock:
            made = self._variation(tree, variation) if variation else None
            notes: tuple[str, ...] = ()
            if variation and made is None:
                notes = (lost_variation(tree, variation),)
            made = made or self._composed(tree)
            if made is None:
                return None
            if size < made.legible_from:
                notes += (
                    f"its strokes are told apart from {made.legible_from} pixels on; ask for --size {made.legible_from}",
                )
            return self._glyph(made, size, notes)

    def draw_encoded(self, character: str, size: int) -> Glyph | None:
        """The face's own glyph of a character in ``size`` pixels; None if it has none."""
        with self._lock:
            made = self._whole(character)
            return None if made is None else self._glyph(made, size)

    def _glyph(self, made: ComposedGlyph, size: int, notes: tuple[str, ...] = ()) -> Glyph:
        return Glyph.of_outline(
            made.outline,
            self._composer.inventory.em,
            size,
            model=OUTLINES,
            rung=made.rung,
            confidence=made.confidence,
            donors=made.donors,
            parts=made.parts,
            notes=notes,
        )

    def _composed(self, tree: Tree) -> ComposedGlyph | None:
        try:
            made = self._composer.compose(to_string(tree))
        except TenshoError:
            return self._whole(tree)
        # A face of few characters has this one and not its parts: its own glyph is better than another face's.
        return (self._whole(tree) or made) if made.rung == RUNGS[-1] else made

    def _variation(self, tree: Tree, selector: str) -> ComposedGlyph | None:
        if not isinstance(tree, str):
            return None
        outline = self._composer.inventory.reader.variation(tree, selector)
        return None if outline is None else ComposedGlyph(outline, _WHOLE, 1.0, (tree,))

    def _whole(self, tree: Tree) -> ComposedGlyph | None:
        """The face's own glyph of a character that cannot be taken apart."""
        outline = self._composer.inventory.reader.outline(tree) if isinstance(tree, str) else None
        return None if outline is None else ComposedGlyph(outline, _WHOLE, 1.0, (str(tree),))


def lost_variation(tree: Tree, selector: str) -> str:
    """What is said where a face lacks a variation sequence: the character ``tree`` before the ``selector``."""
    return f"the face has no glyph for {to_string(tree)} with U+{ord(selector):04X}; {to_string(tree)} is drawn without it"


def composer_of(source: Face | str, options: DrawOptions) -> OutlineDrawer | None:
    """What draws a face or a style (``source``) with outlines; None if ``options`` have it painted.

    Raises:
        TenshoError: outlines are insisted on, and there are none.
    """
    if not options.outlines:
        return None
    drawer = _opened(source)
    if drawer is None and options.model == OUTLINES:
        raise TenshoError(f"{_name(source)} has no outlines; leave --model out, and a brush paints it")
    return drawer


def prepare(source: Face | str, progress: Callable[[int, int], None]) -> None:
    """Cut a font into its parts beforehand, which takes a minute the first time.

    Args:
        source: what `composer_of` will be asked for.
        progress: called with the characters that are done and all of them.
    """
    _opened(source, progress)


_MOST_OPEN = 8
_drawers: dict[Face | str, OutlineDrawer | None] = {}
_opening = Lock()


def _opened(source: Face | str, progress: Callable[[int, int], None] | None = None) -> OutlineDrawer | None:
    with _opening:
        if source not in _drawers:
            while len(_drawers) >= _MOST_OPEN:
                _drawers.pop(next(iter(_drawers)))
            composer = _composer(source, progress)
            _drawers[source] = None if composer is None else OutlineDrawer(composer)
        return _drawers[source]


def _composer(source: Face | str, progress: Callable[[int, int], None] | None) -> OutlineComposer | None:
    try:
        return open_composer(source, progress)
    except TenshoError:  # a font of bitmaps
        return None


def _name(source: Face | str) -> str:
    return source if isinstance(source, str) else source.path.name
