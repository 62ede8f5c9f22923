"""The composer without torch; see `tensho.models.composer.network` for the mathematics."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tensho.models.composer.base import ComposerBase, ComposerConfig, Context, Recalled
from tensho.models.onnx_graph import OnnxGraph

__all__ = ["OnnxComposer"]


class OnnxComposer(ComposerBase):
    """A composer whose language model and memory are ONNX graphs."""

    def __init__(self, network: OnnxGraph, memory: Callable[[], OnnxGraph], config: ComposerConfig) -> None:
        self.config = config
        self._network, self._open_memory = network, memory

    @cached_property
    def _memory(self) -> OnnxGraph:
        """Opened when it is first asked, which dreams never do."""
        return self._open_memory()

    def next_logits(self, codes: NDArray[np.int64], context: Context) -> NDArray[np.float32]:
        """Of what follows each prefix; see `ComposerBase.next_logits`."""
        fields = context._asdict()
        del fields["votes"]  # they reach the logits as evidence
        (logits,) = self._network(codes=codes, **fields)
        return logits

    def recall(self, readings: NDArray[np.float32]) -> Recalled:
        """Read one prompt; see `ComposerBase.recall`."""
        *fields, similarity, codes = self._memory(readings=readings)
        context = Context._make([readings, *fields, np.ones(len(readings), bool)])
        return Recalled(context, similarity[0], self.decode(codes[0]))
