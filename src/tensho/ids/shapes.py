"""Code points and forms of one shape: radicals and ideographs, and the forms that parts take in their places."""

from __future__ import annotations

import unicodedata

__all__ = ["FORMS", "FORM_CHARS", "FORM_OF", "NARROWED", "NARROW_OF", "PART_FORMS", "same_shape"]

# Radicals of one shape with an ideograph. NFKC knows the Kangxi block, but nothing of the supplement.
_KANGXI = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_SAME_SHAPE = _KANGXI | str.maketrans(
    "⺁⺅⺉⺋⺖⺗⺘⺡⺣⺨⺩⺫⺭⺰⺾⺿⻀⻂⻈⻋⻌⻍⻎⻏⻐⻓⻔⻖⻘⻙⻚⻛⻜⻝⻟⻠⻢⻥⻦⻧⻨⻪⻬⻮⻰⻳",
    "厂亻刂㔾忄㣺扌氵灬犭王罒礻纟艹艹艹衤讠车辶辶辶阝钅长门阝青韦页风飞食飠饣马鱼鸟卤麦黾齐齿龙龟",
)

NARROWED = {
    "⿰": dict(zip("言金糸食足玉牛", "訁釒糹飠⻊王牜", strict=True)),
    "⿱": dict(zip("竹雨", "⺮⻗", strict=True)),
}
"""First in a row or column, these are drawn with the same strokes in a narrow or flat form, however they are typed."""

# Forms with strokes of their own: another drawing, yet the same character. In the whole table only 沀/汿 and 劧/扐
# differ by no more than this. 刀/刂 on the right and 火/灬 below do make different characters (釖/釗, 烮/烈).
_REDUCED = {
    "⿰": dict(zip("水手心人犬示衣艸", "氵扌忄亻犭礻衤艹", strict=True)),
    "⿱": dict(zip("艸网爪", "艹罒爫", strict=True)),
}
FORMS = {chain: {**NARROWED[chain], **_REDUCED[chain]} for chain in _REDUCED}
"""First in a row or column, these take a form with strokes of its own or none."""

PART_FORMS = dict(zip("𤣩𥫗⺼⺝𧾷𠂊覀𦍌⺶⺷𤴔㇈⺄", "王⺮月月⻊⺈西羊羊羊疋乙乙", strict=True))
"""Parts of which Unicode has the form beside the whole: whoever describes a character may write one or the other."""

NARROW_OF = {form: char for forms in NARROWED.values() for char, form in forms.items()}
FORM_CHARS = frozenset(char for forms in FORMS.values() for pair in forms.items() for char in pair)
FORM_OF = {form: char for forms in FORMS.values() for char, form in forms.items()}


def same_shape(text: str) -> str:
    """A text with one code point for each shape: 口 for ⼝, 氵 for ⺡."""
    return unicodedata.normalize("NFC", text).translate(_SAME_SHAPE)
