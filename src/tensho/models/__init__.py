"""The model families, by name; a family's module is imported when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.models.base import Model

__all__ = ["FAMILIES", "Family", "family_class"]


class Family(NamedTuple):
    """Where a family is defined, as ``module:class``, and what it is, in a sentence."""

    path: str
    summary: str


FAMILIES = {
    "walkback": Family(
        "tensho.models.walkback:Walkback",
        "A small denoising auto-encoder that dreams by walking back from noise.",
    ),
    "brush": Family(
        "tensho.models.brush:Brush", "Paints a fair copy of a draft, in a named style or in the draft's own."
    ),
}


def family_class(name: str) -> type[Model[Any]]:
    """The class of a family.

    Raises:
        TenshoError: there is no family of that name.
    """
    if name not in FAMILIES:
        raise TenshoError(f"unknown model {name!r}; there are {', '.join(FAMILIES)}")
    module, _, attribute = FAMILIES[name].path.partition(":")
    found: type[Model[Any]] = getattr(importlib.import_module(module), attribute)
    return found
