"""The learning rate: a linear warm-up, a plateau, and a linear fall to zero at the end of the run."""

from __future__ import annotations

from tensho.models.base import Recipe

__all__ = ["learning_rate_factor"]


def learning_rate_factor(recipe: Recipe, step: int, progress: float) -> float:
    """The share of the peak learning rate that step ``step`` (from 0) uses, in (0, 1].

    The warm-up counts steps, (step + 1) / warmup, because it is the optimiser's moments that need it; the
    fall is (1 - progress) / anneal over the last ``recipe.anneal`` of the run, so that it fits a run
    measured in minutes as well as one measured in steps.

    Args:
        recipe: its ``warmup`` and ``anneal`` are read.
        step: index of the step, from 0.
        progress: share of the run that is over, in [0, 1).
    """
    warmup = min(1.0, (step + 1) / recipe.warmup) if recipe.warmup > 0 else 1.0
    anneal = min(1.0, (1 - progress) / recipe.anneal) if recipe.anneal > 0 else 1.0
    return warmup * anneal
