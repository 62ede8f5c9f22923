"""The data that a family is trained on, by the name that the user gives it."""

from __future__ import annotations

from pathlib import Path

from tensho.data.dataset import Dataset
from tensho.errors import TenshoError

__all__ = ["training_data"]


def training_data(name: str, shape: tuple[int, int, int]) -> Dataset:
    """The training split of a data set whose images have ``shape`` (C, H, W).

    Args:
        name: ``glyphs`` (the default set of that size, built if it is not there), the folder of a glyph set,
            ``mnist:DIR`` or ``cifar10:DIR`` (their original files).
        shape: what the model draws.

    Raises:
        TenshoError: no such data, or images of another shape.
    """
    kind, separator, place = name.partition(":")
    dataset = _benchmark(kind, Path(place)) if separator else _glyphs(name, shape[-1])
    if dataset.shape != shape:
        found, wanted = ("×".join(map(str, side)) for side in (dataset.shape, shape))
        raise TenshoError(
            f"{name} holds images of {found}, but the model draws {wanted}; set --size and --channels to match"
        )
    return dataset


def _glyphs(name: str, size: int) -> Dataset:
    from tensho.data.building import build
    from tensho.data.faces import default_faces
    from tensho.data.glyphs import glyphs_folder, open_glyphs

    glyphs = (
        build(default_faces(), size=size, folder=glyphs_folder(size))
        if name == "glyphs"
        else open_glyphs(Path(name))
    )
    return glyphs.subset("train")


def _benchmark(kind: str, folder: Path) -> Dataset:
    from tensho.data.benchmarks import cifar10, mnist

    readers = {"mnist": mnist, "cifar10": cifar10}
    if kind not in readers:
        raise TenshoError(
            f"unknown data {kind!r}; there are glyphs, a glyph set's folder, mnist:DIR, cifar10:DIR"
        )
    return readers[kind](folder, "train")
