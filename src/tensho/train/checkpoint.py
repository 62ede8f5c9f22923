"""The checkpoint: everything a run needs to go on as if it had never stopped, in one safetensors file.

Tensors (weights, buffers, moving average, every optimiser's state by parameter name) are its tensors; the rest is
JSON in its metadata. One file can be replaced in one rename, so that at every instant either the old or the new
checkpoint is whole.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tensho.atomic import replaced_file
from tensho.errors import TenshoError

__all__ = [
    "Checkpoint",
    "below",
    "optimizer_state",
    "read_checkpoint",
    "restore_optimizer",
    "write_checkpoint",
]

Identity = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A moment of a run.

    identity: what must be the same for the run to go on (seed, data set, …). state: JSON values that change as
    it goes (step, images seen, …). about: what a reader wants to know (recipe, preset, version).
    tensors: on the CPU.
    """

    identity: Identity
    state: Mapping[str, Any]
    about: Mapping[str, Any]
    tensors: Mapping[str, Tensor]

    def check_identity(self, expected: Identity, path: Path) -> None:
        """Raise `TenshoError` that names all differences unless this checkpoint continues ``expected``."""
        keys = [key for key in {**expected, **self.identity} if expected.get(key) != self.identity.get(key)]
        if keys:
            listed = "; ".join(f"{key} {self.identity.get(key)}, not {expected.get(key)}" for key in keys)
            raise TenshoError(f"{path} is of another run: {listed}; use its settings or another folder")

    def below(self, prefix: str) -> dict[str, Tensor]:
        """See `tensho.train.checkpoint.below`."""
        return below(prefix, self.tensors)


def below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start with ``prefix``, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write atomically; what was at ``path`` before stays whole until then.

    Raises:
        TenshoError: the folder cannot be written, or the disk is full.
    """
    # Copied, since safetensors refuses tensors that share memory (tied weights).
    tensors = {
        name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in checkpoint.tensors.items()
    }
    head = {
        "identity": json.dumps(checkpoint.identity),
        "state": json.dumps(checkpoint.state),
        "about": json.dumps(checkpoint.about),
        "checksum": _checksum(tensors),
    }
    with replaced_file(path) as temporary:
        try:
            save_file(tensors, temporary, metadata=head)
        except SafetensorError as error:  # how it reports a full disk
            raise TenshoError(f"cannot write {path}: {error}; make room or choose another folder") from error


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint at ``path``, or None where there is none.

    Raises:
        TenshoError: the file is truncated, altered or not a checkpoint.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            head = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        parts = {key: json.loads(head[key]) for key in ("identity", "state", "about")}
        whole = head["checksum"] == _checksum(tensors)
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise _damaged(path) from error
    if not whole:
        raise _damaged(path)
    return Checkpoint(tensors=tensors, **parts)


def optimizer_state(
    model: nn.Module, optimizers: Mapping[str, torch.optim.Optimizer]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The state of optimisers under names "optimizer/parameter/key": tensors, and numbers for JSON."""
    tensors: dict[str, Tensor] = {}
    numbers: dict[str, Any] = {}
    for optimizer_name, optimizer in optimizers.items():
        states = optimizer.state_dict()["state"]
        for index, (name, _) in enumerate(_named_parameters(model, optimizer)):
            for key, value in states.get(index, {}).items():
                place = tensors if isinstance(value, Tensor) else numbers
                place[f"{optimizer_name}/{name}/{key}"] = value
    return tensors, numbers


def restore_optimizer(
    model: nn.Module, optimizer_name: str, optimizer: torch.optim.Optimizer, saved: Mapping[str, Any]
) -> None:
    """Give an optimiser the state that `optimizer_state` took, tensors and numbers in one mapping.

    Its learning rate and other settings stay those of the recipe.
    """
    states: dict[int, dict[str, Any]] = {}
    for index, (name, parameter) in enumerate(_named_parameters(model, optimizer)):
        prefix = f"{optimizer_name}/{name}/"
        state = {
            key.removeprefix(prefix): _laid_out_like(parameter, value)
            for key, value in saved.items()
            if key.startswith(prefix)
        }
        if state:
            states[index] = state
    optimizer.load_state_dict({"state": states, "param_groups": optimizer.state_dict()["param_groups"]})


def _named_parameters(model: nn.Module, optimizer: torch.optim.Optimizer) -> list[tuple[str, nn.Parameter]]:
    """The optimiser's parameters with their names in the model, in the order its own state counts them."""
    names = {parameter: name for name, parameter in model.named_parameters()}
    return [
        (names[parameter], parameter) for group in optimizer.param_groups for parameter in group["params"]
    ]


def _laid_out_like(parameter: Tensor, value: Any) -> Any:
    """``value`` in the memory format of its parameter, without which fused updates would take a slow path."""
    if isinstance(value, Tensor) and value.shape == parameter.shape:
        return torch.empty_like(parameter, dtype=value.dtype, device="cpu").copy_(value)
    return value


def _checksum(tensors: Mapping[str, Tensor]) -> str:
    value = 0
    for name in sorted(tensors):
        value = zlib.crc32(tensors[name].reshape(-1).view(torch.uint8).numpy().data, value)
    return f"{value:08x}"


def _damaged(path: Path) -> TenshoError:
    return TenshoError(f"{path} is damaged; remove it to start this run anew, or use another folder")
