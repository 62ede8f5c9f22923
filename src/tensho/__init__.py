"""tensho: dreams up Chinese characters that do not exist, and draws any character from its parts."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tensho.errors import TenshoError

if TYPE_CHECKING:
    from tensho.adapting import adapt
    from tensho.composing import compose
    from tensho.dreaming import dream
    from tensho.evaluate.looking import nearest
    from tensho.hub import load
    from tensho.letters.art import AsciiArt, ascii
    from tensho.sheet import Glyph, Sheet
    from tensho.writing import write

__all__ = [
    "AsciiArt",
    "Glyph",
    "Sheet",
    "TenshoError",
    "__version__",
    "adapt",
    "ascii",
    "compose",
    "dream",
    "load",
    "nearest",
    "write",
]

__version__ = "0.1.0"

_HOMES = {
    "AsciiArt": "tensho.letters.art",
    "Glyph": "tensho.sheet",
    "Sheet": "tensho.sheet",
    "adapt": "tensho.adapting",
    "ascii": "tensho.letters.art",
    "compose": "tensho.composing",
    "dream": "tensho.dreaming",
    "load": "tensho.hub",
    "nearest": "tensho.evaluate.looking",
    "write": "tensho.writing",
}
"""Where the public names live; imported when first used, so that `import tensho` costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tensho' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
