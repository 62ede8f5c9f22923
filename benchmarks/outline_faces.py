"""The faces that outlines are measured in, where they come from, and how each shows a character in a square.

    apt-get install fonts-ipaexfont fonts-klee fonts-hanazono fonts-lxgw-wenkai
    pip install 'tensho[data]' justmytype-intl-cjk

The last holds Noto Sans JP as Google Fonts has it: a variable TrueType font of weights 100 to 900, measured at 700.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensho.fonts.faces import Face, load_face
from tensho.fonts.outline_raster import raster
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Outline
from tensho.fonts.rasterizer import EM_FRACTION
from tensho.ids.decomposition import decompositions
from tensho.split import Split, split_of

__all__ = ["NAMES", "BenchFace", "open_faces"]

Glyphs = NDArray[np.uint8]


@dataclass(frozen=True)
class _Source:
    """Where a face is: a file under Debian's font folder, or in a Python package; ``install`` gets it."""

    install: str
    file: str
    package: str | None = None
    style: str | None = None
    instance: str = ""

    def path(self) -> Path | None:
        """The font file, if it is installed."""
        if self.package is None:
            path = Path("/usr/share/fonts") / self.file
        else:
            spec = find_spec(self.package)
            if spec is None or spec.origin is None:
                return None
            path = Path(spec.origin).parent / self.file
        return path if path.is_file() else None


def _noto(package: str, file: str, style: str) -> _Source:
    return _Source("pip install 'tensho[data]'", file, package, style)


_SOURCES = {
    "sans-jp": _noto("pylopdf_fonts_jp", "NotoSansJP-Regular.otf", "sans-jp"),
    "serif-jp": _noto("pylopdf_fonts_jp", "NotoSerifJP-Regular.otf", "serif-jp"),
    "sans-sc": _noto("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf", "sans-sc"),
    "serif-sc": _noto("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf", "serif-sc"),
    "ipaex-gothic": _Source("apt-get install fonts-ipaexfont", "opentype/ipaexfont-gothic/ipaexg.ttf"),
    "ipaex-mincho": _Source("apt-get install fonts-ipaexfont", "opentype/ipaexfont-mincho/ipaexm.ttf"),
    "klee": _Source("apt-get install fonts-klee", "truetype/klee/KleeOne-Regular.ttf"),
    "hanazono": _Source("apt-get install fonts-hanazono", "truetype/hanazono/HanaMinA.ttf"),
    "wenkai": _Source(
        "apt-get install fonts-lxgw-wenkai", "truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf", style="wenkai"
    ),
    "variable": _Source(
        "pip install justmytype-intl-cjk",
        "fonts/ofl/notosansjp/NotoSansJP[wght].ttf",
        "justmytype_intl_cjk",
        instance="#wght=700",
    ),
}

NAMES = tuple(_SOURCES)
"""Names of the faces that are measured by default. All but the first four, which are CFF, are TrueType; ``variable`` is variable."""


@dataclass(frozen=True)
class BenchFace:
    """A face with its true glyphs.

    Attributes:
        name: as on the command line.
        face: the font.
        style: the style whose shipped parts the brush draws it with; None: parts cut from the font.
    """

    name: str
    face: Face
    style: str | None

    @cached_property
    def reader(self) -> OutlineReader:
        """Its outlines."""
        return OutlineReader(self.face.path, self.face.index, dict(self.face.location))

    def held_out(self, split: Split) -> list[str]:
        """The characters of a split that it has and that can be taken apart, in an order that is the same for every face."""
        known = [c for c in decompositions() if split_of(c) == split]
        shuffled = np.random.default_rng(0).permutation(np.array(known)).tolist()
        return [c for c in shuffled if (outline := self.reader.outline(c)) and self.square(outline, 64).any()]

    def true(self, character: str) -> Outline:
        """Its own outline of a character that it has."""
        outline = self.reader.outline(character)
        assert outline is not None
        return outline

    def square(self, outline: Outline, size: int) -> Glyphs:
        """An outline as uint8 (size, size), ink 255 on 0, its em box in the middle as `FontRenderer` has it."""
        em = self.reader.units_per_em
        side = em / EM_FRACTION
        return raster(
            outline,
            size,
            scale=size / side,
            left=(em * self.face.advance - side) / 2,
            bottom=em * self.face.em_bottom - (side - em) / 2,
        )

    def squares(self, outlines: Sequence[Outline], size: int) -> Glyphs:
        """Several outlines as uint8 (N, size, size)."""
        return np.stack([self.square(outline, size) for outline in outlines])


def open_faces(asked: Sequence[str]) -> Iterator[BenchFace]:
    """Open faces by name or by font file; a named one that is not installed is skipped with a word.

    Raises:
        TenshoError: a file that is asked for cannot be read.
    """
    for name in asked:
        if name not in _SOURCES:
            face = load_face(name)
            yield BenchFace(face.name, face, None)
            continue
        source = _SOURCES[name]
        path = source.path()
        if path is None:
            print(f"{name}: skipped, {Path(source.file).name} is not installed; {source.install}")
        else:
            yield BenchFace(name, load_face(f"{path}{source.instance}", name=name), source.style)
