"""Settings as frozen dataclasses: flags, presets and file metadata are generated from them, never listed again."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any, ClassVar, TypeVar

from tensho.errors import TenshoError

__all__ = ["MOST_LAYERS", "UNBOUNDED", "Config", "setting"]

ConfigT = TypeVar("ConfigT", bound="Config")


MOST = 4_096
"""Of a whole number in the settings, unless its field says otherwise: layers, channels, pixels and the like."""

UNBOUNDED = (1 << 63) - 1
"""For numbers that cost neither memory nor time, or time alone, of which a progress bar tells."""

MOST_LAYERS = 64
"""Of numbers of layers and of blocks of them."""

MOST_ITEMS = 16
"""Of a list of numbers."""


def setting(default: Any, help: str, *, most: int = MOST) -> Any:
    """A dataclass field with a default, the help text of the flag that is generated from it, and the largest whole number."""
    return dataclasses.field(default=default, metadata={"help": help, "most": most})


@dataclasses.dataclass(frozen=True)
class Config:
    """Base of all settings: values are int, float, bool, str or tuples of these; `check` says what is allowed."""

    _scalars: ClassVar = (bool, int, float, str)

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, default = getattr(self, field.name), field.default
            if isinstance(default, float) and type(value) is int:
                object.__setattr__(self, field.name, float(value))
            elif isinstance(default, tuple) and isinstance(value, list):
                object.__setattr__(self, field.name, tuple(value))
            elif default is not None and value is not None and type(value) is not type(default):
                raise TenshoError(
                    f"setting {field.name} is {value!r}, but must be of type {type(default).__name__}"
                )
            self._check_sizes(field)
        self.check()

    def _check_sizes(self, field: dataclasses.Field[Any]) -> None:
        """Raise `TenshoError` where a number is not finite or larger than anything needs, so that no network is made of it."""
        value, most = getattr(self, field.name), field.metadata.get("most", MOST)
        flag = "--" + field.name.replace("_", "-")
        values = value if isinstance(value, tuple) else (value,)
        for item in values:
            if isinstance(item, float):
                self.require(math.isfinite(item), f"{flag} is {item}, but must be a finite number")
            elif isinstance(item, int):
                self.require(abs(item) <= most, f"{flag} is {item:,}, but must be at most {most:,}")
        if not all(isinstance(item, str) for item in values):
            self.require(
                len(values) <= MOST_ITEMS, f"{flag} has {len(values):,} items, but at most {MOST_ITEMS}"
            )

    def check(self) -> None:
        """Raise `TenshoError` where a value makes no sense; the base class allows everything."""

    def require(self, condition: bool, message: str) -> None:
        """Raise `TenshoError` with ``message`` unless ``condition`` holds."""
        if not condition:
            raise TenshoError(message)

    def to_json(self) -> str:
        """The settings as a JSON object, one key a field."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls: type[ConfigT], text: str) -> ConfigT:
        """The inverse of `to_json`.

        Raises:
            TenshoError: the text is no JSON object, or holds a setting that this class lacks.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise TenshoError("settings are not JSON; the file is damaged") from error
        known = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(values, dict) or not values.keys() <= known:
            extra = sorted(set(values) - known) if isinstance(values, dict) else values
            raise TenshoError(f"unknown settings {extra}; the file was made by another version of tensho")
        return cls(**values)
