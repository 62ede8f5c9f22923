"""``tensho adapt``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tensho.cli.options import Json

__all__ = ["adapt"]

LEAST_INK = 0.85
"""Share of the true ink, below which strokes are missing that a reader needs."""


def adapt(
    font: Annotated[
        Path,
        typer.Argument(
            metavar="FONT|FOLDER",
            help="A TTF, OTF or TTC file, or a folder of scans named 永.png or U+6C38.png.",
        ),
    ],
    minutes: Annotated[
        float,
        typer.Option(help="How long to train, besides drafting before and measuring after: about a minute."),
    ] = 6.0,
    n: Annotated[int, typer.Option("-n", help="Characters to learn from, at most.")] = 10_000,
    model: Annotated[str, typer.Option(help="Weights of a brush to begin with.")] = "brush",
    seed: Annotated[int, typer.Option(help="Of the choice of characters and of the training.")] = 0,
    threads: Annotated[int, typer.Option(help="CPU threads; 0: as many as torch thinks best.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Folder of the run. [default: runs/FONT]", show_default=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Teach the brush how a font is drawn, so that it paints what the font lacks; the same command again resumes.

    A font with outlines is drawn with its own by `tensho compose --face`, and needs no adapting. Scans are traced: it is said
    how alike characters come out that are drawn without themselves, and which would help most if you drew them next.
    """
    from tensho.api.adapt import adapt as learn
    from tensho.api.scans import told as lines
    from tensho.cli.report import print_json, stage_bars

    if not as_json and font.is_file():
        print(
            f"{font} has outlines of its own: `tensho compose ⿰氵龍 --face {font}` draws with them, unadapted",
            file=sys.stderr,
        )
    with stage_bars() as progress:
        told = learn(
            font, out, n=n, minutes=minutes, model=model, seed=seed, threads=threads, progress=progress
        )
    if as_json:
        facts = {name: value for name, value in told._asdict().items() if value == value}  # no nan
        survey = None if told.survey is None else told.survey.as_json()
        print_json({**facts, "weights": told.weights and str(told.weights), "survey": survey})
        return
    if told.survey is not None:
        print("\n".join(lines(told.survey)))
    if told.weights is None:
        print(f"next: tensho compose ⿰氵龍 --face {font}")
        return
    print(
        f"learned from {told.characters:,} characters; distance to the true glyphs of {told.held_out} others: "
        f"drafts {told.draft:.3f}, {model} {told.before:.3f}, now {told.now:.3f}"
    )
    if told.ink < LEAST_INK:
        print(
            f"the copies have only {told.ink:.0%} of the ink: too little in this font is the same from one character to the "
            f"next; {model} as it is may draw it better"
        )
    print(f"next: tensho compose ⿰氵龍 --face {font} --model {told.weights.parent}")
