"""`finetune`: a Stable Diffusion checkpoint on pictures of characters with captions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tensho.finetune.recipes import RECIPES, FineTuning, recipe_for
from tensho.train.settings import RunSettings

if TYPE_CHECKING:
    from tensho.finetune.stable_diffusion import FineTuned

__all__ = ["RECIPES", "FineTuning", "RunSettings", "finetune", "recipe_for"]


def finetune(
    base: str,
    data: Path,
    tuning: FineTuning,
    settings: RunSettings,
    folder: Path,
    *,
    report: Callable[[str], object] = lambda _: None,
) -> FineTuned:
    """Fine-tune a checkpoint in a folder; see `tensho.finetune.stable_diffusion.finetune`."""
    from tensho.finetune import stable_diffusion  # diffusers takes seconds to import

    return stable_diffusion.finetune(base, data, tuning, settings, folder, report=report)
