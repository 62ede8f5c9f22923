"""Distributed training: what the processes of a run share, on `accelerate`.

The model is not wrapped: a family may run its network many times for one loss, and have several losses a step.
Instead the loop averages finished gradients, which needs one exchange for each optimiser update.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from accelerate import PartialState
from accelerate.utils import broadcast, reduce
from torch import Tensor

from tensho.errors import TenshoError

__all__ = ["Processes"]


class Processes:
    """This process among those that `accelerate launch`, `torchrun` or MPI started together; often alone.

    Attributes: ``device``, ``rank`` from 0, ``count``.
    """

    def __init__(self, device: str) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise TenshoError("--device is cuda, but torch sees no GPU here; use --device cpu")
        on_cpu = device == "cpu" or not torch.cuda.is_available()
        self._state = PartialState(cpu=on_cpu)
        self.device = torch.device("cpu") if on_cpu else torch.device("cuda", torch.cuda.current_device())
        self.rank: int = self._state.process_index
        self.count: int = self._state.num_processes

    def wait(self) -> None:
        """Return when every process has come here."""
        self._state.wait_for_everyone()

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace floating-point tensors by their mean over the processes, in place; all get the same bits."""
        if self.count > 1 and tensors:
            flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
            _scatter(reduce(flat, "mean"), tensors)

    @torch.no_grad()
    def copy_from_first(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors of any dtype by those of rank 0, in place."""
        if self.count == 1:
            return
        by_dtype: dict[torch.dtype, list[Tensor]] = {}
        for tensor in tensors:
            by_dtype.setdefault(tensor.dtype, []).append(tensor)
        for group in by_dtype.values():
            _scatter(broadcast(torch.cat([tensor.reshape(-1) for tensor in group])), group)

    def check_same_step(self, step: int, folder: Path) -> None:
        """Make sure that all processes go on from the same step.

        Raises:
            TenshoError: this one does not see the checkpoint in ``folder`` that process 0 sees.
        """
        first = torch.tensor([step], device=self.device)
        self.copy_from_first([first])
        if first.item() != step:
            raise TenshoError(
                f"process {self.rank} cannot see the checkpoint in {folder} that process 0 sees; "
                "put the folder where all processes can read it"
            )

    def agree_to_stop(self, requested: bool, elapsed: float) -> tuple[bool, float]:
        """Whether any process was asked to stop, and the mean of their ``elapsed`` seconds; all get the same."""
        told = torch.tensor([requested, elapsed], dtype=torch.float64, device=self.device)
        self.average([told])
        return bool(told[0] > 0), float(told[1])


def _scatter(flat: Tensor, tensors: Sequence[Tensor]) -> None:
    for part, tensor in zip(flat.split([tensor.numel() for tensor in tensors]), tensors, strict=True):
        tensor.copy_(part.view(tensor.shape))
