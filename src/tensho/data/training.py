"""The data that a family is trained on, by the name that the user gives it."""

from __future__ import annotations

from pathlib import Path

from tensho.data.dataset import Dataset
from tensho.errors import TenshoError
from tensho.models.base import Spec

__all__ = ["training_data"]


def training_data(name: str, spec: Spec) -> Dataset:
    """The training split of a data set, with what the model is conditioned on.

    Args:
        name: ``glyphs`` (the default set of that size, built if it is not there), the folder of a glyph set,
            ``mnist:DIR`` or ``cifar10:DIR`` (their original files).
        spec: what the model draws and from what; a model that is conditioned on drafts gets them.

    Raises:
        TenshoError: no such data, or images of another shape.
    """
    kind, separator, place = name.partition(":")
    dataset = _benchmark(kind, Path(place)) if separator else _glyphs(name, spec)
    if dataset.shape != spec.shape:
        found, wanted = ("×".join(map(str, shape)) for shape in (dataset.shape, spec.shape))
        raise TenshoError(
            f"{name} holds images of {found}, but the model draws {wanted}; set --size and --channels to match"
        )
    return dataset


def _glyphs(name: str, spec: Spec) -> Dataset:
    from tensho.data.building import build
    from tensho.data.drafted import DraftedGlyphs, build_drafts
    from tensho.data.faces import default_faces
    from tensho.data.glyphs import glyphs_folder, open_glyphs

    size = spec.shape[-1]
    folder = glyphs_folder(size) if name == "glyphs" else Path(name)
    glyphs = build(default_faces(), size=size, folder=folder) if name == "glyphs" else open_glyphs(folder)
    if "draft" not in spec.conditions:
        return glyphs.subset("train")
    drafts_folder = folder.with_name(f"{folder.name}-drafts")
    drafts = (
        build_drafts(glyphs, default_faces(), drafts_folder)
        if name == "glyphs"
        else open_glyphs(drafts_folder)
    )
    return DraftedGlyphs(glyphs, drafts, "train")


def _benchmark(kind: str, folder: Path) -> Dataset:
    from tensho.data.benchmarks import cifar10, mnist

    readers = {"mnist": mnist, "cifar10": cifar10}
    if kind not in readers:
        raise TenshoError(
            f"unknown data {kind!r}; there are glyphs, a glyph set's folder, mnist:DIR, cifar10:DIR"
        )
    return readers[kind](folder, "train")
