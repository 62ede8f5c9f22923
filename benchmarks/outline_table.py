"""The figures of the outline benchmark in words and as a table in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["summary", "told"]

Figures = Mapping[str, Any]

_COLUMNS = (
    "face", "composed", "L1 128 (median)", "brush", "same characters", "SSIM 128", "brush", "L1 256", "brush", "OCR", "brush",
    "two-sample", "brush", "points", "stems │ ─", "intersect (true)", "inventory", "glyphs/s",
)  # fmt: skip


def told(name: str, figures: Figures) -> str:
    """One face, in some lines."""
    lines = [f"\n{name}: {figures['held_out']} held-out characters; {figures['seconds']:.0f} s"]
    for side in ("brush", "outlines"):
        if (found := figures.get(side)) is None:
            continue
        lines.append(
            f"  {side:8s} {found['composed']} of {found['asked']}   OCR {found['ocr']:.3f}   "
            + "   ".join(
                f"{size} px: L1 {found[f'l1_{size}_mean']:.3f} (median {found[f'l1_{size}_median']:.3f}, "
                f"{found[f'per_pixel_{size}_mean']:.4f} a pixel) SSIM {found[f'ssim_{size}_mean']:.3f} "
                f"({found[f'ssim_{size}_median']:.3f})"
                for size in (128, 256)
            )
        )
        lines.append(f"    two-sample {_two_sample(found)}")
        lines += [_by(found, kind) for kind in ("rung", "operator") if f"by_{kind}" in found]
    if figures.get("floor"):
        lines.append(f"  real against real: two-sample {_two_sample({'two_sample': figures['floor']})}")
    if (found := figures.get("outlines")) is not None:
        lines.append(_likeness_of_outlines(found))
        if found["failures"]:
            lines.append(
                "    not composed: " + "; ".join(f"{why} ({n})" for why, n in found["failures"].items())
            )
        if "brush" in figures:
            ours, theirs, count = _paired(found, figures["brush"])
            lines.append(f"    L1 on the {count} characters that both drew: {ours:.3f} against {theirs:.3f}")
    return "\n".join(lines)


def _likeness_of_outlines(found: Figures) -> str:
    ours, true = found["composed_outlines"], found["true_outlines"]
    return (
        f"    points {ours['points']:.1f} against {true['points']:.1f} ({found['points_ratio']:.3f}), "
        f"contours {ours['contours']:.2f} against {true['contours']:.2f}, "
        f"intersecting {ours['intersecting']:.3f} against {true['intersecting']:.3f}, "
        f"reversed {ours['reversed']:.3f} against {true['reversed']:.3f}, "
        f"curves without their extreme {ours['missing_extrema']:.2f} against {true['missing_extrema']:.2f}\n"
        f"    upright stems {100 * found['upright_off']:+.1f} % (each by {100 * found['upright_off_each_mean']:.1f} %), "
        f"level {100 * found['level_off']:+.1f} % (each by {100 * found['level_off_each_mean']:.1f} %); "
        f"inventory {found['inventory_s']:.1f} s ({found['inventory_wall_s']:.1f} by the clock), {found['glyphs_per_s']:.0f} glyphs/s"
    )


def _by(found: Figures, kind: str) -> str:
    cells = (
        f"{label} {row['n']}: L1 {row['l1']:.2f} OCR {row['ocr']:.2f}"
        for label, row in found[f"by_{kind}"].items()
    )
    return f"    by {kind}: " + " | ".join(cells)


def _two_sample(found: Figures) -> str:
    told = found.get("two_sample")
    if not told:
        return "–"
    return f"{told['accuracy']:.3f} [{told['low']:.2f}, {told['high']:.2f}]"


def _paired(ours: Figures, theirs: Figures) -> tuple[float, float, int]:
    """Mean L1 at 128 pixels of both on the characters that both drew, and how many these are."""
    first, second = (dict(zip(side["characters"], side["l1_128"], strict=True)) for side in (ours, theirs))
    both = [c for c in first if c in second]
    if not both:
        return float("nan"), float("nan"), 0
    return float(np.mean([first[c] for c in both])), float(np.mean([second[c] for c in both])), len(both)


def summary(faces: Mapping[str, Figures]) -> str:
    """All faces, a row each, in Markdown."""
    lines = ["| " + " | ".join(_COLUMNS) + " |", "|---" * len(_COLUMNS) + "|"]
    for name, figures in faces.items():
        brush, ours = figures.get("brush"), figures.get("outlines")

        def cell(side: Figures | None, text: str) -> str:
            return "–" if side is None else text.format(**side)

        l1 = "{l1_128_mean:.3f} ({l1_128_median:.3f})"
        paired = "–"
        if brush is not None and ours is not None:
            first, second, _ = _paired(ours, brush)
            paired = f"{first:.3f} : {second:.3f}"
        cells = [
            name,
            cell(ours, "{composed}/{asked}"),
            cell(ours, l1),
            cell(brush, l1),
            paired,
            cell(ours, "{ssim_128_mean:.3f}"),
            cell(brush, "{ssim_128_mean:.3f}"),
            cell(ours, "{l1_256_mean:.3f}"),
            cell(brush, "{l1_256_mean:.3f}"),
            cell(ours, "{ocr:.3f}"),
            cell(brush, "{ocr:.3f}"),
            "–" if ours is None else _two_sample(ours),
            "–" if brush is None else _two_sample(brush),
            cell(ours, "{points_ratio:.2f}"),
            cell(ours, "{upright_off:+.1%} {level_off:+.1%}"),
            cell(ours, "{composed_outlines[intersecting]:.3f} ({true_outlines[intersecting]:.3f})"),
            cell(ours, "{inventory_s:.0f} s"),
            cell(ours, "{glyphs_per_s:.0f}"),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
