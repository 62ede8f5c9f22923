"""Inventories of outlines as files: shipped for the default styles, cached for any other font.

A file says which contours of which characters make each form, and what places them; the outlines themselves stay in the
font. It belongs to one font file, which it names by its hash.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from typing import Any, overload
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from tensho.atomic import replaced_file
from tensho.composition.outlines.composer import OutlineComposer
from tensho.composition.outlines.donors import SAME_FAMILY, usual_stems
from tensho.composition.outlines.inventory import Inventory, build_inventory
from tensho.composition.outlines.looks import Looks
from tensho.composition.outlines.part_forms import TYPICAL_STEPS, Forms
from tensho.composition.outlines.placement import Effects, Placer, Ridge
from tensho.errors import TenshoError
from tensho.fonts.coverage.repertoires import repertoire
from tensho.fonts.faces import Face, load_face
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds
from tensho.user_folder import data_home

__all__ = [
    "FORMAT",
    "SHIPPED_STYLES",
    "cut_face",
    "nearest_style",
    "open_composer",
    "read_inventory",
    "write_inventory",
]

FORMAT = 2
"""The version of the files' layout and of how glyphs are divided; files of another one are made anew."""

_SHIPPED = files("tensho.composition.outlines") / "forms"
_PACKAGES = {"jp": "pylopdf_fonts_jp", "sc": "pylopdf_fonts_zh_cn", "tc": "pylopdf_fonts_zh_tw"}
SHIPPED_STYLES = tuple(f"{kind}-{region}" for region in _PACKAGES for kind in ("sans", "serif"))
"""Styles whose fonts come with pip, and whose inventories are shipped."""

_NEIGHBOUR = {"jp": "sc", "tc": "sc", "sc": "tc"}
"""The region whose face of the same kind has parts that a shipped style lacks."""

_KEPT = 4  # fonts whose composers are kept open

_CONTRAST = 0.6  # horizontal stems thinner than this share of vertical ones make a mincho
_OWN = {"jp": "込働畑峠辻栃円広対図", "sc": "们这说时车长见马门图", "tc": "們這說嗎妳峯裏麵啦咩"}
"""Characters that are usual in fonts of one region and not in those of others."""
_COMMON = {"jp": "jis1", "sc": "gb2312-l1", "tc": "big5-l1"}
"""What is common in each region, for faces of few characters."""


def open_composer(
    source: Face | str, progress: Callable[[int, int], None] | None = None
) -> OutlineComposer | None:
    """What composes outlines in a style or in a font; None for a style that has none, such as one of bitmaps.

    Args:
        source: a face, or the name of a style as atlases have it.
        progress: called with the characters that were looked at and all of them, while a new font is cut.

    Raises:
        TenshoError: the font cannot be read, or it has no outlines.
    """
    if not isinstance(source, Face):
        return _of_style(source) if source in SHIPPED_STYLES else None
    if source not in _opened:
        while len(_opened) >= _KEPT:
            del _opened[next(iter(_opened))]
        _opened[source] = _of_face(source, progress)
    return _opened[source]


_opened: dict[Face, OutlineComposer] = {}


@lru_cache(maxsize=len(SHIPPED_STYLES))
def _of_style(style: str) -> OutlineComposer | None:
    path = _font_of(style)
    resource = _SHIPPED / f"{style}.npz"
    if path is None or not resource.is_file():
        return None
    with as_file(resource) as file:
        arrays, about = _opened_file(file)
        if about["font"] != hashlib.sha256(path.read_bytes()).hexdigest():
            return _of_face(
                load_face(path, name=style), None
            )  # another version of the font, cut as any other
        inventory = _inventory(file, arrays, about, OutlineReader(path))
    kind, region = style.split("-")
    neighbour = f"{kind}-{_NEIGHBOUR[region]}"
    return OutlineComposer(inventory, other=lambda: _of_style(neighbour), other_cost=SAME_FAMILY)


def _font_of(style: str) -> Path | None:
    """The font file of a shipped style, if its package is installed."""
    import importlib

    kind, region = style.split("-")
    try:
        package = importlib.import_module(_PACKAGES[region])
    except ImportError:
        return None
    return Path(str(package.sans_path() if kind == "sans" else package.serif_path()))


def _of_face(face: Face, progress: Callable[[int, int], None] | None) -> OutlineComposer:
    instance = "".join(f",{axis}={value:g}" for axis, value in face.location)
    reader = face.outlines()
    style = nearest_style(reader)
    path = data_home() / "outlines" / f"{face.sha256[:32]}-{face.index}{instance}-{style}.npz"
    if path.is_file():
        try:
            return _composer(read_inventory(path, reader))
        except (TenshoError, OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error):
            pass  # damaged, or of another version: made anew below
    inventory = cut_face(face, like=style, progress=progress)
    if not inventory.forms:  # none of its characters can be taken apart
        return _composer(inventory)
    with suppress(TenshoError):  # a cache that cannot be written is done without
        write_inventory(inventory, path, {"font": face.sha256, "index": face.index, "like": style})
    return _composer(inventory)


def cut_face(
    face: Face,
    *,
    allowed: Callable[[str], bool] = lambda _: True,
    like: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Inventory:
    """Cut a face's characters into parts; see `build_inventory`, where ``like`` is a face and not the name of a style.

    Raises:
        TenshoError: the font cannot be read, or it has no outlines.
    """
    reader = face.outlines()
    neighbour = None if like is None else _of_style(like)
    return build_inventory(
        reader,
        face.em_box(reader.units_per_em),
        allowed=allowed,
        like=None if neighbour is None else neighbour.inventory.as_neighbour,
        progress=progress,
    )


def _composer(inventory: Inventory) -> OutlineComposer:
    return OutlineComposer(inventory, other=lambda: _of_style(nearest_style(inventory.reader)))


def nearest_style(reader: OutlineReader) -> str:
    """The shipped style that is most like a face: by how thin its horizontal stems are, and for which region it is."""
    vertical, horizontal = usual_stems(reader)
    kind = "serif" if horizontal < _CONTRAST * vertical else "sans"
    has = reader.characters
    found = {region: sum(char in has for char in own) for region, own in _OWN.items()}
    if not any(found.values()):
        found = {region: len(has & set(repertoire(name).characters)) for region, name in _COMMON.items()}
    return f"{kind}-{max(found, key=found.__getitem__)}"


def write_inventory(inventory: Inventory, path: Path, facts: Mapping[str, object]) -> None:
    """Write an inventory, the same bytes for the same one.

    Args:
        inventory: what to write.
        path: an ``.npz`` file.
        facts: of the font, for JSON.
    """
    parts = sorted(inventory.forms)
    tables = [inventory.forms[part] for part in parts]
    slots = sorted({slot for table in tables for slot in table.slots.tolist()})
    number = {slot: k for k, slot in enumerate(slots)}
    contours = [row for table in tables for row in table.contours]
    arrays: dict[str, NDArray[Any]] = {
        "about": _text(
            json.dumps(
                {
                    **facts,
                    "format": FORMAT,
                    "em": list(inventory.em),
                    "slots": slots,
                    "gaps": dict(inventory.gaps),
                },
                ensure_ascii=False,
            )
        ),
        "parts": _text("\n".join(parts)),
        "counts": np.array([len(table) for table in tables], np.uint32),
        "slots": np.array([number[slot] for table in tables for slot in table.slots.tolist()], np.uint8),
        "donors": np.array([ord(donor) for table in tables for donor in table.donors.tolist()], np.uint32),
        "lengths": np.array([len(row) for row in contours], np.uint16),
        "contours": np.array([contour for row in contours for contour in row], np.uint16),
        "boxes": np.concatenate([table.boxes for table in tables]).astype(np.int16),
        "siblings": np.concatenate([table.siblings for table in tables]).astype(np.int16),
        "typical": np.concatenate([np.rint(table.typical * TYPICAL_STEPS) for table in tables]).astype(
            np.uint8
        ),
        **{f"inner.{name}": array for name, array in _packed(inventory.placer.inner).items()},
        **{f"outer.{name}": array for name, array in _packed(inventory.placer.outer).items()},
    }
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    with replaced_file(path) as temporary:
        temporary.write_bytes(buffer.getvalue())


def read_inventory(
    path: Path, reader: OutlineReader, allowed: Callable[[str], bool] = lambda _: True
) -> Inventory:
    """Read an inventory of the face that it was made of.

    Args:
        path: what `write_inventory` wrote.
        reader: the face.
        allowed: which characters may be looked at, as for `build_inventory`.

    Raises:
        TenshoError: the file is of another version.
        OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error: the file is damaged.
    """
    arrays, about = _opened_file(path)
    return _inventory(path, arrays, about, reader, allowed)


def _opened_file(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays of a file, and what it says of itself."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return arrays, json.loads(_read(arrays["about"]))


def _inventory(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    about: Mapping[str, Any],
    reader: OutlineReader,
    allowed: Callable[[str], bool] = lambda _: True,
) -> Inventory:
    if about["format"] != FORMAT:
        raise TenshoError(f"{path} has format {about['format']}, and this is for {FORMAT}; delete it")
    em = Bounds(*about["em"])
    neighbour = _of_style(about["like"]) if about.get("like") else None
    placer = (
        Placer(em, Looks(reader, em, allowed))
        if neighbour is None
        else neighbour.inventory.as_neighbour.placer(em)
    )
    placer.inner = _unpacked(arrays, "inner.", placer.inner)
    placer.outer = _unpacked(arrays, "outer.", placer.outer)
    return Inventory(reader, em, _StoredForms(arrays, about["slots"]), placer, about["gaps"])


class _StoredForms(Mapping[str, Forms]):
    """Forms that are taken out of the arrays of a file when they are asked for."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], slots: Sequence[str]) -> None:
        self._arrays, self._slots = arrays, np.array(slots)
        self._rows = {part: k for k, part in enumerate(_lines(arrays["parts"]))}
        self._ends = np.cumsum(arrays["counts"], dtype=np.int64)
        self._contour_ends = np.cumsum(arrays["lengths"], dtype=np.int64)
        self._opened: dict[str, Forms] = {}

    def __getitem__(self, part: str) -> Forms:
        if part not in self._opened:
            self._opened[part] = self._open(self._rows[part])
        return self._opened[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def _open(self, k: int) -> Forms:
        rows = slice(int(self._ends[k - 1]) if k else 0, int(self._ends[k]))
        ends = self._contour_ends[rows]
        starts = ends - self._arrays["lengths"][rows]
        return Forms(
            slots=self._slots[self._arrays["slots"][rows]],
            donors=self._arrays["donors"][rows].astype(np.uint32).view("<U1"),
            contours=_StoredContours(self._arrays["contours"], starts, ends),
            boxes=self._arrays["boxes"][rows].astype(np.float32),
            siblings=self._arrays["siblings"][rows].astype(np.float32),
            typical=self._arrays["typical"][rows].astype(np.float32) / np.float32(TYPICAL_STEPS),
        )


class _StoredContours(Sequence[tuple[int, ...]]):
    """The contours of the forms of a part; few of hundreds of forms are drawn."""

    def __init__(
        self, contours: NDArray[np.uint16], starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> None:
        self._contours, self._starts, self._ends = contours, starts, ends

    @overload
    def __getitem__(self, row: int) -> tuple[int, ...]: ...
    @overload
    def __getitem__(self, row: slice) -> list[tuple[int, ...]]: ...
    def __getitem__(self, row: int | slice) -> tuple[int, ...] | list[tuple[int, ...]]:
        if isinstance(row, slice):
            return [self[k] for k in range(*row.indices(len(self)))]
        return tuple(self._contours[self._starts[row] : self._ends[row]].tolist())

    def __len__(self) -> int:
        return len(self._ends)


def _packed(effects: Effects) -> dict[str, NDArray[Any]]:
    names, values = effects.named
    slots, models = effects.linear
    flat = [array.astype(np.float32).ravel() for model in models for array in model]
    return {
        "names": _text("\n".join(names)),
        "values": values.astype(np.float16),
        "slots": _text("\n".join(slots)),
        # One array: to open a member of the file takes as long as to read a hundred models.
        "widths": np.array([len(model.centre) for model in models], np.uint16),
        "ridges": np.concatenate(flat) if flat else np.zeros(0, np.float32),
    }


def _unpacked(arrays: Mapping[str, NDArray[Any]], prefix: str, fresh: Effects) -> Effects:
    ridges, models, start = arrays[f"{prefix}ridges"].astype(np.float64), [], 0
    for width in arrays[f"{prefix}widths"].tolist():
        shapes = {"centre": (width,), "spread": (width,), "slopes": (width, 4), "level": (4,)}
        fields = []
        for name in Ridge._fields:
            size = int(np.prod(shapes[name]))
            fields.append(ridges[start : start + size].reshape(shapes[name]))
            start += size
        models.append(Ridge(*fields))
    names, slots = _lines(arrays[f"{prefix}names"]), _lines(arrays[f"{prefix}slots"])
    return fresh.with_fitted(
        names, arrays[f"{prefix}values"].astype(np.float64), dict(zip(slots, models, strict=True))
    )


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


def _lines(array: NDArray[np.uint8]) -> list[str]:
    return _read(array).split("\n") if len(array) else []


def _read(array: NDArray[np.uint8]) -> str:
    return array.tobytes().decode()
