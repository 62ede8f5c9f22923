"""What fine-tuning the real checkpoints takes, computed from their architecture: memory, arithmetic, hours.

    python benchmarks/finetune_plan.py [--teraflops 150]

The U-Nets of Stable Diffusion 1 and 2 are built without weights (torch's meta device), so this runs anywhere in a minute: parameters and
arithmetic are counted, and so is what autograd keeps of a forward pass in bfloat16 with fused attention. Hours follow
from a sustained rate, about a sixth of what the makers of GPUs promise: 50 TFLOP/s is an A100. A sum, not a measurement.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from tensho.finetune.checkpoint import quiet
from tensho.finetune.learner import ADAPTED
from tensho.finetune.recipes import RECIPES

# What distinguishes the two U-Nets, and the size of the frozen parts (text encoder and VAE), in parameters.
ARCHITECTURES: dict[str, tuple[dict[str, Any], int]] = {
    "stable-diffusion-v1-4": (
        {"cross_attention_dim": 768, "attention_head_dim": 8},
        123_060_480 + 83_653_863,
    ),
    "stable-diffusion-nano-2-1": (
        {
            "cross_attention_dim": 1024,
            "attention_head_dim": [5, 10, 20, 20],
            "use_linear_projection": True,
        },
        340_387_840 + 83_653_863,
    ),
}
RANK = 32
BYTES_LEARNING = 4 + 8 + 4  # gradient, AdamW's two moments, moving average
BYTES_HELD = 4 + 2  # a weight, and its copy in bfloat16


class _Fused(torch.autograd.Function):
    """Attention that keeps its inputs and output alone, as the fused kernels of GPUs do."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        out = torch.empty_like(query)
        ctx.save_for_backward(query, key, value, out)
        return out

    @staticmethod
    def backward(ctx: Any, _gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        query, key, value, _ = ctx.saved_tensors
        return torch.empty_like(query), torch.empty_like(key), torch.empty_like(value)


@contextmanager
def fused_attention() -> Iterator[None]:
    former = nn.functional.scaled_dot_product_attention
    nn.functional.scaled_dot_product_attention = lambda q, k, v, **_: _Fused.apply(q, k, v)
    try:
        yield
    finally:
        nn.functional.scaled_dot_product_attention = former


def unet(options: dict[str, Any], size: int) -> Any:
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        return UNet2DConditionModel(sample_size=size // 8, **options).to(torch.bfloat16).train()


def inputs(options: dict[str, Any], size: int) -> tuple[Tensor, Tensor, Tensor]:
    like = {"device": "meta", "dtype": torch.bfloat16}
    latents = torch.empty(1, 4, size // 8, size // 8, **like)  # type: ignore[call-overload]
    texts = torch.empty(1, 77, options["cross_attention_dim"], **like)  # type: ignore[call-overload]
    return latents, torch.zeros((), device="meta", dtype=torch.long), texts


def flops(model: Any, given: tuple[Tensor, Tensor, Tensor]) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*given)
    return int(counter.get_total_flops())


def encoder_flops(size: int) -> int:
    from diffusers import AutoencoderKL

    blocks = {
        "block_out_channels": (128, 256, 512, 512),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "layers_per_block": 2,
    }
    with torch.device("meta"):
        vae = AutoencoderKL(**blocks)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        vae.encode(torch.empty(1, 3, size, size, device="meta"))
    return int(counter.get_total_flops())


def kept(model: Any, given: tuple[Tensor, Tensor, Tensor]) -> int:
    """Bytes that autograd holds at the end of a forward pass, weights apart."""
    weights = {parameter.untyped_storage()._cdata for parameter in model.parameters()}
    found: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        found[tensor.untyped_storage()._cdata] = tensor
        return tensor

    with fused_attention(), torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output = model(*given).sample
    del output
    return sum(t.untyped_storage().nbytes() for place, t in found.items() if place not in weights)


def adapters(model: Any, rank: int) -> int:
    layers = [m for name, m in model.named_modules() if name.endswith(ADAPTED) and isinstance(m, nn.Linear)]
    return sum(rank * (layer.in_features + layer.out_features) for layer in layers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--teraflops", type=float, default=50, help="sustained, in bfloat16")
    asked = parser.parse_args()
    quiet()
    columns = (
        "recipe",
        "U-Net",
        "learning",
        "GFLOP forward",
        "kept a picture",
        "GPU memory",
        "steps",
        "hours",
    )
    table = Table(*columns, title=f"One GPU at {asked.teraflops:g} sustained TFLOP/s")
    for name, (options, frozen) in ARCHITECTURES.items():
        tuning = RECIPES[name].full
        model, given = unet(options, tuning.size), inputs(options, tuning.size)
        forward = flops(model, given)
        encoding = encoder_flops(tuning.size)
        plain = kept(model, given)
        model.enable_gradient_checkpointing()
        stored = kept(model, given)
        total = sum(parameter.numel() for parameter in model.parameters())
        for kind, learning in (("--full", total), (f"--lora {RANK}", adapters(model, RANK))):
            for checkpointing in (False, True):
                # With checkpointing, one block at a time is computed again: the largest is about a sixth of all.
                each = stored + plain // 6 if checkpointing else plain
                memory = BYTES_HELD * (total + frozen) + BYTES_LEARNING * learning + tuning.batch_size * each
                passes = 4 if checkpointing else 3  # forward, twice that backward, and forward again
                pictures = tuning.steps * tuning.batch_size * tuning.accumulate
                hours = pictures * (passes * forward + encoding) / (asked.teraflops * 1e12) / 3600
                table.add_row(
                    f"{name} {kind}{' --gradient-checkpointing' * checkpointing}",
                    f"{total / 1e6:.0f} M",
                    f"{learning / 1e6:.1f} M",
                    f"{forward / 1e9:,.0f} + {encoding / 1e9:,.0f}",
                    f"{each / 1e9:.2f} GB × {tuning.batch_size}",
                    f"{memory / 1e9:.0f} GB",
                    f"{tuning.steps:,}",
                    f"{hours:.1f}",
                )
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
