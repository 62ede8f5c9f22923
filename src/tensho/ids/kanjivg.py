"""Decompositions read from KanjiVG, where every group of strokes says which part it is and where it stands.

KanjiVG (Ulrich Apel, CC BY-SA 3.0) is read from the installed package ``kanjivg``. No strokes of it ship with tensho, but
decompositions do, in what is derived from them; see ``tensho.ids.decomposition``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from tensho.errors import TenshoError
from tensho.ids.syntax import Arrangement, Tree

if TYPE_CHECKING:
    from importlib.abc import Traversable

__all__ = ["attribute", "characters", "decompose", "read_svg", "strokes_group"]

_PREFIXES = (
    "{http://kanjivg.tagaini.net}",
    "{https://kanjivg.tagaini.net/}",
    "{https://kanjivg.tagaini.net}",
    "",
)
"""The files declare the kvg prefix twice, with two addresses."""

_PAIRS = {("left", "right"): "⿰", ("top", "bottom"): "⿱"}
_TRIPLES = {"⿰": "⿲", "⿱": "⿳"}
_WRAPPED = {"tare": "⿸", "nyo": "⿺"}
_KAMAE = {
    **dict.fromkeys("囗", "⿴"),
    **dict.fromkeys("匚匸", "⿷"),
    "凵": "⿶",
    **dict.fromkeys("勹气弋戈", "⿹"),
}


def characters() -> list[str]:
    """Return the ideographs that KanjiVG draws, in code point order.

    Raises:
        TenshoError: the package ``kanjivg`` is not installed.
    """
    codes = sorted(int(name[:5], 16) for name in _drawings() if re.fullmatch(r"[0-9a-f]{5}\.svg", name))
    return [chr(code) for code in codes if code >= 0x3400]


@cache
def decompose(char: str) -> Arrangement | None:
    """Return the tree of a character's largest named parts, or None where KanjiVG does not have it whole.

    A group of strokes that has neither a name nor named groups inside makes the character incomplete; so does a
    part whose strokes are scattered, which no operator can express.

    Raises:
        TenshoError: the package ``kanjivg`` is not installed.
    """
    strokes = strokes_group(char)
    tree = None if strokes is None else _arranged(strokes)
    return tree if isinstance(tree, Arrangement) else None


def read_svg(char: str) -> str | None:
    """The drawing of a character, or None where KanjiVG does not have it.

    Raises:
        TenshoError: the package ``kanjivg`` is not installed.
    """
    file = _drawings().get(f"{ord(char):05x}.svg")
    return None if file is None else file.read_text(encoding="utf-8")


def strokes_group(char: str) -> ET.Element | None:
    """The group of all strokes of a character, in which those of its parts are; None where KanjiVG does not have it.

    Raises:
        TenshoError: as `read_svg`.
    """
    svg = read_svg(char)
    if svg is None:
        return None
    return next(
        group for group in ET.fromstring(svg).iter() if attribute(group, "id") == f"kvg:{ord(char):05x}"
    )


@cache
def _drawings() -> dict[str, Traversable]:
    try:
        return {file.name: file for file in files("kanji").iterdir()}
    except ModuleNotFoundError as error:
        raise TenshoError("KanjiVG is not installed; pip install 'tensho[data]'") from error


def _tree(group: ET.Element) -> Tree | None:
    if attribute(group, "part") is not None:
        return None
    name = attribute(group, "element")
    # A part without a code point has a longer name, such as CDP-8BD0.
    return name if name is not None and len(name) == 1 else _arranged(group)


def _arranged(group: ET.Element) -> Tree | None:
    inner = [child for child in group if child.tag.endswith("}g")]
    if len(inner) != len(group):
        return None
    positions = [attribute(child, "position") or "" for child in inner]
    trees = [tree for child in inner if (tree := _tree(child)) is not None]
    if len(trees) != len(inner):
        return None
    if len(trees) == 1:
        return trees[0]
    for pair, operator in _PAIRS.items():
        if set(positions) == set(pair) and positions == sorted(positions, key=pair.index):
            if len(trees) == 2:
                return Arrangement(operator, (trees[0], trees[1]))
            return Arrangement(_TRIPLES[operator], tuple(trees)) if len(trees) == 3 else None
    if len(trees) != 2:
        return None
    for outer, other in ((0, 1), (1, 0)):
        wrapped = _WRAPPED.get(positions[outer])
        if positions[outer] == "kamae":
            wrapped = _KAMAE.get(str(trees[outer]), "⿵")
        if wrapped:
            return Arrangement(wrapped, (trees[outer], trees[other]))
    return None


def attribute(element: ET.Element, name: str) -> str | None:
    """A group's attribute of KanjiVG's, such as element, position or part; None where it has none."""
    found = (element.get(prefix + name) for prefix in _PREFIXES)
    return next((value for value in found if value is not None), None)
