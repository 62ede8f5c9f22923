"""Descriptions as sequences of codes, in prefix order: operators and parts of a closed vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.ids.syntax import ARITY

__all__ = ["BLANK", "FIRST_SYMBOL", "OTHER", "START", "Codes", "symbols_of"]

BLANK, START, OTHER, FIRST_SYMBOL = 0, 1, 2, 3
"""Codes that are no symbols: what follows a whole sequence, what precedes any, and a part that the vocabulary lacks;
then come the symbols."""


class Codes:
    """Symbols by code and back.

    Args:
        symbols: operators and parts, one character each.

    Attributes:
        arity: how many operands each code takes, int64 (V,); 0 for parts, and for codes that are no symbols.
    """

    def __init__(self, symbols: str) -> None:
        self.symbols = symbols
        self._code = {symbol: FIRST_SYMBOL + place for place, symbol in enumerate(symbols)}
        self.arity: NDArray[np.int64] = np.array(
            [0] * FIRST_SYMBOL + [ARITY.get(symbol, 0) for symbol in symbols]
        )

    def __len__(self) -> int:
        return len(self.arity)

    def code(self, symbol: str) -> int:
        """The code of a symbol; `OTHER` for one that the vocabulary lacks."""
        return self._code.get(symbol, OTHER)

    def encode(self, ids: str, longest: int) -> NDArray[np.int64]:
        """The codes of a description, int64 (longest,), `BLANK` after its end; a part that there is no code for is `OTHER`.

        Raises:
            TenshoError: it is longer than that, or has an operator that the vocabulary lacks.
        """
        if len(ids) > longest:
            raise TenshoError(f"{ids} has {len(ids)} symbols; at most {longest} can be read")
        for symbol in ids:
            if symbol in ARITY and self.code(symbol) == OTHER:
                raise TenshoError(f"{ids}: the vocabulary lacks the operator {symbol}")
        codes = np.full(longest, BLANK)
        codes[: len(ids)] = [self.code(symbol) for symbol in ids]
        return codes

    def decode(self, codes: Iterable[int]) -> str:
        """The description that codes stand for; ？ for a part that the vocabulary lacks."""
        symbols = {OTHER: "？"}
        return "".join(
            symbols.get(code) or self.symbols[code - FIRST_SYMBOL] for code in codes if code >= OTHER
        )


def symbols_of(descriptions: Iterable[str], fewest: int) -> str:
    """The symbols of descriptions, the commonest first: all operators, and the parts that ``fewest`` descriptions have."""
    count = Counter(symbol for ids in descriptions for symbol in sorted(set(ids)))
    return "".join(symbol for symbol, n in count.most_common() if symbol in ARITY or n >= fewest)
