"""The registry of model families: which model, trained on which data, in which sizes.

A model does not open its own data; a row joins the two. Rows name modules, which are imported when they are asked
for, so that ``tensho --help`` needs none of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.datasets.base import Dataset
    from tensho.models.trainable import Preset, Trainable

__all__ = ["FAMILIES", "Family", "family_named"]

Report = Callable[[str], object]
"""Told what was found out about the data, in a line."""

OpenDataset = Callable[[Any, str, Report], "Dataset"]
"""(model, what the user calls the data, report) → the training split, in the shapes that the model asks for."""


@dataclass(frozen=True)
class Family:
    """A row: a model, its data and its presets.

    Attributes:
        model: ``module:class``, a `Trainable`.
        dataset: opens what it is trained on; raises `TenshoError` for data that it cannot learn from.
        presets: ``module:name`` of its `Preset` by name, "small" and "full" among them.
        summary: what it is, in a sentence.
        draws: whether it draws images; what the others make is text.
        data: the data that it is trained on unless the user names others.
        data_help: what data there are, for ``--help``.
    """

    model: str
    dataset: OpenDataset
    presets: str
    summary: str
    draws: bool = True
    data: str = "glyphs"
    data_help: str = (
        "glyphs, the folder of a glyph set or of images, mnist:DIR or cifar10:DIR (original files)."
    )

    @property
    def model_class(self) -> type[Trainable[Any]]:
        """The class that ``model`` names."""
        found: type[Trainable[Any]] = _imported(self.model)
        return found

    @property
    def preset_table(self) -> Mapping[str, Preset[Any]]:
        """What ``presets`` names."""
        found: Mapping[str, Preset[Any]] = _imported(self.presets)
        return found

    def open_dataset(
        self, model: Trainable[Any], name: str | None = None, report: Report = lambda _: None
    ) -> Dataset:
        """The training split of the data that a user calls ``name``; None: ``data``.

        Raises:
            TenshoError: no such data, or none that the model can learn from.
        """
        return self.dataset(model, self.data if name is None else name, report)


def _glyph_images(model: Any, name: str, report: Report) -> Dataset:
    from tensho.datasets.opening import training_images

    return training_images(name, model.spec.shape, report)


def _glyphs_with_drafts(model: Any, name: str, report: Report) -> Dataset:
    from tensho.datasets.opening import training_drafts

    return training_drafts(name, model.spec.shape, report)


def _meaning_prompts(model: Any, name: str, report: Report) -> Dataset:
    from tensho.models.composer.examples import training_examples

    return training_examples(name, model.config, report)


def _letter_groups(model: Any, name: str, report: Report) -> Dataset:  # noqa: ARG001
    from tensho.datasets.letters.groups import training_groups

    return training_groups(name, report)


def _described_glyphs(model: Any, name: str, report: Report) -> Dataset:
    from tensho.models.reader.examples import training_examples

    return training_examples(name, model.config.longest, report)


FAMILIES = {
    "walkback": Family(
        model="tensho.models.walkback:Walkback",
        dataset=_glyph_images,
        presets="tensho.models.walkback:PRESETS",
        summary="A small denoising auto-encoder that dreams by walking back from noise.",
    ),
    "vae": Family(
        model="tensho.models.vae:Vae",
        dataset=_glyph_images,
        presets="tensho.models.vae:PRESETS",
        summary="A latent space in which every point is a character, and its decoder.",
    ),
    "gan": Family(
        model="tensho.models.gan:Gan",
        dataset=_glyph_images,
        presets="tensho.models.gan:PRESETS",
        summary="A generator that draws, taught by a discriminator that tells it from the data.",
    ),
    "ddpm": Family(
        model="tensho.models.ddpm:Ddpm",
        dataset=_glyph_images,
        presets="tensho.models.ddpm:PRESETS",
        summary="A diffusion model: takes the noise out of noise until an image is left.",
    ),
    "ddpm-student": Family(
        model="tensho.models.ddpm_student:DdpmStudent",
        dataset=_glyph_images,
        presets="tensho.models.ddpm_student:PRESETS",
        summary="A ddpm that learned to draw in four evaluations what its teacher draws in many.",
    ),
    "brush": Family(
        model="tensho.models.brush.network:Brush",
        dataset=_glyphs_with_drafts,
        presets="tensho.models.brush.network:PRESETS",
        summary="Paints a fair copy of a draft, in a named style or in the draft's own.",
    ),
    "composer": Family(
        model="tensho.models.composer.network:Composer",
        dataset=_meaning_prompts,
        presets="tensho.models.composer.network:PRESETS",
        summary="From a meaning to the parts of a character.",
        draws=False,
        data="meanings",
        data_help="meanings: the English meanings of the training characters, and their structures.",
    ),
    "letterer": Family(
        model="tensho.models.letterer:Letterer",
        dataset=_letter_groups,
        presets="tensho.models.letterer:PRESETS",
        summary="Draws text as ASCII art, in the style of a few letters.",
        draws=False,
        data="lettering",
        data_help="lettering: FIGlet's fonts, and styles that no font file holds.",
    ),
    "reader": Family(
        model="tensho.models.reader.network:Reader",
        dataset=_described_glyphs,
        presets="tensho.models.reader.network:PRESETS",
        summary="From the picture of a character to its parts, and to a descriptor of its looks.",
        draws=False,
        data_help="glyphs, or the folder of a glyph set.",
    ),
}
"""All families by name; `tensho train` trains them."""


def family_named(name: str) -> Family:
    """The row of a family.

    Raises:
        TenshoError: there is no family of that name.
    """
    if name not in FAMILIES:
        raise TenshoError(f"unknown model {name!r}; there are {', '.join(FAMILIES)}")
    return FAMILIES[name]


def _imported(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)
