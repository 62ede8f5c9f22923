"""The networks that the verbs draw with, opened by name and once."""

from __future__ import annotations

from tensho.errors import TenshoError
from tensho.models import loading
from tensho.models.brush.base import BrushBase
from tensho.models.composer.base import ComposerBase

__all__ = ["DEFAULT_COMPOSER", "brush_named", "composer_named"]

DEFAULT_COMPOSER = "composer"


def brush_named(name: str, runtime: str | None = None) -> BrushBase:
    """The brush of that name; see `tensho.models.loading.load`.

    Raises:
        TenshoError: there are no such weights, or they are of another family.
    """
    loaded = loading.load_cached(name, runtime=runtime)
    if not isinstance(loaded, BrushBase):
        raise TenshoError(f"{name} is a {loaded.family}, which cannot compose; name weights of a brush")
    return loaded


def composer_named(name: str = DEFAULT_COMPOSER, runtime: str | None = None) -> ComposerBase:
    """The composer of that name; see `tensho.models.loading.load`.

    Raises:
        TenshoError: there are no such weights, or they are of another family.
    """
    loaded = loading.load_cached(name, runtime=runtime)
    if not isinstance(loaded, ComposerBase):
        raise TenshoError(f"{name} is a {loaded.family}, which knows no meanings; name weights of a composer")
    return loaded
