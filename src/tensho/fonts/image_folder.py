"""A folder of images as a source of glyphs: of scanned, drawn or downloaded characters, as they are."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tensho.errors import TenshoError
from tensho.fonts.ink_picture import UNREADABLE, on_paper
from tensho.fonts.source import Drawable, is_ideograph
from tensho.split import SPLITS, split_of

__all__ = ["ImageFolder", "ImageRenderer", "load_images"]

_SAMPLE = 256  # images looked at to find out whether the folder's ink is dark or light
_CODE_POINT = re.compile(r"(?:U\+|uni|u|0x)?([0-9a-f]{4,6})", re.IGNORECASE)


@dataclass(frozen=True)
class ImageFolder:
    """A folder of images, read by `load_images`; ``files`` are paths below ``path``, in the order of the set.

    ``code_points`` has one entry a file, 0 for all of them in a nameless folder. ``ignored`` counts the files
    that are no image, or were left out.
    """

    name: str
    path: Path
    files: tuple[str, ...]
    code_points: tuple[int, ...]
    sha256: str
    dark_ink: bool
    ignored: int

    @property
    def named(self) -> bool:
        """Whether the file names say which characters the images show."""
        return any(self.code_points)

    def identity(self) -> dict[str, object]:
        """All that its bitmaps depend on, for JSON."""
        return {"kind": "images", "name": self.name, "sha256": self.sha256}

    def describe(self) -> dict[str, object]:
        """Where it comes from, for JSON; a folder says nothing about its licence."""
        return {
            **self.identity(),
            "file": self.path.name,
            "ink": "dark on light" if self.dark_ink else "light on dark",
            "named": self.named,
            "ignored": self.ignored,
            "licence": "not stated",
            "licence_url": "",
            "attribution": "",
        }

    def drawables(self) -> list[Drawable]:
        """One entry an image, in the order of the set."""
        return [Drawable(*pair) for pair in zip(self.code_points, self.files, strict=True)]

    def grey(self, key: str) -> NDArray[np.uint8] | None:
        """The image ``key`` as it is, uint8 (H, W) with ink lighter than paper; None if it cannot be read."""
        try:
            grey = _grey(self.path / key)
        except UNREADABLE:
            return None
        return np.asarray(ImageOps.invert(grey) if self.dark_ink else grey)

    def renderer(self, size: int) -> ImageRenderer:
        """The images in a square of ``size`` pixels."""
        return ImageRenderer(self.path, size, dark_ink=self.dark_ink)


class ImageRenderer:
    """Fits images into a square of ``size`` pixels, whole and centred, as ink 255 on 0."""

    def __init__(self, folder: Path, size: int, *, dark_ink: bool) -> None:
        self.folder = folder
        self.size = size
        self.dark_ink = dark_ink

    def render(self, key: str) -> NDArray[np.uint8] | None:
        """The image ``key`` as uint8 (size, size); None if it cannot be read or has no ink."""
        try:
            grey = _grey(self.folder / key)
        except UNREADABLE:
            return None
        if self.dark_ink:
            grey = ImageOps.invert(grey)
        square = ImageOps.pad(grey, (self.size, self.size), Image.Resampling.LANCZOS, color=0)
        glyph = np.asarray(square)
        return glyph if glyph.any() else None


def load_images(path: Path | str, *, name: str | None = None, only_named: bool = False) -> ImageFolder:
    """Find the images in a folder and its sub-folders; grey, colour, palette and alpha will do, of any size.

    An image shows the character that its file name is, or else the name of the folder it lies in: 永.png,
    U+6C38.png, uni6C38.png or 6c38/0001.png. If one image's name is no character, the names are not
    believed at all: the images are *nameless*, with code point 0, and split by file name. Whether ink is dark on
    light or light on dark is the vote of the images' borders, one vote for all, since a tightly cropped 国
    would vote wrongly for itself.

    Args:
        path: the folder.
        name: what the face is called; None: as the folder.
        only_named: leave images out whose name is no character, and believe the others.

    Raises:
        TenshoError: the folder is missing or holds no image, or none with a name if those are asked for.
    """
    path = Path(path)
    if not path.is_dir():
        raise TenshoError(f"there is no image folder {path}; check the path")
    candidates = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    images = [file for file in candidates if _is_image(file)]
    if not images:
        raise TenshoError(f"{path} holds no image; give a folder of PNG, JPEG or other image files")

    code_points = {file: _code_point(file.relative_to(path)) for file in images}
    if only_named:
        images = [file for file in images if code_points[file]]
        if not images:
            raise TenshoError(
                f"no image in {path} is named after the character that it shows; name them 永.png or U+6C38.png"
            )
        code_points = {file: code_points[file] for file in images}
    if all(code_points.values()):
        images.sort(key=lambda file: (code_points[file], file))
    else:
        code_points = dict.fromkeys(images, 0)
        images.sort(key=lambda file: (SPLITS.index(split_of(file.name)), file))

    return ImageFolder(
        name=name or path.resolve().name,
        path=path,
        files=tuple(file.relative_to(path).as_posix() for file in images),
        code_points=tuple(code_points[file] for file in images),
        sha256=_digest(path, images),
        dark_ink=_mostly_dark_ink(images),
        ignored=len(candidates) - len(images),
    )


def _is_image(file: Path) -> bool:
    try:
        with Image.open(file):
            return True
    except UNREADABLE:
        return False


def _code_point(file: Path) -> int:
    return next(filter(None, map(_named_code_point, (file.stem, file.parent.name))), 0)


def _named_code_point(name: str) -> int:
    match = _CODE_POINT.fullmatch(name)
    value = ord(name) if len(name) == 1 else int(match[1], 16) if match else 0
    return value if value <= 0x10FFFF and is_ideograph(value) else 0


def _digest(folder: Path, files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{content} {file.relative_to(folder).as_posix()}\n".encode())
    return digest.hexdigest()


def _mostly_dark_ink(files: list[Path]) -> bool:
    votes = []
    for file in files[:: max(1, len(files) // _SAMPLE)]:
        try:
            grey = np.asarray(_grey(file))
        except UNREADABLE:
            continue
        border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        votes.append(bool(np.median(border) > 127))
    return sum(votes) * 2 > len(votes)


def _grey(file: Path) -> Image.Image:
    """The image in grey; see `on_paper`."""
    with Image.open(file) as image:
        return on_paper(image).convert("L")
