"""``tensho styles``."""

from __future__ import annotations

from tensho.cli.options import Json

__all__ = ["styles"]


def styles(as_json: Json = False) -> None:
    """List the named styles, and whose faces they are."""
    from tensho.api.styles import STYLE_NAMES
    from tensho.cli.report import print_json, print_table
    from tensho.composition.atlas import atlas_names, atlas_of

    called = {face: name for name, face in STYLE_NAMES.items()}
    facts = [{**atlas_of(style).facts, "called": called.get(style, "")} for style in atlas_names()]
    if as_json:
        print_json(facts)
        return
    columns = {"name": "style", "called": "also called", "family": "cut from", "licence": "licence"}
    rows = [tuple(str(fact.get(key, "")) for key in columns) for fact in facts]
    print_table("Styles", tuple(columns.values()), rows)
