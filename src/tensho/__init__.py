"""tensho: dreams up Chinese characters that do not exist, and draws any character from its parts."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tensho.errors import TenshoError
from tensho.version import __version__

if TYPE_CHECKING:
    from tensho.api.adapt import adapt
    from tensho.api.ascii import AsciiArt, ascii
    from tensho.api.complete import complete
    from tensho.api.compose import compose
    from tensho.api.describe import describe
    from tensho.api.dream import dream
    from tensho.api.load import load
    from tensho.api.lookup import nearest
    from tensho.api.read import read
    from tensho.api.write import write
    from tensho.sheet import Glyph, Sheet

__all__ = [
    "AsciiArt",
    "Glyph",
    "Sheet",
    "TenshoError",
    "__version__",
    "adapt",
    "ascii",
    "complete",
    "compose",
    "describe",
    "dream",
    "load",
    "nearest",
    "read",
    "write",
]

_HOMES = {
    "AsciiArt": "tensho.api.ascii",
    "Glyph": "tensho.sheet",
    "Sheet": "tensho.sheet",
    "adapt": "tensho.api.adapt",
    "ascii": "tensho.api.ascii",
    "complete": "tensho.api.complete",
    "compose": "tensho.api.compose",
    "describe": "tensho.api.describe",
    "dream": "tensho.api.dream",
    "load": "tensho.api.load",
    "nearest": "tensho.api.lookup",
    "read": "tensho.api.read",
    "write": "tensho.api.write",
}
"""Where the public names live; imported when first used, so that `import tensho` costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tensho' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
