"""The named styles, and what designers call them."""

from __future__ import annotations

from tensho.composition.atlas import REFERENCE_STYLE, atlas_names, atlas_of
from tensho.errors import TenshoError

__all__ = ["REFERENCE_STYLE", "STYLE_NAMES", "style_facts", "style_named", "styles"]

STYLE_NAMES = {
    "gothic": "sans-jp",
    "mincho": "serif-jp",
    "hei": "sans-sc",
    "song": "serif-sc",
    "ming": "serif-tc",
    "rounded": "maruberi",
    "pen": "wenkai",
}
"""What designers call the styles; the parts and the weights know them by the names of their faces."""


def styles() -> list[str]:
    """Names that ``style`` may have: those of the faces whose parts are shipped, then what designers call some."""
    return [*atlas_names(), *STYLE_NAMES]


def style_named(name: str | None) -> str:
    """The face that a style's name means; None: the reference.

    Raises:
        TenshoError: there is no such style.
    """
    face = REFERENCE_STYLE if name is None else STYLE_NAMES.get(name, name)
    if face not in atlas_names():
        raise TenshoError(f"unknown style {name!r}; there are {', '.join(styles())}")
    return face


def style_facts() -> list[dict[str, str]]:
    """Of each style its face, the face's origin and licence, and what designers call it ("called")."""
    called = {face: name for name, face in STYLE_NAMES.items()}
    return [{**atlas_of(style).facts, "called": called.get(style, "")} for style in atlas_names()]
