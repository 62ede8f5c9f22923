"""One optimiser update: gradients, their mean over the processes, a guard, a clip, a step.

Gradients are asked for the parameters of the named optimiser alone (`torch.autograd.grad`), so a generator's
loss leaves nothing in the discriminator's ``.grad`` and no phase can leak into the next. A parameter that the
loss does not reach has a gradient of zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tensho.models.trainable import Losses, Recipe, Trainable
from tensho.train.finite import PATIENCE, SkippedUpdates
from tensho.train.processes import Processes

__all__ = ["PATIENCE", "Updates"]


class Updates:
    """The optimisers of a run.

    Attributes:
        optimizers: by name, as the family made them.
    """

    def __init__(self, model: Trainable[Any], recipe: Recipe, processes: Processes) -> None:
        self.optimizers = model.optimizers(recipe)
        self._skipped = SkippedUpdates(self.optimizers)
        self._clip = recipe.clip
        self._processes = processes
        self._peaks = {name: [g["lr"] for g in o.param_groups] for name, o in self.optimizers.items()}

    @property
    def skipped(self) -> int:
        """How many updates were skipped in all."""
        return self._skipped.total

    @property
    def in_a_row(self) -> dict[str, int]:
        """For each optimiser, how many of its latest updates were skipped."""
        return self._skipped.in_a_row

    def resume(self, skipped: int, in_a_row: dict[str, int]) -> None:
        """Count skipped updates on from those of an earlier part of the run."""
        self._skipped.total, self._skipped.in_a_row = skipped, in_a_row

    def apply(self, losses: Losses, factor: float) -> dict[str, float]:
        """Make one update with ``factor`` times the peak learning rate; skip it if it is not finite.

        Returns:
            What to log: the loss, its parts (means over the processes) and the gradient's norm before clipping.

        Raises:
            TenshoError: `PATIENCE` updates of this optimiser in a row were not finite.
        """
        name = losses.optimizer
        optimizer = self.optimizers[name]
        parameters = self._parameters(optimizer)
        gradients = _owned(torch.autograd.grad(losses.total, parameters, materialize_grads=True), parameters)
        values = torch.stack([losses.total, *losses.parts.values()]).detach().float()
        self._processes.average([*gradients, values])
        norm = nn.utils.get_total_norm(gradients)
        measured_norm, total, *parts = torch.cat([norm.float().reshape(1), values]).tolist()
        finite = math.isfinite(total) and math.isfinite(measured_norm)
        self._skipped.judge(name, finite=finite)
        if not finite:
            return {}
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        nn.utils.clip_grads_with_norm_(parameters, self._clip, norm)
        for group, peak in zip(optimizer.param_groups, self._peaks[name], strict=True):
            group["lr"] = peak * factor
        optimizer.step()
        optimizer.zero_grad()
        return {
            f"loss/{name}": total,
            f"gradient/{name}": measured_norm,
            **dict(zip(losses.parts, parts, strict=True)),
        }

    def learning_rates(self) -> dict[str, float]:
        """The learning rate that each optimiser used last, for the log."""
        return {f"learning rate/{name}": o.param_groups[0]["lr"] for name, o in self.optimizers.items()}

    def _parameters(self, optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
        groups = optimizer.param_groups
        return [parameter for group in groups for parameter in group["params"] if parameter.requires_grad]


def _owned(gradients: Sequence[Tensor], parameters: Sequence[Tensor]) -> list[Tensor]:
    """Gradients that can be scaled in place, laid out like their parameters.

    Those of autograd may share memory with each other, and repeat one number for all places of a tensor.
    """
    return [
        torch.empty_like(parameter, requires_grad=False).copy_(gradient)
        for parameter, gradient in zip(parameters, gradients, strict=True)
    ]
