"""The model families, by name; a family's module is imported when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.models.base import Model
    from tensho.models.composer.network import Composer

__all__ = ["COMPOSERS", "FAMILIES", "Family", "family_class"]


class Family(NamedTuple):
    """Where a family is defined, as ``module:class``, and what it is, in a sentence."""

    path: str
    summary: str


FAMILIES = {
    "walkback": Family(
        "tensho.models.walkback:Walkback",
        "A small denoising auto-encoder that dreams by walking back from noise.",
    ),
    "vae": Family(
        "tensho.models.vae:Vae", "A latent space in which every point is a character, and its decoder."
    ),
    "gan": Family(
        "tensho.models.gan:Gan",
        "A generator that draws, taught by a discriminator that tells it from the data.",
    ),
    "ddpm": Family(
        "tensho.models.ddpm:Ddpm", "A diffusion model: takes the noise out of noise until an image is left."
    ),
    "brush": Family(
        "tensho.models.brush.network:Brush",
        "Paints a fair copy of a draft, in a named style or in the draft's own.",
    ),
}
"""Families that draw images; `tensho train` trains them."""

COMPOSERS = {
    "composer": Family(
        "tensho.models.composer.network:Composer", "From a meaning to the parts of a character."
    ),
    "letterer": Family(
        "tensho.models.letterer:Letterer", "Draws text as ASCII art, in the style of a few letters."
    ),
}
"""Families that draw no pictures: what they make is text."""


def family_class(name: str) -> type[Model[Any]] | type[Composer]:
    """The class of a family.

    Raises:
        TenshoError: there is no family of that name.
    """
    known = {**FAMILIES, **COMPOSERS}
    if name not in known:
        raise TenshoError(f"unknown model {name!r}; there are {', '.join(known)}")
    module, _, attribute = known[name].path.partition(":")
    found: type[Model[Any]] | type[Composer] = getattr(importlib.import_module(module), attribute)
    return found
