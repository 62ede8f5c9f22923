"""``tensho nearest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tensho.cli.options import IdsData, Json, use
from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.api.lookup import Found, LookupResult
    from tensho.api.tables import LookedUp

__all__ = ["nearest"]

MOST_FONTS = 4
"""Fonts that are named; the others are counted."""


def nearest(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A picture of one character or of a page, a folder of pictures, a character, a code point such as U+2AAF2, a "
            "description such as ⿰氵龍, or a glyph of a font: FONT.ttf#uniE000.",
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="A table of descriptions; each line is answered."),
    ] = None,
    k: Annotated[int, typer.Option("-k", help="How many characters.")] = 5,
    ids_data: IdsData = None,
    as_json: Json = False,
) -> None:
    """Name the encoded characters that a glyph looks like, and say whether it exists."""
    from tensho.api.lookup import look_up_all, names_folder
    from tensho.api.tables import look_up_table
    from tensho.cli.report import print_json, progress_bar

    if (what is None) == (file is None):
        raise TenshoError("give a picture, a character or a description, or a table of them with --file")
    use(ids_data)
    if file is not None:
        with progress_bar("looking up", quiet=as_json) as bar:
            lines = look_up_table(file, k, progress=bar.advance)
        _print_lines(lines, as_json=as_json)
        return
    if names_folder(str(what)):
        _answer_folder(Path(str(what)), k, as_json=as_json)
        return
    found = look_up_all(str(what), k)
    if as_json:
        print_json(_told_all(str(what), found))
        return
    _print_found(str(what), found)


def _answer_folder(folder: Path, k: int, *, as_json: bool) -> None:
    """Answer each picture of a folder, and name those that show nothing or cannot be read."""
    from tensho.api.lookup import look_up_all, pictures_in
    from tensho.cli.report import print_json, progress_bar

    answers: list[tuple[str, list[Found]]] = []
    refused: list[dict[str, str]] = []
    paths = pictures_in(folder)
    with progress_bar("looking up", total=len(paths), quiet=as_json) as bar:
        for path in paths:
            try:
                answers.append((str(path), look_up_all(path, k)))
            except TenshoError as error:
                refused.append({"query": str(path), "why": str(error)})
            bar.advance(1)
    if not answers:
        raise TenshoError(refused[0]["why"])
    if as_json:
        print_json({"pictures": [_told_all(name, found) for name, found in answers], "refused": refused})
        return
    for name, found in answers:
        _print_found(name, found)
    for one in refused:
        print(f"refused: {one['why']}")


def _print_found(name: str, found: list[Found]) -> None:
    from tensho.cli.report import print_table

    for place, one in enumerate(found, start=1):
        rows = [
            (match.character, f"U+{ord(match.character):04X}", f"{match.distance:.3f}")
            for match in one.result.matches
        ]
        title = name if len(found) == 1 else f"{name}, {place} of {len(found)}"
        print_table(f"{title}: {one.result.verdict}", ("character", "code point", "distance"), rows)
        print(f"{one.result.reason}{_fonts_in_words(one.result)}.")


def _told_all(name: str, found: list[Found]) -> dict[str, Any]:
    told = [_told(one) for one in found]
    return {"query": name, **told[0]} if len(told) == 1 else {"query": name, "characters": told}


def _fonts_in_words(result: LookupResult) -> str:
    from tensho.api.lookup import fonts_with

    if result.character is None or result.verdict not in ("exists", "variant"):
        return ""
    families = [font.family for font in fonts_with(result.character)]
    if not families:
        return "; no font here has it"
    more = f" and {len(families) - MOST_FONTS} more" if len(families) > MOST_FONTS else ""
    return f"; in {', '.join(families[:MOST_FONTS])}{more}"


def _told(found: Found) -> dict[str, Any]:
    from tensho.api.lookup import encoded, fonts_with

    result = found.result
    told: dict[str, Any] = {
        "verdict": result.verdict,
        "character": result.character,
        "reason": result.reason,
        "probability": result.probability,
    }
    if result.character is not None:
        span = encoded(result.character)
        told |= {
            "code_point": f"U+{ord(result.character):04X}",
            "block": span and span.block,
            "since": span and span.since,
            "fonts": [font.family for font in fonts_with(result.character)],
        }
    if found.box is not None:
        told["box"] = list(found.box)
    return {**told, "nearest": [match._asdict() for match in result.matches]}


def _print_lines(lines: list[LookedUp], *, as_json: bool) -> None:
    from collections import Counter

    from tensho.cli.report import print_json

    count = Counter(line.kind if line.result is None else line.result.verdict for line in lines)
    if as_json:
        answers = [
            {
                "line": line.number,
                "text": line.text,
                **({"verdict": "refused"} if line.result is None else {"verdict": line.result.verdict}),
                "character": None if line.result is None else line.result.character,
                "why": line.why if line.result is None else line.result.reason,
            }
            for line in lines
            if line.kind in ("described", "refused")
        ]
        print_json({"count": dict(count), "lines": answers})
        return
    for line in lines:
        if line.result is not None:
            print(f"line {line.number}: {line.result.verdict}: {line.result.reason}")
        elif line.kind == "refused":
            print(f"line {line.number}: refused: {line.why}")
    print(", ".join(f"{number} {kind}" for kind, number in count.most_common()))
