"""``tensho styles``."""

from __future__ import annotations

from tensho.cli.options import Json

__all__ = ["styles"]


def styles(as_json: Json = False) -> None:
    """List the named styles, and whose faces they are."""
    from tensho.api.styles import style_facts
    from tensho.cli.report import print_json, print_table

    facts = style_facts()
    if as_json:
        print_json(facts)
        return
    columns = {"name": "style", "called": "also called", "family": "cut from", "licence": "licence"}
    rows = [tuple(str(fact.get(key, "")) for key in columns) for fact in facts]
    print_table("Styles", tuple(columns.values()), rows)
