"""``tensho train FAMILY``: one sub-command a family, made from its settings when it is asked for."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tensho.api.train import FAMILIES, RunSettings, train_family

__all__ = ["app"]


class _FamilyGroup(TyperGroup):
    """Lists the families by name, and imports a family only when its sub-command is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The sub-command that ``args`` names, with the flags of its family in place of the listed stub."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, _family_command(str(name)), rest


app = typer.Typer(
    cls=_FamilyGroup, no_args_is_help=True, help="Train a model family; the same command again resumes."
)

for _name, _family in FAMILIES.items():
    app.command(name=_name, help=_family.summary)(lambda: None)


def _family_command(family: str) -> Any:
    from tensho.cli.flags import overridden, parameters_of

    row = FAMILIES[family]
    presets = row.preset_table

    def run(**flags: Any) -> None:
        preset_name = flags["preset"]
        if preset_name not in presets:
            raise typer.BadParameter(f"no preset {preset_name!r}; {family} has {', '.join(presets)}")
        preset = presets[preset_name]
        settings = overridden(RunSettings(), flags)
        recipe = overridden(preset.recipe, flags)
        config = overridden(preset.config, flags)
        folder = flags["out"] or Path("runs") / f"{family}-{preset_name}"
        train_family(
            family,
            config,
            recipe,
            settings,
            folder,
            data=flags["data"],
            preset=preset_name,
            report=lambda found: print(found, file=sys.stderr),
        )

    own = [
        inspect.Parameter(
            "preset",
            inspect.Parameter.KEYWORD_ONLY,
            default="small",
            annotation=Annotated[str, typer.Option(help=f"Size of the model: {', '.join(presets)}.")],
        ),
        inspect.Parameter(
            "data",
            inspect.Parameter.KEYWORD_ONLY,
            default=row.data,
            annotation=Annotated[str, typer.Option(help=row.data_help)],
        ),
        inspect.Parameter(
            "out",
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                Path | None,
                typer.Option(
                    "-o", "--out", help="Folder of the run. [default: runs/FAMILY-PRESET]", show_default=False
                ),
            ],
        ),
    ]
    generated = [
        *parameters_of({name: preset.config for name, preset in presets.items()}),
        *parameters_of({name: preset.recipe for name, preset in presets.items()}),
        *parameters_of({"": RunSettings()}),
    ]
    signature = inspect.Signature([*own, *generated])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command(name=family, help=f"{FAMILIES[family].summary} The same command again resumes.")(run)
    return typer.main.get_command(command)
