"""Flags made from settings: every field of a `Config` becomes an option, so that none is listed twice."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer

from tensho.api.train import Config

__all__ = ["overridden", "parameters_of"]

ConfigT = TypeVar("ConfigT", bound=Config)


def parameters_of(presets: Mapping[str, Config]) -> list[inspect.Parameter]:
    """One keyword parameter for each setting, None unless given; the help tells each preset's value.

    Args:
        presets: settings of one class by the name of their preset; one entry if there is no choice.
    """
    first = next(iter(presets.values()))
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                _flag_type(field.default) | None,
                typer.Option(
                    help=f"{field.metadata['help']} {_defaults(field.name, presets)}",
                    show_default=False,
                    rich_help_panel=_panel(type(first)),
                ),
            ],
        )
        for field in dataclasses.fields(first)
    ]


def overridden(config: ConfigT, flags: Mapping[str, Any]) -> ConfigT:
    """``config`` with the settings that the user gave; flags of other settings are passed over.

    Raises:
        TenshoError: a value that the settings do not allow.
        typer.BadParameter: a list of numbers that is none.
    """
    types = get_type_hints(type(config))
    given = {
        field.name: _parsed(field.name, flags[field.name], types[field.name])
        for field in dataclasses.fields(config)
        if flags.get(field.name) is not None
    }
    return dataclasses.replace(config, **given)


def _flag_type(default: Any) -> type:
    return str if isinstance(default, tuple) else type(default)


def _defaults(name: str, presets: Mapping[str, Config]) -> str:
    values = {preset: getattr(config, name) for preset, config in presets.items()}
    if len(set(values.values())) == 1:
        return f"({_shown(next(iter(values.values())))})"
    return f"({', '.join(f'{preset}: {_shown(value)}' for preset, value in values.items())})"


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _panel(kind: type[Config]) -> str:
    return kind.__name__.removesuffix("Config").removesuffix("Settings")


def _parsed(name: str, value: Any, kind: Any) -> Any:
    """What a flag's text means for a setting of type ``kind``: a tuple's items stand between commas."""
    if get_origin(kind) is not tuple:
        return value
    item, *_ = get_args(kind)
    try:
        return tuple(item(text) for text in value.split(",") if text)
    except ValueError as error:
        raise typer.BadParameter(f"--{name.replace('_', '-')} is {value!r}; give values as 1,2,3") from error
