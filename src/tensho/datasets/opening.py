"""The data that a family is trained on, by the name that the user gives it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tensho.datasets.base import Images
from tensho.errors import TenshoError
from tensho.models.base import Spec

__all__ = ["training_data"]

_KNOWN = "glyphs, the folder of a glyph set or of images, mnist:DIR and cifar10:DIR"


def training_data(name: str, spec: Spec, report: Callable[[str], object] = lambda _: None) -> Images:
    """The training split of a data set, with what the model is conditioned on.

    Args:
        name: ``glyphs`` (the default set of that size, built if it is not there), the folder of a glyph set, a
            folder of images (fitted to the model's size), ``mnist:DIR`` or ``cifar10:DIR`` (their original files).
        spec: what the model draws and from what; a model that is conditioned on drafts gets them.
        report: told what was found out about a folder of images.

    Raises:
        TenshoError: no such data, or images of another shape.
    """
    kind, separator, place = name.partition(":")
    if separator:
        dataset = _benchmark(kind, Path(place))
    elif name == "glyphs" or (Path(name) / "manifest.json").is_file() or "draft" in spec.conditions:
        dataset = _glyphs(name, spec)
    elif Path(name).is_dir():
        dataset = _images(Path(name), spec, report)
    else:
        raise TenshoError(f"there is no data {name!r}; there are {_KNOWN}")
    if dataset.shape != spec.shape:
        found, wanted = ("×".join(map(str, shape)) for shape in (dataset.shape, spec.shape))
        raise TenshoError(
            f"{name} holds images of {found}, but the model draws {wanted}; set --size and --channels to match"
        )
    return dataset


def _glyphs(name: str, spec: Spec) -> Images:
    from tensho.datasets.building import build
    from tensho.datasets.drafted_glyphs import DraftedGlyphs, build_drafts, drafts_folder
    from tensho.datasets.glyph_set import glyphs_folder, open_glyphs
    from tensho.fonts.faces import default_faces

    size = spec.shape[-1]
    folder = glyphs_folder(size) if name == "glyphs" else Path(name)
    glyphs = build(default_faces(), size=size, folder=folder) if name == "glyphs" else open_glyphs(folder)
    if "draft" not in spec.conditions:
        return glyphs.subset("train")
    place = drafts_folder(folder)
    if name == "glyphs":
        return DraftedGlyphs(glyphs, build_drafts(glyphs, default_faces(), place), "train")
    if not (place / "manifest.json").is_file():
        raise TenshoError(f"{folder} has no drafts in {place}; build the set again with --drafts")
    return DraftedGlyphs(glyphs, open_glyphs(place), "train")


def _images(folder: Path, spec: Spec, report: Callable[[str], object]) -> Images:
    """The training images of a folder, as a glyph set that is kept beside the default one."""
    from tensho.datasets.building import build
    from tensho.datasets.glyph_set import glyphs_folder
    from tensho.fonts.image_folder import load_images

    images, size = load_images(folder), spec.shape[-1]
    kept = glyphs_folder(size).with_name(f"images-{images.sha256[:12]}-{size}")
    glyphs = build([images], size=size, folder=kept)
    train, ink = glyphs.subset("train"), images.describe()["ink"]
    report(
        f"{folder}: {ink}, fitted to {size}×{size}; {len(train):,} of {len(glyphs):,} images are trained on"
    )
    return train


def _benchmark(kind: str, folder: Path) -> Images:
    from tensho.datasets.mnist_cifar import cifar10, mnist

    readers = {"mnist": mnist, "cifar10": cifar10}
    if kind not in readers:
        raise TenshoError(f"unknown data {kind!r}; there are {_KNOWN}")
    return readers[kind](folder, "train")
