"""What a font's own words allow: whether it may be changed, and under which name the changed font may go about.

Two tables speak: ``OS/2.fsType``, which is about embedding in documents, and the licence in ``name``. Under the SIL
Open Font License a changed font may not carry a reserved font name; under the IPA Font License never that of the
original. This is no legal advice: what a font does not say, its owner has to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensho.errors import TenshoError

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

__all__ = ["Rights", "check_family", "read_rights", "unreserved_family"]

_RESTRICTED = 0x0002  # fsType: must not be embedded, exchanged or modified without the owner's leave
_LICENCE, _LICENCE_URL, _COPYRIGHT, _TRADEMARK, _DESCRIPTION = 13, 14, 0, 7, 10

_OPEN = {
    "OFL-1.1": r"SIL Open Font Licen[cs]e|scripts\.sil\.org/OFL|openfontlicense\.org",
    "IPA-1.0": r"opensource\.org/licenses/IPA|IPA Font Licen[cs]e|ipafont\.ipa\.go\.jp",
    "Apache-2.0": r"Apache Licen[cs]e|apache\.org/licenses",
    "Ubuntu-1.0": r"Ubuntu Font Licen[cs]e",
    "CC0-1.0": r"\bCC0\b|publicdomain/zero",
    "MIT": r"\bMIT Licen[cs]e\b",
    "CC-BY": r"creativecommons\.org/licenses/by(?:-sa)?/",
    "M+": r"unlimited permission is granted to use, copy, and distribute",
    "GPL": r"GNU (?:Lesser )?General Public Licen[cs]e",
}
_FORBIDDING = re.compile(
    r"licenses/by(?:-nc)?-nd|NoDerivat|\bno derivat"
    r"|(?:may|must|shall|can)\s*not\b[^.;]{0,160}?\b(?:modif|alter|adapt|edit|convert|decompil|reverse|derivative)"
    r"|(?:modif\w*|alter\w*|adaptation|derivative\w*|reverse.engineering)[^.;]{0,80}?\b(?:prohibited|forbidden|not (?:allowed|permitted))"
    r"|(?:prohibit|forbid)\w*[^.;]{0,120}?\b(?:modif|alter|adapt|derivative|reverse.engineer)"
    r"|改変[^。]{0,20}(?:禁|できません|不可)|(?:禁止|不得|严禁)[^。]{0,20}(?:修改|改编|改變|改变|改編)",
    re.IGNORECASE,
)
# The licence itself speaks of "Reserved Font Name(s)" too, without naming any.
_RESERVED = re.compile(
    r"(?:with (?:the )?Reserved Font Names?\s*:?|Reserved Font Names?\s*[:=])\s*([^.\n]+)", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“”'‘’「『]([^\"“”'‘’」』]+)[\"“”'‘’」』]")


@dataclass(frozen=True)
class Rights:
    """What a font says of itself.

    Attributes:
        licence: a short name such as OFL-1.1, or the font's own first words, or "not stated".
        reserved: names that a changed font must not carry.
        refusal: why it must not be changed; None if nothing says so.
        notes: what its user has to mind, in whole sentences.
    """

    licence: str
    reserved: tuple[str, ...]
    refusal: str | None
    notes: tuple[str, ...]


def read_rights(font: TTFont) -> Rights:
    """Read what a font says of its licence, in whatever language."""
    licence_text = _texts(font, _LICENCE, _LICENCE_URL)
    everything = "\n".join((licence_text, _texts(font, _COPYRIGHT, _DESCRIPTION)))
    kind = next((name for name, words in _OPEN.items() if re.search(words, everything, re.IGNORECASE)), None)
    reserved = _reserved_names(_texts(font, _COPYRIGHT, _LICENCE, _TRADEMARK, _DESCRIPTION))
    notes = []
    if kind == "IPA-1.0":
        reserved = tuple(dict.fromkeys((*reserved, *_family_names(font))))
        notes.append(
            "The IPA Font License asks that who gets the completed font can go back to the original; pass both on."
        )
    elif kind == "OFL-1.1":
        notes.append("The completed font stays under the SIL Open Font License.")
    elif kind is None:
        notes.append(
            "The font names no licence that is known here; see that you may change it and pass it on."
        )
    return Rights(
        kind or _first_words(licence_text) or "not stated",
        reserved,
        _refusal(font, kind, everything),
        tuple(notes),
    )


def unreserved_family(family: str, reserved: Iterable[str]) -> str:
    """The family name that a changed font may have: its own, or "Tensho" and initials where that is reserved.

    >>> unreserved_family("Klee One", ["Klee"])
    'Tensho KO'
    >>> unreserved_family("Klee One", ["Source"])
    'Klee One'
    """
    reserved = tuple(reserved)
    if not _offence(family, reserved):
        return family
    words = re.findall(r"[A-Z]+[a-z]*|[a-z]+", family)
    for initials in ("".join(word[0].upper() for word in words), "Completed", "Font"):
        name = f"Tensho {initials}".strip()
        if initials and not _offence(name, reserved):
            return name
    return "Tensho"


def check_family(family: str, reserved: Iterable[str]) -> None:
    """See that the name that a user wishes for is free.

    Raises:
        TenshoError: it holds a reserved one.
    """
    offence = _offence(family, reserved)
    if offence:
        raise TenshoError(f"{family!r} holds the reserved font name {offence!r}; choose another --family")


def _offence(family: str, reserved: Iterable[str]) -> str | None:
    plain = _plain(family)
    return next((name for name in reserved if _plain(name) and _plain(name) in plain), None)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).casefold()


def _reserved_names(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for match in _RESERVED.finditer(text):
        words = match[1]
        quoted = _QUOTED.findall(words)
        names += quoted or re.split(r"\s*(?:,|\band\b|;)\s*", re.sub(r"[\"“”'‘’()]", "", words))
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _family_names(font: TTFont) -> tuple[str, ...]:
    records = (record for record in font["name"].names if record.nameID in (1, 16))
    return tuple(dict.fromkeys(str(record) for record in records))


def _refusal(font: TTFont, kind: str | None, text: str) -> str | None:
    if "OS/2" in font and font["OS/2"].fsType & 0x000F == _RESTRICTED:
        return "its fsType says that it must not be changed or embedded without its owner's leave"
    found = None if kind is not None else _FORBIDDING.search(text)
    return f"its licence says “{_first_words(found[0])}”" if found else None


def _texts(font: TTFont, *ids: int) -> str:
    texts = (str(record) for name_id in ids for record in font["name"].names if record.nameID == name_id)
    return "\n".join(dict.fromkeys(texts))


def _first_words(text: str, most: int = 80) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
