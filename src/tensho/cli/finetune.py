"""``tensho finetune stable-diffusion``: its flags are made from the settings when it is asked for."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tensho.errors import TenshoError

__all__ = ["app"]

_HELP = "Fine-tune a Stable Diffusion checkpoint on pictures of characters with captions."


class _Group(TyperGroup):
    """Lists the sub-command, and imports what it needs only when it is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The sub-command that ``args`` names, with its flags in place of the listed stub."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, _stable_diffusion(), rest


app = typer.Typer(
    cls=_Group, no_args_is_help=True, help="Fine-tune a text-to-image model; the same command again resumes."
)
app.command(name="stable-diffusion", help=_HELP)(lambda: None)


@app.callback()
def _root() -> None:
    """Keep the sub-command's name on the command line, though there is only one."""


def _stable_diffusion() -> Any:
    from tensho.api.finetune import RECIPES, RunSettings, finetune, recipe_for
    from tensho.cli.flags import overridden, parameters_of

    def run(**flags: Any) -> None:
        if flags["full"] == (flags["lora"] is not None):
            raise TenshoError(
                "say what is to learn: --full for all weights, or --lora 16 for adapters of rank 16"
            )
        named = recipe_for(flags["base"], flags["recipe"])
        tuning = overridden(named.full if flags["full"] else named.lora, flags)
        if not flags["full"] and tuning.lora == 0:
            raise TenshoError("--lora is 0, but must be a rank, such as 16")
        settings = overridden(RunSettings(), flags)
        kind = "full" if flags["full"] else f"lora-{tuning.lora}"
        folder = flags["out"] or Path("runs") / f"{Path(flags['base']).name}-{kind}"
        tuned = finetune(
            flags["base"],
            flags["data"],
            tuning,
            settings,
            folder,
            report=lambda found: print(found, file=sys.stderr),
        )
        before, after = tuned.loss
        print(
            f"{tuned.steps:,} steps, {tuned.images_seen:,} pictures, validation loss {before:.4g} → {after:.4g}; "
            f"{tuned.seconds_per_step:.3g} s a step, {tuned.memory / 1e9:.2f} GB → {tuned.folder}"
        )

    own = {
        "base": (str, ..., "Checkpoint: a folder in the layout of diffusers, or owner/name on the hub."),
        "data": (
            Path,
            ...,
            "Pairs: the folder that `tensho data pairs` made, or pictures with a metadata.jsonl.",
        ),
        "full": (bool, False, "Train all weights of the U-Net."),
        "recipe": (str | None, None, f"Settings made for {', '.join(RECIPES)}. (the one of --base)"),
        "out": (Path | None, None, "Folder of the run. (runs/BASE-full, or runs/BASE-lora-RANK)"),
    }
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if default is ... else default,
            annotation=Annotated[kind, typer.Option(*_spelt(name), help=text, show_default=False)],
        )
        for name, (kind, default, text) in own.items()
    ]
    generated = [
        *parameters_of({name: recipe.full for name, recipe in RECIPES.items()}),
        *parameters_of({"": RunSettings()}),
    ]
    signature = inspect.Signature([*parameters, *generated])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
    command = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    command.command(name="stable-diffusion", help=f"{_HELP} The same command again resumes.")(run)
    return typer.main.get_command(command)


def _spelt(name: str) -> tuple[str, ...]:
    return ("-o", "--out") if name == "out" else (f"--{name}",)
