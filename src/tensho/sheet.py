"""What tensho draws: a `Glyph`, and a `Sheet` of them."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tensho.atomic import replaced_file
from tensho.errors import TenshoError

if TYPE_CHECKING:
    from torch import Tensor

    from tensho.fonts.outlines import Bounds, Outline
    from tensho.fonts.placed_part import PlacedPart

__all__ = ["Glyph", "Sheet", "check_drawing_name", "check_picture_name", "save_picture"]

CELL = 128
"""Side of a glyph in the grid, in pixels, unless glyphs of another size were asked for."""

MARGIN = 16
"""White space between and around glyphs of that side, in pixels; it grows with them."""

_LINE_GREY = "#999999"

_FACTS = ("model", "seed", "index", "style", "ids", "character", "explanation", "rung", "confidence")


@dataclasses.dataclass(frozen=True, eq=False)
class Glyph:
    """One drawn character.

    Attributes:
        array: float32 (H, W) in [0, 1], ink = 1; or (H, W, 3), a colour picture as it is.
        model: name of the weights that drew it.
        seed: seed of the draw it belongs to.
        index: its place in that draw; (model, seed, index) draws it again.
        style: the named style, where the model has styles.
        ids: its parts as an Ideographic Description Sequence, where the model knows them.
        character: the encoded character it stands for, if it stands for one.
        explanation: why these parts, where a meaning was asked for.
        outline: the contours that ``array`` is a picture of, in font units, where it was not painted.
        em: the em box in font units, one em high, where there is an outline.
        rung: how near the donors of its parts are, as in `tensho.composition.outlines.composer.RUNGS`; "brush" where it
            was painted.
        confidence: in [0, 1], of the composer of outlines.
        donors: the characters that its parts were taken from.
        parts: those of its parts that stand in ``outline`` as in their donors, but for a move.
        notes: what of its description was read otherwise than it stood there, in words.
    """

    array: NDArray[np.float32]
    model: str | None = None
    seed: int | None = None
    index: int = 0
    style: str | None = None
    ids: str | None = None
    character: str | None = None
    explanation: str | None = None
    outline: Outline | None = None
    em: Bounds | None = None
    rung: str | None = None
    confidence: float | None = None
    donors: tuple[str, ...] = ()
    parts: tuple[PlacedPart, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = self.array.shape
        if self.array.ndim not in (2, 3) or (self.array.ndim == 3 and shape[2] != 3) or 0 in shape:
            raise TenshoError(f"a glyph has shape (H, W) or (H, W, 3), not {shape}")
        if not np.isfinite(self.array).all():
            raise TenshoError("a glyph holds values that are not finite; the model is damaged")
        if (self.outline is None) != (self.em is None):
            raise TenshoError(
                "an outline has an em box, and a glyph without one has none; give both or neither"
            )

    @classmethod
    def of_outline(cls, outline: Outline, em: Bounds, size: int, **facts: Any) -> Glyph:
        """A glyph of ``size`` pixels from an outline and the em box of its font; ``facts`` are its other fields."""
        return cls(_rasterised(outline, em, size), outline=outline, em=em, **facts)

    @classmethod
    def of_facts(cls, array: NDArray[np.float32], facts: Mapping[str, Any]) -> Glyph:
        """The glyph of which ``facts`` are known, as `facts` gave them; what they lack is not known.

        Raises:
            KeyError, TypeError, ValueError: they are none.
        """
        known = {name: facts[name] for name in _FACTS if name in facts}
        if facts.get("outline") is not None:
            from tensho.fonts.outline_json import outline_from_json

            known["outline"], known["em"] = outline_from_json(facts["outline"])
        return cls(array, **known, donors=tuple(facts.get("donors", ())))

    def facts(self) -> dict[str, Any]:
        """All that is known of the glyph but its picture, for JSON."""
        outline = None
        if self.outline is not None and self.em is not None:
            from tensho.fonts.outline_json import outline_to_json

            outline = outline_to_json(self.outline, self.em)
        known = {name: getattr(self, name) for name in _FACTS}
        return {**known, "donors": list(self.donors), "outline": outline}

    def resized(self, size: int) -> Glyph:
        """The glyph in ``size`` pixels: drawn anew where it has an outline, its picture made larger or smaller otherwise."""
        if self.array.shape[:2] == (size, size):
            return self
        if self.outline is not None and self.em is not None:
            return dataclasses.replace(self, array=_rasterised(self.outline, self.em, size))
        picture = self.image.resize((size, size), Image.Resampling.BICUBIC)
        pixels = np.asarray(picture, np.float32) / np.float32(255)
        return dataclasses.replace(self, array=pixels if pixels.ndim == 3 else 1 - pixels)

    @property
    def units_per_em(self) -> int | None:
        """The em of its outline in font units; None where it has none."""
        return None if self.em is None else round(self.em.height)

    @property
    def image(self) -> Image.Image:
        """The glyph as a Pillow picture of its own size: black on white, or in colour."""
        paper = self.array if self.array.ndim == 3 else 1 - self.array
        return Image.fromarray(np.rint(np.clip(paper, 0, 1) * 255).astype(np.uint8))

    @property
    def provenance(self) -> str:
        """In one line what drew the glyph and from what: enough to draw it again."""
        facts = {
            "model": self.model,
            "seed": self.seed,
            "glyph": self.index,
            "parts": self.ids,
            "style": self.style,
            "made of": "".join(self.donors) or None,
        }
        known = ", ".join(f"{name} {fact}" for name, fact in facts.items() if fact is not None)
        return f"Drawn with tensho: {known}"

    @property
    def is_blank(self) -> bool:
        """Whether a grey glyph has no ink."""
        return self.array.ndim == 2 and float(self.array.max()) < 0.5

    def svg(self) -> str:
        """The glyph as a drawing of Bézier curves, its own where it has an outline; see `tensho.fonts.svg`.

        Raises:
            TenshoError: the glyph has no ink, or is a colour picture.
        """
        from tensho.fonts.svg import outline_svg, svg  # fontTools, which pictures do without

        about = {
            "title": self.character or self.ids or "An invented character",
            "description": self.provenance,
        }
        if self.outline is not None and self.em is not None:
            return outline_svg(self.outline, self.em, **about)
        return svg(self.array, **about)

    def save(self, path: str | Path) -> None:
        """Write the glyph as a picture, or as a drawing if ``path`` ends in .svg.

        Raises:
            TenshoError: unknown format, or a place that cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() == ".svg":
            drawing = self.svg()
            with replaced_file(path) as temporary:
                temporary.write_text(drawing, encoding="utf-8")
        else:
            save_picture(self.image, path)

    def _repr_png_(self) -> bytes:
        return _png(self.resized(CELL).image)

    def __repr__(self) -> str:
        known = {name: getattr(self, name) for name in ("character", "ids", "style", "model", "seed", "rung")}
        parts = [f"{self.array.shape[1]}×{self.array.shape[0]}", f"index={self.index}"]
        parts += [f"{name}={value!r}" for name, value in known.items() if value is not None]
        return f"Glyph({', '.join(parts)})"


@dataclasses.dataclass(frozen=True, eq=False)
class Sheet(Sequence[Glyph]):
    """Glyphs in order, shown as a grid: 16 stand in four rows of four.

    Attributes:
        glyphs: what it shows.
        cell: side of a glyph in the grid, in pixels.
        apart: how many of the last ones stand in rows of their own, under a line.
    """

    glyphs: tuple[Glyph, ...]
    cell: int = CELL
    apart: int = 0

    def __post_init__(self) -> None:
        if not self.glyphs:
            raise TenshoError("a sheet needs at least one glyph")
        if self.cell < 1:
            raise TenshoError(f"a glyph cannot be {self.cell} pixels wide in a sheet; make it wider")

    @classmethod
    def from_tensor(cls, images: Tensor, **facts: Any) -> Sheet:
        """A sheet of float images (n, C, H, W) in [0, 1], C = 1 or 3; ``facts`` are fields that all glyphs share."""
        arrays = images.detach().cpu().float().numpy()
        glyphs: Iterable[NDArray[np.float32]] = (
            array[0] if array.shape[0] == 1 else array.transpose(1, 2, 0) for array in arrays
        )
        return cls(tuple(Glyph(array, index=index, **facts) for index, array in enumerate(glyphs)))

    @overload
    def __getitem__(self, place: int) -> Glyph: ...
    @overload
    def __getitem__(self, place: slice) -> Sheet: ...
    def __getitem__(self, place: int | slice) -> Glyph | Sheet:
        if isinstance(place, slice):
            return dataclasses.replace(self, glyphs=self.glyphs[place], apart=0)
        return self.glyphs[place]

    def __len__(self) -> int:
        return len(self.glyphs)

    def __iter__(self) -> Iterator[Glyph]:
        return iter(self.glyphs)

    @property
    def columns(self) -> int:
        """Glyphs in a row of the grid, which is as square as it gets."""
        return math.ceil(math.sqrt(len(self)))

    def grid(self, columns: int | None = None) -> Image.Image:
        """All glyphs on one white page, ``columns`` in a row (default: as square as it gets)."""
        columns = columns or self.columns
        places = self._places(columns)
        margin = MARGIN * self.cell // CELL
        pitch = self.cell + margin
        mode = "RGB" if any(glyph.array.ndim == 3 for glyph in self) else "L"
        rows = places[-1][0] + 1
        page = Image.new(mode, (columns * pitch + margin, rows * pitch + margin), "white")
        for glyph, (row, column) in zip(self, places, strict=True):
            page.paste(glyph.resized(self.cell).image, (margin + column * pitch, margin + row * pitch))
        if self.apart:
            first = places[len(self) - self.apart][0]
            middle, thickness = first * pitch + margin // 2, max(1, margin // 8)
            page.paste(_LINE_GREY, (margin, middle, page.width - margin, middle + thickness))
        return page

    def svg(self, columns: int | None = None) -> str:
        """The grid as a drawing of Bézier curves, ``columns`` in a row as in `grid`; a glyph without ink leaves its place empty.

        Raises:
            TenshoError: a glyph is a colour picture.
        """
        from tensho.fonts.svg import page_svg  # fontTools, which pictures do without

        drawings = {
            place: glyph.svg()
            for glyph, place in zip(self, self._places(columns or self.columns), strict=True)
            if not glyph.is_blank
        }
        return page_svg(drawings, columns or self.columns, cell=self.cell, margin=MARGIN * self.cell // CELL)

    def _places(self, columns: int) -> list[tuple[int, int]]:
        """Row and column of each glyph; those that stand apart begin a row of their own."""
        together = len(self) - self.apart
        first = math.ceil(together / columns)
        return [divmod(k, columns) for k in range(together)] + [
            (first + k // columns, k % columns) for k in range(self.apart)
        ]

    def save(self, path: str | Path, columns: int | None = None) -> None:
        """Write `grid`, ``columns`` in a row, to ``path``: a picture, or a drawing if it ends in .svg, of one glyph without a margin.

        Raises:
            TenshoError: unknown format, or a place that cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() == ".svg":
            drawing = self[0].svg() if len(self) == 1 else self.svg(columns)
            with replaced_file(path) as temporary:
                temporary.write_text(drawing, encoding="utf-8")
        else:
            save_picture(self.grid(columns), path)

    def _repr_png_(self) -> bytes:
        return _png(self.grid())


def _rasterised(outline: Outline, em: Bounds, size: int) -> NDArray[np.float32]:
    from tensho.fonts.em_square import in_square  # FreeType, which painted glyphs do without

    return np.asarray(in_square(outline, em, size) / np.float32(255))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def check_picture_name(path: Path) -> None:
    """Raise `TenshoError` unless the ending of ``path`` is that of a picture that can be written."""
    kinds = {kind for kind, name in Image.registered_extensions().items() if name in Image.SAVE}
    if path.suffix.lower() not in kinds:
        raise TenshoError(f"{path} has no ending of a picture format; name it something.png")
    if path.is_dir():
        raise TenshoError(f"{path} is a folder; name a file in it, such as {path / 'dream.png'}")


def check_drawing_name(path: Path) -> None:
    """As `check_picture_name`, of what may be a drawing in SVG too."""
    if path.suffix.lower() != ".svg":
        check_picture_name(path)
    elif path.is_dir():
        raise TenshoError(f"{path} is a folder; name a file in it, such as {path / 'dream.svg'}")


def save_picture(image: Image.Image, path: Path) -> None:
    """Write ``image`` to ``path``, whole or not at all, in the format that the ending names.

    Raises:
        TenshoError: unknown format, or a place that cannot be written.
    """
    check_picture_name(path)
    with replaced_file(path) as temporary:
        image.save(temporary)
