"""``tensho models``."""

from __future__ import annotations

from typing import Annotated

import typer

from tensho.cli.options import Json

__all__ = ["models"]


def models(
    name: Annotated[str | None, typer.Argument(help="Print the card of these weights.")] = None,
    as_json: Json = False,
) -> None:
    """List the weights at hand, or print the card of one."""
    from tensho.api.load import shipped, weights_named
    from tensho.cli.report import print_json, print_markdown, print_table

    found = [weights_named(name)] if name else shipped()
    if as_json:
        print_json([{**weights.summary(), "card": weights.card} for weights in found])
    elif name:
        print_markdown(found[0].card or f"{name} has no card.")
    else:
        columns = ("name", "family", "preset", "images seen", "data set", "size")
        rows = []
        for weights in found:
            facts = weights.summary()
            rows.append(
                (
                    facts["name"],
                    facts["family"],
                    facts.get("preset", "–"),
                    "–" if weights.images_seen is None else f"{weights.images_seen:,}",
                    facts.get("dataset", "–")[:12],
                    f"{facts['bytes'] / 1e6:.1f} MB",
                )
            )
        print_table("Weights at hand", columns, rows)
