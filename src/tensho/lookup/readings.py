"""How the reader would describe each encoded character, where that is known.

By the installed table, spelled as the reader was taught; or, where that has nothing, as the reader itself read a glyph of the
character (`tensho.ids.inferred`), sure or not: what matters is that it reads the same in another hand. Tables of the user's say how a
character is built, not how it is read, and do not count.
"""

from __future__ import annotations

from tensho.ids import inferred, installed_table, spelling
from tensho.ids.decomposition import decompositions
from tensho.ids.installed_table import PACKAGES
from tensho.ids.sources import changing
from tensho.ids.spelling import spelled
from tensho.ids.syntax import to_string
from tensho.kept_table import kept

__all__ = ["readings"]

_PROGRAMS = (__file__, str(spelling.__file__), str(installed_table.__file__), str(inferred.__file__))


@changing
def readings() -> dict[str, str]:
    """The description as which each character is read.

    Raises:
        TenshoError: the packages of the installed table are missing, or the inferred table is damaged.
    """
    read = [str(inferred.SHIPPED)] if inferred.SHIPPED.is_file() else []
    return kept("readings", (*_PROGRAMS, *read), PACKAGES, _make)


def _make() -> dict[str, str]:
    found = {char: row.ids for char, row in inferred.read_inferred().items()}
    return found | {char: to_string(spelled(char)) for char in decompositions()}
