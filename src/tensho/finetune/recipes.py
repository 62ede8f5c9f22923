"""How a Stable Diffusion checkpoint is fine-tuned unless the user says otherwise, by the name of the checkpoint."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from tensho.errors import TenshoError
from tensho.models.base import Recipe
from tensho.models.config import UNBOUNDED, setting

__all__ = ["RECIPES", "FineTuning", "NamedRecipe", "recipe_for"]


@dataclasses.dataclass(frozen=True)
class FineTuning(Recipe):
    """Settings of a fine-tuning; every field is a flag of ``tensho finetune stable-diffusion``."""

    steps: int = setting(15_000, "Optimiser steps.", most=UNBOUNDED)
    batch_size: int = setting(16, "Pictures per forward pass and process.", most=65_536)
    accumulate: int = setting(1, "Forward passes per step.", most=65_536)
    size: int = setting(0, "Side of the pictures in pixels; 0: that of the base.")
    lora: int = setting(0, "Train adapters of this rank and leave the base as it is.")
    learning_rate: float = setting(1e-5, "Peak learning rate of AdamW; ten times that for adapters.")
    weight_decay: float = setting(0.01, "Decoupled weight decay.")
    beta2: float = setting(0.999, "Second moment decay of AdamW.")
    warmup: int = setting(500, "Steps of linear warm-up of the learning rate.", most=UNBOUNDED)
    anneal: float = setting(0.2, "Share of the run over which the learning rate falls to zero.")
    ema: float = setting(0.9995, "Decay of the moving average of the weights; 0 keeps no average.")
    min_snr: float = setting(5.0, "Limit γ of the min-SNR weight of the loss; 0: no weight.")
    drop_captions: float = setting(0.1, "Share of captions left empty, which guidance needs.")
    gradient_checkpointing: bool = setting(False, "Compute activations twice to save memory.")

    def check(self) -> None:
        """Raise `TenshoError` on values that cannot be trained with."""
        super().check()
        self.require(self.accumulate >= 1, f"--accumulate is {self.accumulate}, but at least 1 is needed")
        self.require(self.lora >= 0, f"--lora is {self.lora}, but must be a rank, such as 16")
        self.require(
            self.size >= 0 and self.size % 8 == 0, f"--size is {self.size}, but must be a multiple of 8"
        )
        self.require(self.min_snr >= 0, f"--min-snr is {self.min_snr}, but must not be negative")
        self.require(
            0 <= self.drop_captions <= 1, f"--drop-captions is {self.drop_captions}, but must be in [0, 1]"
        )


class NamedRecipe(NamedTuple):
    """A checkpoint on the hub and its settings, for all weights of the U-Net and for adapters."""

    base: str
    full: FineTuning
    lora: FineTuning


def _adapters(full: FineTuning) -> FineTuning:
    # Adapters start from nothing and are few, so they take larger steps.
    return dataclasses.replace(full, learning_rate=10 * full.learning_rate, weight_decay=0.0)


_PLAIN = FineTuning()
_512 = FineTuning(size=512, batch_size=4, accumulate=8, gradient_checkpointing=True)
_128 = FineTuning(size=128, batch_size=64)

RECIPES = {
    "stable-diffusion-v1-4": NamedRecipe("CompVis/stable-diffusion-v1-4", _512, _adapters(_512)),
    "stable-diffusion-nano-2-1": NamedRecipe("bguisard/stable-diffusion-nano-2-1", _128, _adapters(_128)),
    "plain": NamedRecipe("any other", _PLAIN, _adapters(_PLAIN)),
}
"""By name. What a U-Net predicts (noise, velocity) is not part of it: the checkpoint's scheduler says so."""


def recipe_for(base: str, name: str | None) -> NamedRecipe:
    """The recipe of a name, or else the one made for ``base``, or else the plain one.

    Raises:
        TenshoError: there is no recipe of that name.
    """
    if name is None:
        return next((recipe for recipe in RECIPES.values() if recipe.base == base), RECIPES["plain"])
    if name not in RECIPES:
        raise TenshoError(f"there is no recipe {name!r}; there are {', '.join(RECIPES)}")
    return RECIPES[name]
