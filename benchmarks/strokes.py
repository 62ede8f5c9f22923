"""Scores strokes that are composed of parts: held-out characters of KanjiVG against KanjiVG's own strokes of them.

    python -m benchmarks.strokes [--split test] [--characters 0]

Strokes come from characters of the train split alone, where the layout puts them. A composed stroke is paired with one of
KanjiVG's so that all pairs together lie nearest (Hungarian method, the lines in either direction). Told are: how often the
number of strokes is right; Kendall's τ between the two orders of the paired strokes; the share of pairs of which the composed
stroke runs the way that KanjiVG's runs; the share of equal types, by the first sign of KanjiVG's. Peer: all parts' strokes in
the order of the description, without a rule for enclosures.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.optimize import linear_sum_assignment
from scipy.stats import kendalltau

from tensho.composition.strokes.inventory import training_characters
from tensho.composition.strokes.order import strokes_before
from tensho.composition.strokes.skeleton import PlacedStroke, skeleton
from tensho.errors import TenshoError
from tensho.fonts.kanjivg_strokes import Stroke, drawing
from tensho.fonts.source import is_ideograph
from tensho.ids.decomposition import decompose
from tensho.ids.kanjivg import characters
from tensho.split import SPLITS, split_of

POINTS = 12
Line = NDArray[np.float64]


def resampled(line: Line) -> Line:
    """Points at equal distances along a line, float64 (POINTS, 2)."""
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    return np.stack([np.interp(np.linspace(0, length[-1], POINTS), length, axis) for axis in line.T], 1)


def distances(ours: list[Line], theirs: list[Line]) -> tuple[Line, Line]:
    """Mean distance between each two lines, run the same way and the opposite way, float64 (A, B) each."""
    a, b = np.stack(list(map(resampled, ours))), np.stack(list(map(resampled, theirs)))
    forward = np.hypot(*(a[:, None] - b[None]).transpose(3, 0, 1, 2)).mean(-1)
    backward = np.hypot(*(a[:, None] - b[None, :, ::-1]).transpose(3, 0, 1, 2)).mean(-1)
    return forward, backward


def scores(ours: tuple[PlacedStroke, ...], theirs: tuple[Stroke, ...]) -> dict[str, float]:
    forward, backward = distances([s.line for s in ours], [s.line for s in theirs])
    rows, columns = linear_sum_assignment(np.minimum(forward, backward))
    order = 1.0 if len(rows) < 2 else float(kendalltau(rows, columns).statistic)
    along = forward[rows, columns] < backward[rows, columns] + 1e-9
    kinds = [ours[i].kind[:1] == theirs[j].kind[:1] for i, j in zip(rows, columns, strict=True)]
    return {
        "count": float(len(ours) == len(theirs)),
        "order": order,
        "direction": float(np.mean(along)),
        "type": float(np.mean(kinds)),
        "distance": float(np.minimum(forward, backward)[rows, columns].mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores strokes that are composed of parts.")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--characters", type=int, default=0, help="How many; 0: all.")
    parser.add_argument("--worst", type=int, default=0, help="Print so many characters with a wrong number.")
    asked = parser.parse_args()
    found = [
        char
        for char in characters()
        if split_of(char) == asked.split and is_ideograph(ord(char)) and decompose(char) is not None
    ]
    if asked.characters:
        found = found[:: max(1, len(found) // asked.characters)]
    table = Table("", "n", "count, %", "Kendall τ", "direction, %", "type, %", "distance")
    by_operator: dict[str, list[dict[str, float]]] = defaultdict(list)
    wrong: list[str] = []
    refused: Counter[str] = Counter()
    for name, rule in (("ours", True), ("order of the description", False)):
        rows = []
        for char in found:
            known = drawing(char)
            assert known is not None
            try:
                made = composed(char, rule=rule)
            except TenshoError as error:
                refused[f"{name}: {error}"] += 1
                continue
            row = scores(made, known.strokes)
            rows.append(row)
            if rule:
                tree = decompose(char)
                assert tree is not None
                by_operator[tree.operator].append(row)
                if not row["count"]:
                    wrong.append(f"{char}{tree} {len(made)}≠{len(known.strokes)}")
        add(table, name, rows)
    for operator, rows in sorted(by_operator.items(), key=lambda item: -len(item[1])):
        add(table, operator, rows)
    console = Console(width=120)
    console.print(table)
    console.print(f"not composed: {sum(refused.values()) // 2} of {len(found)}", *list(refused)[:5])
    if asked.worst:
        console.print(*wrong[: asked.worst])


def composed(char: str, *, rule: bool) -> tuple[PlacedStroke, ...]:
    order = strokes_before if rule else lambda _operator, _outer, count: count
    return skeleton(char, gives=training_characters, whole=False, order=order).strokes


def add(table: Table, name: str, rows: list[dict[str, float]]) -> None:
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    table.add_row(
        name,
        str(len(rows)),
        f"{100 * means['count']:.1f}",
        f"{means['order']:.3f}",
        f"{100 * means['direction']:.1f}",
        f"{100 * means['type']:.1f}",
        f"{means['distance']:.3f}",
    )


if __name__ == "__main__":
    main()
