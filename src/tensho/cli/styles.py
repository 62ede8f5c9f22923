"""``tensho styles``."""

from __future__ import annotations

from typing import Annotated

import typer

from tensho.cli.options import Json

__all__ = ["styles"]


def styles(
    lettering: Annotated[
        bool, typer.Option("--ascii", help="List those of `tensho ascii` instead, each with a letter.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the named styles, and whose faces they are."""
    from tensho.cli.report import print_json, print_table

    if lettering:
        from tensho.api.ascii import style_samples

        samples = style_samples()
        if as_json:
            print_json([{"name": name, "letter": letter} for name, letter in samples.items()])
            return
        for name, letter in samples.items():
            print(f"{name}\n\n{letter}\n")
        print("and every number is a style of its own: tensho ascii Hello --style 7")
        return
    from tensho.api.styles import style_facts

    facts = style_facts()
    if as_json:
        print_json(facts)
        return
    columns = {"name": "style", "called": "also called", "family": "cut from", "licence": "licence"}
    rows = [tuple(str(fact.get(key, "")) for key in columns) for fact in facts]
    print_table("Styles", tuple(columns.values()), rows)
