"""`load`: trained models by name, and the weights at hand."""

from __future__ import annotations

from tensho.api.draw_options import DrawOptions
from tensho.errors import TenshoError
from tensho.models.brush.base import BrushBase
from tensho.models.catalogue import Weights, locate, shipped
from tensho.models.composer.base import ComposerBase
from tensho.models.loading import RUNTIMES, has_graph, load, load_cached

__all__ = [
    "DEFAULT_COMPOSER",
    "RUNTIMES",
    "Weights",
    "brush_named",
    "composer_for",
    "composer_named",
    "load",
    "shipped",
    "weights_named",
]

DEFAULT_COMPOSER = "composer"


def brush_named(name: str, runtime: str | None = None) -> BrushBase:
    """The brush of that name; see `tensho.models.loading.load`.

    Raises:
        TenshoError: there are no such weights, or they are of another family.
    """
    loaded = load_cached(name, runtime=runtime)
    if not isinstance(loaded, BrushBase):
        raise TenshoError(f"{name} is a {loaded.family}, which cannot compose; name weights of a brush")
    return loaded


def composer_named(name: str = DEFAULT_COMPOSER, runtime: str | None = None) -> ComposerBase:
    """The composer of that name; see `tensho.models.loading.load`.

    Raises:
        TenshoError: there are no such weights, or they are of another family.
    """
    loaded = load_cached(name, runtime=runtime)
    if not isinstance(loaded, ComposerBase):
        raise TenshoError(f"{name} is a {loaded.family}, which knows no meanings; name weights of a composer")
    return loaded


def composer_for(options: DrawOptions, name: str = DEFAULT_COMPOSER) -> ComposerBase:
    """The composer of that name, computed by what the options ask for.

    Raises:
        TenshoError: there are no such weights, or they are of another family.
    """
    # Where no brush is needed, all that torch would do here is to take two seconds to start.
    soonest = "onnx" if options.outlines and has_graph(name) else None
    return composer_named(name, options.runtime or soonest)


def weights_named(name: str) -> Weights:
    """The weights that a name stands for: shipped ones, a ``.safetensors`` file, or the folder of a run.

    Raises:
        TenshoError: there are none, or the file holds no weights of a tensho model.
    """
    return Weights.read(locate(name))
