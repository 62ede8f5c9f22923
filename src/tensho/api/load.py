"""`load`: trained models by name, and the weights at hand."""

from tensho.models.catalogue import Weights, locate, shipped
from tensho.models.loading import RUNTIMES, load

__all__ = ["RUNTIMES", "Weights", "load", "shipped", "weights_named"]


def weights_named(name: str) -> Weights:
    """The weights that a name stands for: shipped ones, a ``.safetensors`` file, or the folder of a run.

    Raises:
        TenshoError: there are none, or the file holds no weights of a tensho model.
    """
    return Weights.read(locate(name))
