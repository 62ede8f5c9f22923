"""A complete Stable Diffusion checkpoint of a few megabytes, made from configurations: nothing is downloaded.

    python benchmarks/tiny_stable_diffusion.py FOLDER [--size 32] [--prediction-type epsilon]

Tokenizer (CLIP's, its vocabulary the bytes alone), CLIP text encoder, VAE, U-Net and scheduler, each of the real class,
small, and untrained; a folder that ``StableDiffusionPipeline.from_pretrained`` opens. It is there to run
every line of the fine-tuning in seconds, not to draw.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from tensho.atomic import replaced_folder

__all__ = ["tiny_stable_diffusion"]

_TOKENS = 77
_WIDTH = 32


def tiny_stable_diffusion(
    folder: Path, *, size: int = 32, prediction_type: str = "epsilon", seed: int = 0
) -> None:
    """Write the checkpoint to ``folder``.

    Args:
        folder: replaced if it is there.
        size: side of the pictures in pixels, a multiple of 16.
        prediction_type: what the U-Net is to say: epsilon, v_prediction or sample.
        seed: of the first weights.
    """
    with torch.random.fork_rng(devices=[]), replaced_folder(folder) as temporary:
        torch.manual_seed(seed)
        tokenizer = _tokenizer(temporary)
        vae = AutoencoderKL(
            block_out_channels=(16, 32, 32),
            down_block_types=("DownEncoderBlock2D",) * 3,
            up_block_types=("UpDecoderBlock2D",) * 3,
            layers_per_block=1,
            latent_channels=4,
            norm_num_groups=8,
            sample_size=size,
        )
        vae.register_to_config(scaling_factor=_scaling_factor(vae, size))
        pipeline = StableDiffusionPipeline(
            vae=vae,
            text_encoder=CLIPTextModel(
                CLIPTextConfig(
                    vocab_size=len(tokenizer),
                    hidden_size=_WIDTH,
                    intermediate_size=2 * _WIDTH,
                    num_hidden_layers=2,
                    num_attention_heads=2,
                    max_position_embeddings=_TOKENS,
                    bos_token_id=tokenizer.bos_token_id,
                    eos_token_id=tokenizer.eos_token_id,
                    pad_token_id=tokenizer.pad_token_id,
                )
            ),
            tokenizer=tokenizer,
            unet=UNet2DConditionModel(
                sample_size=size // 4,
                block_out_channels=(32, 64),
                down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
                up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
                layers_per_block=1,
                cross_attention_dim=_WIDTH,
                attention_head_dim=4,
                norm_num_groups=8,
            ),
            scheduler=PNDMScheduler(
                beta_start=0.00085,
                beta_end=0.012,
                beta_schedule="scaled_linear",
                skip_prk_steps=True,
                steps_offset=1,
                prediction_type=prediction_type,
            ),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.save_pretrained(temporary, safe_serialization=True)


def _tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's tokenizer without merges: every byte is a token, and again one that ends a word."""
    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    place = folder / "tokenizer"
    place.mkdir()
    vocabulary = {word: number for number, word in enumerate(words)}
    (place / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (place / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    (place / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": _TOKENS})
    )
    return CLIPTokenizer.from_pretrained(place)


@torch.no_grad()
def _scaling_factor(vae: AutoencoderKL, size: int) -> float:
    """What gives the latents of black-and-white pictures unit variance."""
    pictures = torch.rand(8, 1, size // 8, size // 8).round().expand(-1, 3, -1, -1) * 2 - 1
    latents = vae.encode(torch.nn.functional.interpolate(pictures, (size, size))).latent_dist.mode()
    return float(1 / latents.std())


def main() -> None:
    """Make the checkpoint from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=32, help="side of the pictures in pixels")
    parser.add_argument("--prediction-type", default="epsilon", help="epsilon, v_prediction or sample")
    asked = parser.parse_args()
    tiny_stable_diffusion(asked.folder, size=asked.size, prediction_type=asked.prediction_type)
    print(asked.folder)


if __name__ == "__main__":
    main()
