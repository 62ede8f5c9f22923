"""Training data by the name that a user gives them: images, and glyphs with their drafts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tensho.datasets.base import Images
from tensho.datasets.building import build
from tensho.datasets.drafted_glyphs import DraftedGlyphs, build_drafts, drafts_folder
from tensho.datasets.glyph_set import GlyphSet, glyphs_folder, open_glyphs
from tensho.datasets.mnist_cifar import cifar10, mnist
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.fonts.image_folder import load_images

__all__ = ["training_drafts", "training_images"]

_KNOWN = "glyphs, the folder of a glyph set or of images, mnist:DIR and cifar10:DIR"
_READERS = {"mnist": mnist, "cifar10": cifar10}

Shape = tuple[int, int, int]
Report = Callable[[str], object]
ImagesT = TypeVar("ImagesT", bound=Images)


def training_images(name: str, shape: Shape, report: Report = lambda _: None) -> Images:
    """The training split of a set of images.

    Args:
        name: ``glyphs`` (the default set of that size, built if it is not there), the folder of a glyph set, a
            folder of images (fitted to the shape), ``mnist:DIR`` or ``cifar10:DIR`` (their original files).
        shape: (C, H, W) of an image.
        report: told what was found out about a folder of images.

    Raises:
        TenshoError: no such data, or images of another shape.
    """
    kind, separator, place = name.partition(":")
    if separator:
        if kind not in _READERS:
            raise TenshoError(f"unknown data {kind!r}; there are {_KNOWN}")
        return _checked(_READERS[kind](Path(place), "train"), name, shape)
    if name == "glyphs" or _is_glyph_set(name):
        return _checked(_glyph_set(name, shape[-1]).subset("train"), name, shape)
    if Path(name).is_dir():
        return _checked(_image_folder(Path(name), shape[-1], report), name, shape)
    raise TenshoError(f"there is no data {name!r}; there are {_KNOWN}")


def training_drafts(name: str, shape: Shape, report: Report = lambda _: None) -> DraftedGlyphs:  # noqa: ARG001
    """The training glyphs that have drafts, of ``glyphs`` or of the folder of a glyph set that was built with them.

    Raises:
        TenshoError: no such set, a set without drafts, or glyphs of another shape.
    """
    if ":" in name:
        raise TenshoError(f"{name} has no drafts; give glyphs or the folder of a glyph set")
    glyphs = _glyph_set(name, shape[-1])
    place = drafts_folder(glyphs_folder(shape[-1]) if name == "glyphs" else Path(name))
    if name == "glyphs":
        drafts = build_drafts(glyphs, default_faces(), place)
    elif _is_glyph_set(str(place)):
        drafts = open_glyphs(place)
    else:
        raise TenshoError(f"{name} has no drafts in {place}; build the set again with --drafts")
    return _checked(DraftedGlyphs(glyphs, drafts, "train"), name, shape)


def _checked(dataset: ImagesT, name: str, shape: Shape) -> ImagesT:
    if dataset.shape != shape:
        found, wanted = ("×".join(map(str, sides)) for sides in (dataset.shape, shape))
        raise TenshoError(
            f"{name} holds images of {found}, but the model draws {wanted}; set --size and --channels to match"
        )
    return dataset


def _is_glyph_set(folder: str) -> bool:
    return (Path(folder) / "manifest.json").is_file()


def _glyph_set(name: str, size: int) -> GlyphSet:
    if name == "glyphs":
        return build(default_faces(), size=size, folder=glyphs_folder(size))
    return open_glyphs(Path(name))


def _image_folder(folder: Path, size: int, report: Report) -> Images:
    """The training images of a folder, as a glyph set that is kept beside the default one."""
    images = load_images(folder)
    kept = glyphs_folder(size).with_name(f"images-{images.sha256[:12]}-{size}")
    glyphs = build([images], size=size, folder=kept)
    train, ink = glyphs.subset("train"), images.describe()["ink"]
    report(
        f"{folder}: {ink}, fitted to {size}×{size}; {len(train):,} of {len(glyphs):,} images are trained on"
    )
    return train
