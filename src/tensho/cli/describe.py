"""``tensho describe``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tensho.cli.options import IdsData, Json, use

if TYPE_CHECKING:
    from tensho.api.describe import Description

__all__ = ["describe"]


def describe(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|CHAR|DIR…",
            help="Pictures of one character each, of any kind; folders of them; or characters, which are drawn.",
            show_default=False,
        ),
    ],
    k: Annotated[int, typer.Option("-k", help="How many descriptions of each.")] = 3,
    face: Annotated[
        Path | None,
        typer.Option(
            metavar="FONT", help="Draws the characters.", show_default="the first default face that has it"
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(help="Shipped weights, a .safetensors file, or a run's folder.")
    ] = "reader",
    as_json: Json = False,
    ids_data: IdsData = None,
) -> None:
    """Propose the parts of a character that a picture shows, as descriptions that `compose` draws."""
    from tensho.api.describe import describe_glyphs, names_folder, pictures_in, show_ink
    from tensho.cli.report import print_json, print_table
    from tensho.errors import TenshoError

    use(ids_data)
    asked: list[tuple[str, bool]] = []
    for text in what:
        folder = names_folder(text)
        asked += [(str(path), True) for path in pictures_in(Path(text))] if folder else [(text, False)]
    names, glyphs, refused = [], [], []
    for name, of_folder in asked:
        try:
            glyphs.append(show_ink(name, face=face))
            names.append(name)
        except TenshoError as error:
            if not of_folder:
                raise
            refused.append({"query": name, "why": str(error)})
    if not glyphs:
        raise TenshoError(refused[0]["why"])
    answers = describe_glyphs(glyphs, k, model=model)
    if as_json:
        found = [
            {"query": name, "descriptions": [_facts(description) for description in answer]}
            for name, answer in zip(names, answers, strict=True)
        ]
        print_json({"model": model, "described": found, "refused": refused})
        return
    rows = [
        (name if place == 0 else "", one.ids, f"{one.probability:.2f}", " ".join(one.characters))
        for name, answer in zip(names, answers, strict=True)
        for place, one in enumerate(answer)
    ]
    print_table("", ("picture", "description", "probability", "is"), rows)
    for entry in refused:
        print(f"refused: {entry['why']}")


def _facts(description: Description) -> dict[str, Any]:
    places = [{"part": place.part, "box": list(place.box)} for place in description.places]
    return {**description._asdict(), "places": places}
