"""Refuses updates that are not finite: one is skipped and counted, too many in a row end the run."""

from __future__ import annotations

from collections.abc import Iterable

from tensho.errors import TenshoError

__all__ = ["PATIENCE", "SkippedUpdates"]

PATIENCE = 20
"""Updates of one optimiser that may be skipped in a row before the run is given up."""


class SkippedUpdates:
    """How many updates were skipped because loss or gradient was not finite.

    Attributes:
        total: of all optimisers since the run's first start.
        in_a_row: for each optimiser, how many of its latest updates were skipped.
    """

    def __init__(self, optimizers: Iterable[str]) -> None:
        self.in_a_row = dict.fromkeys(optimizers, 0)
        self.total = 0

    def judge(self, optimizer: str, *, finite: bool) -> None:
        """Count one update of the named optimiser.

        Raises:
            TenshoError: it is the `PATIENCE`-th in a row that is not finite.
        """
        if finite:
            self.in_a_row[optimizer] = 0
            return
        self.total += 1
        self.in_a_row[optimizer] += 1
        if self.in_a_row[optimizer] >= PATIENCE:
            raise TenshoError(
                f"loss or gradient of optimiser {optimizer!r} was not finite {PATIENCE} times in a row; "
                "lower --learning-rate or --clip, or use --precision fp32"
            )
