"""Tables of descriptions that a user has, beside the installed ones: what is known of encoded characters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tensho.ids import sources

__all__ = ["use_ids_data"]


def use_ids_data(paths: Sequence[str | Path]) -> None:
    """Use the tables at ``paths`` in all that follows, in place of those that were named before.

    They are read leniently, so that those of BabelStone, CHISE, cjkvi and bai can be used as they are; what
    `TENSHO_IDS_DATA` names and what lies in the folder ``ids`` of the user's configuration is used besides. See
    ``tensho.ids.sources``.

    Raises:
        TenshoError: one of them cannot be read, or describes no encoded character.
    """
    sources.use_tables([Path(path) for path in paths])
