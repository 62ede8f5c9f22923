"""Fields of the studio's requests: types, limits and defaults, which the page takes over."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Choice", "Field", "Number", "Refusal", "Text", "described", "parsed", "read"]

SEEDS = 2**53 - 1
"""The largest seed: a whole number that a browser holds exactly."""


class Refusal(Exception):
    """A request that cannot be met: which field is at fault ("" if none), what to do, and the HTTP status."""

    def __init__(self, message: str, *, field: str = "", status: int = 422) -> None:
        super().__init__(message)
        self.message, self.field, self.status = message, field, status


class Field(ABC):
    """One setting."""

    @abstractmethod
    def read(self, value: object) -> Any:
        """Return what was sent (None if nothing was), or raise `ValueError` with a message for its sender."""


@dataclass(frozen=True)
class Number(Field):
    """A whole number, ``low`` to ``high``."""

    low: int
    high: int
    default: int

    def read(self, value: object) -> int:
        """See `Field.read`."""
        if value is None:
            return self.default
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValueError(f"Give a whole number from {self.low:,} to {self.high:,}.")
        return value


@dataclass(frozen=True)
class Text(Field):
    """Text of 1 to ``longest`` characters without control characters."""

    longest: int
    default: str

    def read(self, value: object) -> str:
        """See `Field.read`."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError("Write something here.")
        if len(value) > self.longest:
            raise ValueError(f"Keep it to {self.longest} characters; this has {len(value)}.")
        if any("\ud800" <= char <= "\udfff" or (char < " " and char != "\n") for char in value):
            raise ValueError("This holds characters that cannot be shown; type it anew.")
        return value.strip()


@dataclass(frozen=True)
class Choice(Field):
    """One of ``options``; the first unless another is chosen."""

    options: tuple[str, ...]

    def read(self, value: object) -> str:
        """See `Field.read`."""
        if value is None:
            return self.options[0]
        if value not in self.options:
            raise ValueError(f"Choose one of {', '.join(self.options)}.")
        return str(value)


SEED = Number(0, SEEDS, 0)


def read(fields: Mapping[str, Field], body: object) -> dict[str, Any]:
    """Read settings from a parsed JSON body.

    Raises:
        Refusal: it is no object, has a setting that is not known, or one out of its limits.
    """
    if not isinstance(body, dict):
        raise Refusal("Send the settings as a JSON object.", status=400)
    if not body.keys() <= fields.keys():
        raise Refusal(f"There are no settings but {', '.join(fields)}.", status=400)
    settings = {}
    for name, field in fields.items():
        try:
            settings[name] = field.read(body.get(name))
        except ValueError as error:
            raise Refusal(str(error), field=name) from error
    return settings


def parsed(body: bytes) -> object:
    """Parse JSON.

    Raises:
        Refusal: it is not JSON, or nested beyond reason.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal("The request is not JSON.", status=400) from error


def described(fields: Mapping[str, Field]) -> dict[str, dict[str, Any]]:
    """The limits of fields, for the page."""
    return {name: asdict(field) for name, field in fields.items()}  # type: ignore[call-overload]
