"""Trainable weights of a Stable Diffusion U-Net, all or LoRA adapters, with optimiser and moving average.

Either all weights of the U-Net learn, or low-rank adapters on its attention do (LoRA, arXiv 2106.09685): the projections to
queries, keys, values and out of the attention get W + BA, B being zero at first. The adapters' scale is 1, so that
every program that reads them draws the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from tensho.finetune.recipes import FineTuning
from tensho.seeds import derived_seed
from tensho.train.checkpoint import below, optimizer_state, restore_optimizer
from tensho.train.finite import PATIENCE, SkippedUpdates
from tensho.train.processes import Processes

__all__ = ["ADAPTED", "PATIENCE", "Learner"]

ADAPTED = ("to_q", "to_k", "to_v", "to_out.0")
"""The layers of the U-Net that get adapters."""

_OPTIMIZER = "main"

_BUCKET = 1 << 25
"""Numbers that processes exchange at once; all of a U-Net would take its size in memory again."""


class Learner:
    """The weights of a U-Net that learn, with their optimiser and moving average.

    Attributes:
        weights: by name.
    """

    def __init__(self, unet: Any, tuning: FineTuning, seed: int, processes: Processes) -> None:
        from diffusers.training_utils import EMAModel

        unet.requires_grad_(tuning.lora == 0)
        if tuning.lora:
            _adapt(unet, tuning.lora, seed)
        self.unet: nn.Module = unet
        self.weights: dict[str, nn.Parameter] = {n: p for n, p in unet.named_parameters() if p.requires_grad}
        processes.copy_from_first(self.weights.values())
        self._optimizer = torch.optim.AdamW(
            self.weights.values(),
            lr=tuning.learning_rate,
            betas=(tuning.beta1, tuning.beta2),
            weight_decay=tuning.weight_decay,
        )
        self._average = EMAModel(self.weights.values(), decay=tuning.ema, foreach=True)
        self._tuning = tuning
        self._processes = processes
        self._skipped = SkippedUpdates([_OPTIMIZER])

    @property
    def skipped(self) -> int:
        """Updates that were not finite, in all."""
        return self._skipped.total

    def update(self, factor: float) -> dict[str, float]:
        """Use and clear the gradients that are there, with ``factor`` times the peak learning rate.

        Returns:
            The norm of the gradient before clipping, and the learning rate; nothing if the update was skipped
            because the gradient was not finite.

        Raises:
            TenshoError: `PATIENCE` updates in a row were not finite.
        """
        gradients = [weight.grad for weight in self.weights.values() if weight.grad is not None]
        for bucket in _buckets(gradients):
            self._processes.average(bucket)
        norm = nn.utils.get_total_norm(gradients)
        finite = math.isfinite(norm.item())
        if finite:
            nn.utils.clip_grads_with_norm_(self.weights.values(), self._tuning.clip, norm)
            for group in self._optimizer.param_groups:
                group["lr"] = self._tuning.learning_rate * factor
            self._optimizer.step()
            self._average.step(self.weights.values())
        self._optimizer.zero_grad()
        self._skipped.judge(_OPTIMIZER, finite=finite)
        return (
            {"gradient": norm.item(), "learning rate": self._tuning.learning_rate * factor} if finite else {}
        )

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within the block the U-Net has the averaged weights, and is in evaluation mode."""
        self._average.store(self.weights.values())
        self._average.copy_to(self.weights.values())
        self.unet.eval()
        try:
            yield
        finally:
            self.unet.train()
            self._average.restore(self.weights.values())

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Everything that changes as it learns: tensors by name, and values for JSON."""
        moments, numbers = optimizer_state(self.unet, {_OPTIMIZER: self._optimizer})
        averages = zip(self.weights, self._average.shadow_params, strict=True)
        tensors = {
            **{f"weights/{name}": weight for name, weight in self.weights.items()},
            **{f"average/{name}": average for name, average in averages},
            **{f"optimizer/{name}": value for name, value in moments.items()},
        }
        return tensors, {
            "optimizer": numbers,
            "averaged": self._average.optimization_step,
            "skipped": self.skipped,
            "in a row": self._skipped.in_a_row[_OPTIMIZER],
        }

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Take the state that `state` gave.

        Raises:
            KeyError, RuntimeError: it is that of other weights.
        """
        for (name, weight), average in zip(self.weights.items(), self._average.shadow_params, strict=True):
            weight.copy_(tensors[f"weights/{name}"])
            average.copy_(tensors[f"average/{name}"])
        saved = {**below("optimizer/", tensors), **values["optimizer"]}
        restore_optimizer(self.unet, _OPTIMIZER, self._optimizer, saved)
        self._average.optimization_step = values["averaged"]
        self._skipped.total, self._skipped.in_a_row = values["skipped"], {_OPTIMIZER: values["in a row"]}


def _adapt(unet: Any, rank: int, seed: int) -> None:
    from peft import LoraConfig

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed("adapters", seed))
        unet.add_adapter(
            LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=list(ADAPTED))
        )


def _buckets(tensors: list[Tensor]) -> Iterator[list[Tensor]]:
    bucket: list[Tensor] = []
    for tensor in tensors:
        if bucket and sum(map(torch.numel, bucket)) + tensor.numel() > _BUCKET:
            yield bucket
            bucket = []
        bucket.append(tensor)
    yield bucket
