"""Options that several commands share."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tensho.api.draw_options import DEFAULT_SIZE, DEFAULTS, DrawOptions

__all__ = [
    "Evaluations",
    "First",
    "IdsData",
    "Json",
    "LetterSeed",
    "Letterer",
    "Like",
    "Size",
    "Strokes",
    "draws",
    "use",
]

Size = Annotated[int, typer.Option(help="Side of a glyph in pixels.")]

First = Annotated[
    int,
    typer.Option(help="Index of the first character: shares that several processes draw are those of one."),
]

Json = Annotated[bool, typer.Option("--json", help="Report as JSON.")]

Like = Annotated[
    str | None,
    typer.Option(help="A FIGlet font, name or file, whose style is followed.", metavar="FIGLET_FONT"),
]

Evaluations = Annotated[int | None, typer.Option(help="Network evaluations.", show_default="the model's")]

LetterSeed = Annotated[int, typer.Option(help="The same seed draws the same letters.")]

Letterer = Annotated[str, typer.Option(help="Weights of a letterer, a .safetensors file, or a run's folder.")]

IdsData = Annotated[
    list[Path] | None,
    typer.Option(
        "--ids-data",
        metavar="FILE",
        help="Also know the characters that this table describes, such as one of BabelStone, CHISE, cjkvi or bai.",
        show_default=False,
    ),
]

Strokes = Annotated[
    Path | None,
    typer.Option(
        "--strokes",
        metavar="FOLDER",
        help="Also show how each character is written: animated SVG and GIF, numbered steps, hanzi-writer's JSON, and a sheet "
        "to practise on. From KanjiVG, CC BY-SA.",
        show_default=False,
    ),
]

_FLAGS = {
    "style": Annotated[
        str | None,
        typer.Option(
            help="Named style, such as mincho, kai or rounded; see `tensho styles`.", show_default="hei"
        ),
    ],
    "face": Annotated[
        Path | None,
        typer.Option(
            metavar="FONT|FOLDER",
            help="A font file instead: draw the characters as that font would. FONT.ttc#1 is the second face of a "
            "collection, FONT.ttf#wght=700 an instance of a variable font. Or a folder of scans, named 永.png or U+6C38.png.",
        ),
    ],
    "seed": Annotated[int, typer.Option(help="The same seed draws the same characters.")],
    "steps": Annotated[
        int | None,
        typer.Option(
            help="How long to sample: network evaluations, or the model's own unit.",
            show_default="the model's",
        ),
    ],
    "size": Annotated[
        int | None, typer.Option(help="Side of a glyph in pixels.", show_default=str(DEFAULT_SIZE))
    ],
    "model": Annotated[
        str | None,
        typer.Option(
            help="Paint with these: shipped weights (see `tensho models`), a .safetensors file, or a run's folder.",
            show_default="outlines where the style has them, else brush",
        ),
    ],
    "runtime": Annotated[
        str | None,
        typer.Option(
            help="What computes the networks: torch, or onnx for brushes and composers.",
            show_default="torch, if it is installed",
        ),
    ],
}
"""The flags of `DrawOptions`, one for each field."""


def use(ids_data: Sequence[Path] | None) -> None:
    """Use the tables of descriptions that were named, if any were."""
    if ids_data:
        from tensho.api.ids_data import use_ids_data

        use_ids_data(ids_data)


def draws(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the flags of `DrawOptions`; they reach it as its parameter ``options``. So has it ``--ids-data``."""
    signature = inspect.signature(command, eval_str=True)
    flags = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(DEFAULTS, field.name),
            annotation=_FLAGS[field.name],
        )
        for field in dataclasses.fields(DrawOptions)
    ]
    flags.append(
        inspect.Parameter("ids_data", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=IdsData)
    )

    @functools.wraps(command)
    def run(**given: Any) -> None:
        use(given.pop("ids_data"))
        options = DrawOptions(**{name: given.pop(name) for name in _FLAGS})
        command(**given, options=options)

    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in signature.parameters.values()
    ]
    place = list(signature.parameters).index("options")
    signature = signature.replace(parameters=[*own[:place], *flags, *own[place + 1 :]])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    return run
