"""Opens and checks a Stable Diffusion checkpoint, from a folder or from the hub.

A checkpoint is a folder in the layout of ``diffusers``: ``model_index.json`` names the parts, each of which has a
folder of its own. Weights are read from safetensors alone, since a pickle can run any program; the safety checker,
which knows nothing about characters, is not loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tensho.errors import TenshoError

__all__ = ["StableDiffusion", "local_checkpoint", "open_checkpoint", "quiet"]

PIPELINE = "StableDiffusionPipeline"

_WEIGHTS = ("text_encoder", "unet", "vae")
_FILES = {
    "scheduler": "scheduler_config.json",
    "tokenizer": "tokenizer_config.json",
    **dict.fromkeys(_WEIGHTS, "config.json"),
}
_PICKLES = {".bin", ".ckpt", ".pt", ".pth", ".pkl"}
_WANTED = [
    "model_index.json",
    "scheduler/*",
    "tokenizer/*",
    *(f"{part}/*.{kind}" for part in _WEIGHTS for kind in ("json", "safetensors")),
]
_UNWANTED = ["*.fp16*", "*.bf16*", "*non_ema*", "*flax*", "*openvino*", "*.onnx"]


@dataclass
class StableDiffusion:
    """The parts of an opened checkpoint, in float32 on the CPU, in evaluation mode.

    ``name`` is what the user called it, ``folder`` where it lies; ``fingerprint`` changes with the U-Net's weights.
    """

    name: str
    folder: Path
    tokenizer: Any
    text_encoder: Any
    vae: Any
    unet: Any
    scheduler: Any

    @property
    def factor(self) -> int:
        """Pixels of a picture per latent, along one side."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def size(self) -> int:
        """Side in pixels of the pictures that the U-Net was made for."""
        return int(self.unet.config.sample_size) * self.factor

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the names and first values of the U-Net's weights."""
        digest = hashlib.sha256()
        for name, weight in self.unet.named_parameters():
            first = weight.detach().reshape(-1)[:64].float().cpu()
            digest.update(f"{name}{tuple(weight.shape)}".encode() + first.numpy().tobytes())
        return digest.hexdigest()[:16]

    def pipeline(self) -> Any:
        """The parts as a `diffusers.StableDiffusionPipeline`."""
        from diffusers import StableDiffusionPipeline

        return StableDiffusionPipeline(
            vae=self.vae,
            text_encoder=self.text_encoder,
            tokenizer=self.tokenizer,
            unet=self.unet,
            scheduler=self.scheduler,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )


def quiet() -> None:
    """Keep the libraries' advice and progress bars off the terminal; before anything of diffusers is imported."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()

    import diffusers

    diffusers.logging.set_verbosity_error()
    diffusers.logging.disable_progress_bar()


def open_checkpoint(base: str) -> StableDiffusion:
    """Open a folder, or a checkpoint on the hub by its name, "owner/name".

    Raises:
        TenshoError: there is none, the hub cannot be reached, a part is missing or damaged, the weights are
            pickles, or it is another architecture than Stable Diffusion 1 or 2.
    """
    quiet()
    import diffusers
    from safetensors import SafetensorError
    from transformers import CLIPTextModel, CLIPTokenizer

    folder = local_checkpoint(base)
    scheduler_class = getattr(
        diffusers, _checked_index(folder, base)["scheduler"][1], diffusers.DDIMScheduler
    )
    at = {"pretrained_model_name_or_path": folder, "local_files_only": True}
    weighty = {**at, "use_safetensors": True}
    part = ""
    try:
        part = "scheduler"
        scheduler = scheduler_class.from_pretrained(**at, subfolder=part)
        part = "tokenizer"
        tokenizer = CLIPTokenizer.from_pretrained(folder / part, local_files_only=True)
        part = "text_encoder"
        text_encoder = CLIPTextModel.from_pretrained(
            folder / part, local_files_only=True, use_safetensors=True
        )
        part = "vae"
        vae = diffusers.AutoencoderKL.from_pretrained(**weighty, subfolder=part, low_cpu_mem_usage=False)
        part = "unet"
        unet = diffusers.UNet2DConditionModel.from_pretrained(
            **weighty, subfolder=part, low_cpu_mem_usage=False
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        raise TenshoError(
            f"{part} of {base} cannot be opened: {reason}; download the checkpoint again"
        ) from error
    found = StableDiffusion(base, folder, tokenizer, text_encoder, vae, unet, scheduler)
    _check_fit(found)
    return found


def local_checkpoint(base: str) -> Path:
    """The folder that ``base`` names, downloaded if it is a name on the hub.

    Raises:
        TenshoError: there is no such folder, or the hub does not have it or cannot be reached.
    """
    path = Path(base).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        if path.suffix.lower() in _PICKLES:
            raise TenshoError(f"{base} is a pickle, which can run any program; use weights in safetensors")
        raise TenshoError(f"{base} is a file; give the folder of a checkpoint, with its model_index.json")
    if (
        base.startswith(("/", ".", "~"))
        or base.count("/") != 1
        or base.endswith("/")
        or os.sep == "\\" in base
    ):
        raise TenshoError(f"there is no folder {base}; give a checkpoint's folder, or its name on the hub")
    return _downloaded(base)


def _downloaded(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    try:
        return Path(snapshot_download(name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED))
    except GatedRepoError as error:
        raise TenshoError(
            f"{name} asks for consent; accept its terms on the hub, then `hf auth login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise TenshoError(
            f"there is no folder {name}, and the hub has no such checkpoint, or not for you; check the name"
        ) from error
    except HFValidationError as error:
        raise TenshoError(f"{name!r} is neither a folder nor a name on the hub; check it") from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        raise TenshoError(
            f"there is no folder {name}, and the hub cannot be reached to look for it there; "
            "give the folder of a checkpoint, or try again when there is a network"
        ) from error


def _checked_index(folder: Path, base: str) -> dict[str, Any]:
    """What model_index.json says; `TenshoError` unless ``folder`` has every file of a Stable Diffusion checkpoint."""
    index = folder / "model_index.json"
    if not index.is_file():
        if any(file.suffix.lower() in _PICKLES for file in folder.iterdir()):
            raise TenshoError(f"{base} holds pickles, which can run any program; use weights in safetensors")
        raise TenshoError(f"{base} is no checkpoint: it has no model_index.json; give a diffusers folder")
    try:
        parts: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
        kind, _ = parts["_class_name"], parts["scheduler"][1]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise TenshoError(f"{index} is damaged; download the checkpoint again") from error
    if kind != PIPELINE:
        raise TenshoError(f"{base} is a {kind}; only Stable Diffusion 1 and 2 ({PIPELINE}) can be fine-tuned")
    for part, file in _FILES.items():
        if not (folder / part / file).is_file():
            raise TenshoError(f"{base} is not complete: it lacks {part}/{file}; download it again")
    for part in _WEIGHTS:
        files = list((folder / part).iterdir())
        if any(file.suffix == ".safetensors" for file in files):
            continue
        if any(file.suffix.lower() in _PICKLES for file in files):
            raise TenshoError(
                f"{part} of {base} is a pickle, which can run any program; use a checkpoint in safetensors"
            )
        raise TenshoError(f"{base} is not complete: it lacks {part}'s .safetensors file; download it again")
    return parts


def _check_fit(found: StableDiffusion) -> None:
    """Raise `TenshoError` unless the parts fit each other and text is all that the U-Net is told."""
    unet, latents = found.unet.config, found.vae.config.latent_channels
    if unet.in_channels != latents or unet.out_channels != latents:
        raise TenshoError(
            f"the U-Net of {found.name} takes {unet.in_channels} channels, its VAE has {latents}: a checkpoint for "
            "another task, such as inpainting; use one that draws from text alone"
        )
    if unet.cross_attention_dim != found.text_encoder.config.hidden_size:
        raise TenshoError(
            f"the U-Net of {found.name} reads texts of width {unet.cross_attention_dim}, its text encoder writes "
            f"{found.text_encoder.config.hidden_size}; download the checkpoint again"
        )
