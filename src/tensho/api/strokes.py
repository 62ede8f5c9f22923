"""How characters are written, those that never were too: stroke by stroke, in the user's face."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.export.animation import write_animation
from tensho.export.strokes.frames import FRAME_MS, writing_frames
from tensho.export.strokes.hanzi_writer import hanzi_writer_data
from tensho.export.strokes.practice import write_practice_sheet
from tensho.export.strokes.svg import animated_svg, steps_svg
from tensho.export.strokes.written_glyph import WrittenGlyph, written_glyph
from tensho.fonts.kanjivg_strokes import ATTRIBUTION
from tensho.sheet import Glyph

__all__ = ["ATTRIBUTION", "WrittenGlyph", "WrittenStrokes", "export_strokes", "written_glyph"]

ANIMATION_SIZE = 256
"""Side of an animation in pixels, where no other is asked for."""

_LARGEST_ANIMATION = 1024
_MOST = 200
_LONGEST_NAME = 24


@dataclass(frozen=True)
class WrittenStrokes:
    """What became of a glyph.

    Attributes:
        text: the character or the description.
        strokes: how many; 0 if they are not known.
        kinds: the type of each.
        files: what was written for it.
        why: why nothing was, or "".
    """

    text: str
    strokes: int
    kinds: tuple[str, ...]
    files: tuple[Path, ...]
    why: str = ""


def export_strokes(
    glyphs: Sequence[Glyph], folder: Path, *, titles: Sequence[str] = (), size: int = ANIMATION_SIZE
) -> list[WrittenStrokes]:
    """Show how glyphs are written: files for each, and a sheet to practise on for all.

    For glyph 1 these are ``01-TEXT.svg`` and ``.gif``, which write it; ``01-TEXT-steps.svg``, a numbered diagram; and
    ``01-TEXT.json``, which hanzi-writer reads. The sheet is ``practice.pdf``; ``LICENCE.txt`` says what holds for all.

    Args:
        glyphs: at most 200, whose parts are known.
        folder: where the files go.
        titles: what stands above each in the sheet; its number where nothing is given.
        size: side of the animated GIF in pixels, 16 to 1024.

    Raises:
        TenshoError: too many glyphs, the strokes of none of them are known, or the folder cannot be written.
    """
    if len(glyphs) > _MOST:
        raise TenshoError(
            f"cannot show how {len(glyphs)} characters are written at once; ask for at most {_MOST}"
        )
    told: list[WrittenStrokes] = []
    practised: list[tuple[WrittenGlyph, str]] = []
    for number, glyph in enumerate(glyphs, start=1):
        text = glyph.character or glyph.ids or f"glyph {number}"
        try:
            written = written_glyph(glyph)
        except TenshoError as error:
            told.append(WrittenStrokes(text, 0, (), (), str(error)))
            continue
        files = _write(written, folder / f"{number:02d}-{_in_a_name(text)}", min(size, _LARGEST_ANIMATION))
        practised.append((written, titles[number - 1] if titles else str(number)))
        told.append(WrittenStrokes(text, len(written.strokes), written.kinds, files))
    if not practised:
        raise TenshoError(told[0].why if told else "there is nothing to write")
    write_practice_sheet(practised, folder / "practice.pdf")
    _write_text(folder / "LICENCE.txt", f"{ATTRIBUTION}\nhttps://creativecommons.org/licenses/by-sa/3.0/\n")
    return told


def _write(written: WrittenGlyph, stem: Path, size: int) -> tuple[Path, ...]:
    svg, gif, steps, data = (
        stem.parent / f"{stem.name}{ending}" for ending in (".svg", ".gif", "-steps.svg", ".json")
    )
    _write_text(svg, animated_svg(written))
    write_animation(writing_frames(written, size), gif, size=size, frame_ms=FRAME_MS, pause_ms=1400)
    _write_text(steps, steps_svg(written))
    _write_text(data, json.dumps(hanzi_writer_data(written), ensure_ascii=False))
    return svg, gif, steps, data


def _in_a_name(text: str) -> str:
    """A description as part of a file's name: short enough for any file system, and without what separates folders."""
    return text.replace("/", "_").replace("\\", "_")[:_LONGEST_NAME]


def _write_text(path: Path, text: str) -> None:
    with replaced_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
