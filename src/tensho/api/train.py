"""`train`: one family on its data, in a folder; the same call again resumes.

Nothing heavy is imported until a family is asked for, since ``tensho --help`` reads the registry from here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tensho.models.config import Config
from tensho.models.registry import FAMILIES, Family, family_named
from tensho.train.settings import RunSettings

if TYPE_CHECKING:
    from tensho.models.trainable import Recipe
    from tensho.train.loop import Trained

__all__ = ["FAMILIES", "Config", "Family", "RunSettings", "train_family"]


def train_family(
    family: str,
    config: Config,
    recipe: Recipe,
    settings: RunSettings,
    folder: Path,
    *,
    data: str | None = None,
    preset: str = "",
    report: Callable[[str], object] = lambda _: None,
) -> Trained:
    """Train a family; see `tensho.train.loop.train`.

    Args:
        family: name of a row of `FAMILIES`.
        config: architecture; what only the data can tell, such as the names of the styles, is filled in.
        recipe: how it is trained.
        settings: how the run is carried out.
        folder: of the run.
        data: what it is trained on; None: what its row says.
        preset: name of the `Preset` that ``config`` and ``recipe`` come from, for the record.
        report: told what was found out about the data.

    Raises:
        TenshoError: no such family or data, or what `tensho.train.loop.train` raises.
    """
    from tensho.train.loop import begin_from, fresh_model, train  # torch takes seconds to import

    row = family_named(family)
    model = fresh_model(row.model_class, config, seed=settings.seed)
    dataset = row.open_dataset(model, data, report)
    model = fresh_model(row.model_class, model.config_for(dataset), seed=settings.seed)
    if settings.start_from:
        begin_from(model, settings.start_from)
    return train(model, dataset, recipe, settings, folder, preset=preset)
