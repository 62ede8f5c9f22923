"""The score sheet: scores with their spread over seeds, families beside controls, as a table, Markdown and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensho.errors import TenshoError
from tensho.evaluate.controls import FLOOR
from tensho.evaluate.features import SPACE_NOTES
from tensho.evaluate.reference import SHEET, VERSION, Measure, ReferenceStatistics

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Score", "ScoreSheet", "plain_scores", "score", "scores_of"]


class Score(NamedTuple):
    """Mean and standard deviation over the seeds (0 for one seed)."""

    mean: float
    sd: float

    def __str__(self) -> str:
        digits = 3 if abs(self.mean) < 10 else 1 if abs(self.mean) < 1000 else 0
        spread = f" ± {self.sd:.{digits}f}" if self.sd else ""
        return f"{self.mean:.{digits}f}{spread}"


def score(
    samples: Iterable[ArrayLike],
    reference: ArrayLike | ReferenceStatistics,
    training: NDArray[np.uint8] | None = None,
) -> dict[str, Score]:
    """Score a model by its samples; keys are those of `SHEET`.

    Args:
        samples: one sample set per seed, as in `as_glyphs`, each of at least 500 images.
        reference: held-out glyphs, in random order; or a `ReferenceStatistics` made of them and the training set before.
        training: the training glyphs, uint8 (M, S, S), unless ``reference`` is a reference statistics.

    Raises:
        TenshoError: no samples, too few of them, or images that are no glyphs.
    """
    if not isinstance(reference, ReferenceStatistics):
        if training is None:
            raise TenshoError("copies cannot be told without the training set; give it as well")
        reference = ReferenceStatistics(reference, training)
    measured = [reference.measure(images, seed=seed) for seed, images in enumerate(samples)]
    if not measured:
        raise TenshoError("there is no sample set to score; give one for each seed")
    spread = 1 if len(measured) > 1 else 0
    columns = {key: np.array([values[key] for values in measured]) for key in measured[0]}
    return {key: Score(float(v.mean()), float(v.std(ddof=spread))) for key, v in columns.items()}


@dataclass
class ScoreSheet:
    """The scores of controls and families on one reference statistics.

    Attributes:
        n: samples per seed.
        seeds: number of seeds; a folder of images is one set, which its costs say.
        glyph_set: digest of the glyph set.
        controls: scores by the name of the control.
        families: scores by the name of the family or folder.
        costs: what a family cost, by its name: seeds, parameters, seconds per glyph, training images, seconds to score.
        version: of the measures, `tensho.evaluate.reference.VERSION` when they were taken.
    """

    n: int
    seeds: int
    glyph_set: str
    controls: dict[str, dict[str, Score]] = field(default_factory=dict)
    families: dict[str, dict[str, Score]] = field(default_factory=dict)
    costs: dict[str, dict[str, Any]] = field(default_factory=dict)
    version: int = VERSION

    def blind(self, measure: Measure) -> list[str]:
        """The controls that a measure has to rank behind real glyphs by more than two standard deviations, and does not."""
        if FLOOR not in self.controls:
            return []
        floor = self.controls[FLOOR][measure.key]
        sign = 1 if measure.better == "low" else -1
        wrong = {name: self.controls[name][measure.key] for name in measure.sees if name in self.controls}
        return [
            name
            for name, control in wrong.items()
            if sign * (control.mean - floor.mean) <= 2 * math.hypot(control.sd, floor.sd)
        ]

    def shown(self) -> list[Measure]:
        """The measures that rank the controls as they should."""
        return [measure for measure in SHEET if not self.blind(measure)]

    def columns(self) -> dict[str, dict[str, Score]]:
        """All scores, controls first."""
        return {**self.controls, **self.families}

    def table(self) -> Table:
        """The sheet for a terminal: measures down, controls and families across."""
        from rich.table import Table

        notes = "\n".join(SPACE_NOTES.values())
        table = Table(title=self._title(), title_justify="left", caption=notes, caption_justify="left")
        table.add_column("")
        for name in self.columns():
            table.add_column(name, justify="right", style="bold" if name in self.families else None)
        for line in self._lines():
            table.add_row(*line)
        return table

    def markdown(self) -> str:
        """The sheet as a Markdown table, with what the spaces are and what is not shown below."""
        names = list(self.columns())
        rows = [["", *names], ["---", *["---:"] * len(names)], *self._lines()]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        left_out = [
            f"- not shown: {measure.title}, which ranks {', '.join(self.blind(measure))} no worse than real glyphs"
            for measure in SHEET
            if self.blind(measure)
        ]
        notes = [f"- {note}" for note in SPACE_NOTES.values()]
        return "\n\n".join([self._title(), table, "\n".join([*notes, *left_out])]) + "\n"

    def to_json(self) -> dict[str, Any]:
        """Everything, measures that are not shown included, in terms of JSON."""
        return {
            "version": self.version,
            "n": self.n,
            "seeds": self.seeds,
            "glyph_set": self.glyph_set,
            "controls": plain_scores(self.controls),
            "families": plain_scores(self.families),
            "costs": self.costs,
            "shown": [measure.key for measure in self.shown()],
            "spaces": dict(SPACE_NOTES),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ScoreSheet:
        """What `to_json` was made of."""
        controls, families = (scores_of(plain[rows]) for rows in ("controls", "families"))
        given = (plain["n"], plain["seeds"], plain["glyph_set"], controls, families, dict(plain["costs"]))
        return cls(*given, version=plain.get("version", 1))

    def joined(self, earlier: ScoreSheet) -> ScoreSheet:
        """This sheet with the families of an earlier one that it has not measured.

        Raises:
            TenshoError: the other was measured with other samples or on another reference statistics.
        """
        if earlier.version != self.version:
            raise TenshoError(
                f"the earlier sheet was measured by version {earlier.version} of the measures, this one by {self.version}; "
                "write to another folder"
            )
        if (earlier.n, earlier.seeds, earlier.glyph_set) != (self.n, self.seeds, self.glyph_set):
            raise TenshoError(
                f"the earlier sheet has {earlier.seeds} seeds of {earlier.n} samples on glyph set {earlier.glyph_set[:8]}, "
                f"this one {self.seeds} of {self.n} on {self.glyph_set[:8]}; write to another folder"
            )
        return replace(
            self, families={**earlier.families, **self.families}, costs={**earlier.costs, **self.costs}
        )

    def _title(self) -> str:
        spread = f"mean ± sd over {self.seeds} seeds, " if self.seeds > 1 else "one seed, "
        return f"Score sheet: {self.n:,} samples, {spread}against held-out characters"

    def _lines(self) -> list[list[str]]:
        arrows = {"low": "↓", "high": "↑"}
        columns = list(self.columns().values())
        lines = [
            [f"{measure.title} {arrows[measure.better]}", *(str(scores[measure.key]) for scores in columns)]
            for measure in self.shown()
        ]
        for fact in dict.fromkeys(fact for cost in self.costs.values() for fact in cost):
            values = [_fact(self.costs.get(name, {}).get(fact)) for name in self.columns()]
            lines.append([fact.replace("_", " "), *values])
        return lines


def plain_scores(rows: Mapping[str, Mapping[str, Score]]) -> dict[str, dict[str, dict[str, float]]]:
    """Scores by name and measure in terms of JSON."""
    return {name: {key: value._asdict() for key, value in scores.items()} for name, scores in rows.items()}


def scores_of(plain: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, dict[str, Score]]:
    """What `plain_scores` was made of."""
    return {name: {key: Score(**value) for key, value in scores.items()} for name, scores in plain.items()}


def _fact(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}" if value > 0 else "0"
    return f"{value:,}" if isinstance(value, int) else str(value)
