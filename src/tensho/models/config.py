"""Settings as frozen dataclasses: flags, presets and file metadata are generated from them, never listed again."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, ClassVar, TypeVar

from tensho.errors import TenshoError

__all__ = ["Config", "setting"]

ConfigT = TypeVar("ConfigT", bound="Config")


def setting(default: Any, help: str) -> Any:
    """A dataclass field with a default and the help text of the flag that is generated from it."""
    return dataclasses.field(default=default, metadata={"help": help})


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
        self.check()

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
        except json.JSONDecodeError as error:
            raise TenshoError(f"settings are not JSON: {error}; the file is damaged") from error
        known = {field.name for field in dataclasses.fields(cls)}
        if not isinstance(values, dict) or not values.keys() <= known:
            extra = sorted(set(values) - known) if isinstance(values, dict) else values
            raise TenshoError(f"unknown settings {extra}; the file was made by another version of tensho")
        return cls(**values)
