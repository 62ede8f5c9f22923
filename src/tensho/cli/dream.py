"""``tensho dream``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tensho.api.draw_options import DrawOptions
from tensho.cli.options import First, Json, Strokes, draws
from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.api.lookup import LookupResult

__all__ = ["dream"]


@draws
def dream(
    options: DrawOptions,
    n: Annotated[int, typer.Option("-n", "--number", help="How many characters.")] = 16,
    first: First = 0,
    prompt: Annotated[
        str | None,
        typer.Option(help="What to draw, for a fine-tuned Stable Diffusion checkpoint.", show_default=False),
    ] = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Where the picture goes: .png, .svg or another; - for stdout.")
    ] = Path("dream.png"),
    walk: Annotated[
        Path | None,
        typer.Option(
            help="Also draw how the first character came to be: inputs above outputs, step by step."
        ),
    ] = None,
    strokes: Strokes = None,
    as_json: Json = False,
) -> None:
    """Dream up characters that do not exist, as a picture and in the terminal."""
    from tensho.api.dream import draw_prompt, draw_walk, dream_all, find_pipeline
    from tensho.api.lookup import look_up_glyphs
    from tensho.cli.report import (
        MOST_SHOWN,
        drawn_from,
        prepare,
        print_json,
        progress_bar,
        result_place,
        show,
        told_of,
        write_strokes,
    )
    from tensho.sheet import check_drawing_name, check_picture_name, save_picture

    with result_place(out) as place:
        check_drawing_name(place)
        if walk:
            check_picture_name(walk)
        if prompt is None and find_pipeline(options.weights):
            raise TenshoError(
                f'{options.weights} draws what it is told to; add --prompt "a Chinese character that means moon"'
            )
        if prompt is not None and place.suffix.lower() == ".svg":
            raise TenshoError("a checkpoint paints pictures, which no SVG holds; name the file .png")
        if prompt is not None and (options.style or options.face or options.size or options.runtime or walk):
            raise TenshoError("a prompt says it all; leave --style, --face, --size, --walk and --runtime out")
        if walk:
            options = options.painted()  # a walk is a network's, and its first character that of the picture
        if prompt is None:
            prepare(options, quiet=as_json)
        with progress_bar("dreaming", total=n, quiet=as_json) as bar:
            if prompt is None:
                sheet = dream_all(n, options, first=first, progress=bar.advance)
            else:
                sheet = draw_prompt(
                    n,
                    prompt,
                    model=options.weights,
                    seed=options.seed,
                    steps=options.steps,
                    progress=bar.advance,
                )
        sheet.save(place)
        if walk:
            save_picture(draw_walk(options), walk)
        answers = look_up_glyphs(sheet) if prompt is None else []
        if as_json:
            glyphs = [
                {
                    "index": glyph.index,
                    "ids": glyph.ids,
                    **told_of(glyph),
                    "verdict": answer.verdict,
                    "reason": answer.reason,
                    "nearest": _nearest(answer),
                }
                for glyph, answer in zip(sheet, answers, strict=False)
            ]
            facts = {"model": sheet[0].model, "seed": options.seed, "steps": options.steps}
            also = write_strokes(sheet, strokes, options, quiet=True)
            print_json({"out": str(out), **facts, "glyphs": glyphs, **also})
            return
        show(sheet)
        for glyph, answer in list(zip(sheet, answers, strict=False))[:MOST_SHOWN]:
            near = _nearest(answer)
            like = f"nearest {near['character']} at {near['distance']:.2f}" if near else "like nothing"
            made = f"; {drawn_from(glyph)}" if glyph.rung else ""
            print(f"{glyph.index:3d}  {glyph.ids or '':12s}  {answer.verdict:9s}  {like}{made}")
        count = Counter(answer.verdict for answer in answers)
        by = " and ".join(dict.fromkeys(str(glyph.model) for glyph in sheet))
        told = "".join(f", {number} {verdict}" for verdict, number in count.most_common())
        print(f"{len(sheet)} characters from {by}, seed {options.seed}{told} → {out}")
        write_strokes(sheet, strokes, options)


def _nearest(answer: LookupResult) -> dict[str, str | float] | None:
    return answer.matches[0]._asdict() if answer.matches else None
