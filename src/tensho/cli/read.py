"""``tensho read``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tensho.cli.options import IdsData, Json, use

if TYPE_CHECKING:
    from tensho.api.read import Reading

__all__ = ["read"]


def read(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="IDS|CHAR|FILE…",
            help="Descriptions such as ⿰月越, characters, pictures of one character, or tables of descriptions.",
            show_default=False,
        ),
    ],
    k: Annotated[int, typer.Option("-k", help="How many readings in each language.")] = 3,
    language: Annotated[
        list[str] | None,
        typer.Option(
            help="Readings in this language alone: mandarin, cantonese, on, kun, korean or vietnamese.",
            show_default="all but kun",
        ),
    ] = None,
    as_json: Json = False,
    ids_data: IdsData = None,
) -> None:
    """Say what a character may mean and how it may be read, from its parts alone, and which characters argue for it."""
    from tensho.api.read import LANGUAGES, Reading, read, read_file
    from tensho.api.tables import is_table
    from tensho.cli.report import print_json

    use(ids_data)
    languages: list[Any] = list(language or (name for name in LANGUAGES if name != "kun"))
    found: list[Reading | str] = []
    for text in what:
        if is_table(text):
            found += read_file(Path(text), k, languages=languages)
        else:
            found.append(read(text, k, languages=languages))
    if as_json:
        print_json(
            {
                "read": [_facts(one) for one in found if isinstance(one, Reading)],
                "refused": [one for one in found if isinstance(one, str)],
            }
        )
        return
    for one in found:
        print(f"refused: {one}" if isinstance(one, str) else "\n".join(_lines(one)))


def _lines(one: Reading) -> list[str]:
    from tensho.api.read import NAMES

    is_known = f", which is {' '.join(one.characters)}" if one.characters else ""
    seen = "" if one.probability is None else f"; sure {one.probability:.2f} that the picture shows it"
    lines = [f"{one.parts.ids}{is_known}{seen}"]
    for field in one.parts.fields:
        like = ", ".join(f"{char} {sense}" for char, sense in field.like)
        lines.append(f"  meaning  {field.probability:.2f}  {field.part} {field.sense or ''}; as {like}")
    if not one.parts.fields:
        lines.append("  meaning  unsure: no part is one that characters are filed under")
    for language, readings in one.parts.readings.items():
        told = []
        for spoken in readings:
            like = f" as {''.join(spoken.like)}" if spoken.like else ""
            told.append(f"{spoken.reading} {spoken.probability:.2f} ({spoken.part}{like})")
        lines.append(f"  {NAMES[language]:11s}  {', '.join(told)}")
    return lines


def _facts(one: Reading) -> dict[str, Any]:
    return {
        "query": one.query,
        "ids": one.parts.ids,
        "characters": list(one.characters),
        "probability": one.probability,
        "meaning": [
            {
                "part": field.part,
                "sense": field.sense,
                "probability": round(field.probability, 4),
                "like": [char for char, _ in field.like],
            }
            for field in one.parts.fields
        ],
        "readings": {
            language: [
                {
                    "reading": spoken.reading,
                    "probability": round(spoken.probability, 4),
                    "part": spoken.part,
                    "like": list(spoken.like),
                }
                for spoken in readings
            ]
            for language, readings in one.parts.readings.items()
        },
    }
