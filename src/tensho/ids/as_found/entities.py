"""Entity references in descriptions, such as ``&CDP-8958;``: which character each stands for, where that is known.

CHISE and what was made of it name glyphs that Unicode lacks, or has once for several, by the set that has them:

- ``&U-i001+2FF1;``, ``&A-compU+F9A8;``: a shape of a Unicode character, of which only the character is kept;
- ``&J90-3021;``, ``&JX2-2121;``, ``&G0-3021;``, ``&K0-4A21;``, ``&B-A440;``: JIS X 0208, JIS X 0213, GB 2312, KS X 1001
  and Big5, which Python's codecs know;
- ``&#x6C34;``, ``&#27700;``: numeric references of XML;
- ``&CDP-8958;``: the commonest parts of the Chinese Document Processing Lab that are encoded by now, or are made of
  what is. Which is which was found by laying descriptions of the same characters with and without them side by side;
  those are here of which at least three in four say the same.
- ``&GT-K00135;`` and others: sets that were never encoded as a whole. A table may describe these, as ``IDS-CDP.txt`` of
  CHISE does for the rest of CDP; see ``tensho.ids.as_found.tables``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tensho.ids.compatibility import folded

__all__ = ["SETS", "described"]

_UNICODE = re.compile(r"U(?:-?[a-z]+\d+)?[-+]([0-9A-F]{4,8})$")
_NUMERIC = re.compile(r"#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}))$")
_CODED = re.compile(r"(?:^|-)(J78|J83|J90|J97|J0|JSP|J1|JX1|JX2|G0|K0|B)-([0-9A-F]{4})$")

_CDP_NAME = re.compile(r"(?:[AI]-)?CDP-([0-9A-F]{4})$")
_CDP = dict(
    pair.split("=")
    for pair in [
        "8958=月",
        "8BF1=𰀁",
        "8B5E=𱼀",
        "88F0=𱼀",
        "8CA9=𲺋",
        "8CAC=𠀉",
        "8CD4=頁",
        "8BC6=聿",
        "8B7C=㫐",
        "8DDD=𰀉",
        "8CC6=𰀠",
        "8D56=广",
        "8BD3=𦰩",
        "8BE8=电",
        "88E5=电",
        "8D50=𰯲",
        "8C4E=龴",
        "8BD0=叀",
        "8D52=十",
        "8BA8=𲻋",
        "89E7=臾",
        "8970=羊",
        "88D7=𠃬",
        "88DA=𬼉",
        "87B5=𲋄",
        "8C7A=𡰥",
        "8BD6=𰃦",
        "8CAF=⺈",
        "8C69=卯",
        "8BA1=𠬛",
        "8ACC=𧴪",
        "8C66=𧘇",
        "8BC0=冂",
        "8D71=𱥯",
        "8C6A=𰧭",
        "8BB0=⿱从龰",
        "8DC9=⿹勹丿",
        "8AF0=⿻𠤎一",
        "8BD9=⿻甲一",
        "8D55=⿱𠂉𧘇",
        "8CC9=⿰臣⿱𠂉丶",
        "8C5B=⿱𠃍耳",
        "8CFD=⿱𠂉品",
        "88D3=⿴㇇丶",
        "8D61=⿻艹日",
        "8CE4=⿷⿻𠂆一二",
        "885E=⿲丶丶丶",
    ]
)
_SINGLE_SHIFT = b"\x8f"
_CODECS = {
    **dict.fromkeys(("J78", "J83", "J90", "J97", "J0"), ("euc_jp", b"")),
    **dict.fromkeys(("JSP", "J1"), ("euc_jp", _SINGLE_SHIFT)),
    "JX1": ("euc_jis_2004", b""),
    "JX2": ("euc_jis_2004", _SINGLE_SHIFT),
    "G0": ("gb2312", b""),
    "K0": ("euc_kr", b""),
}

SETS = {
    "CDP": "the Chinese Document Processing Lab",
    "GT": "the GT fonts",
    "AJ1": "Adobe-Japan1",
    "MJ": "Moji Joho",
    "CB": "CBETA",
    "HD": "Hanyo Denshi",
    "M": "the Daikanwa dictionary",
    **{f"C{plane}": f"CNS 11643, plane {plane}" for plane in range(1, 8)},
}
"""Sets of which no mapping is known here, and whose they are."""


@lru_cache(maxsize=4096)
def described(name: str) -> str | None:
    """The character or the description that the reference ``&name;`` stands for; None where no mapping is known."""
    if found := _NUMERIC.match(name):
        return _character(int(found[1], 16) if found[1] else int(found[2]))
    if found := _UNICODE.search(name):
        return _character(int(found[1], 16))
    if found := _CODED.search(name):
        return _decoded(found[1], bytes.fromhex(found[2]))
    if found := _CDP_NAME.match(name):
        return _CDP.get(found[1])
    return None


def _character(code: int) -> str | None:
    return folded(chr(code)) if 0x20 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else None


def _decoded(coded_set: str, sequence: bytes) -> str | None:
    codec, shift = _CODECS.get(coded_set, ("big5", b""))
    if coded_set != "B":
        sequence = shift + bytes(byte | 0x80 for byte in sequence)
    try:
        char = sequence.decode(codec)
    except UnicodeDecodeError:
        return None
    return folded(char) if len(char) == 1 else None
