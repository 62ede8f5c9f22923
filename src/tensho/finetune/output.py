"""Saves a fine-tuning as a pipeline or LoRA adapters that `diffusers` opens, with a card and a record.

All weights: ``RUN/pipeline``, which ``StableDiffusionPipeline.from_pretrained`` opens. Adapters: ``RUN/lora``, which
``load_lora_weights`` of a pipeline of the base reads. ``tensho.json`` in either is the record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensho.atomic import replaced_folder
from tensho.finetune.checkpoint import StableDiffusion

__all__ = ["ADAPTERS", "LORA", "PIPELINE", "RECORD", "find_pipeline", "save_adapters", "save_pipeline"]

PIPELINE, LORA = "pipeline", "lora"
"""Folders within that of the run."""

ADAPTERS = "pytorch_lora_weights.safetensors"
RECORD = "tensho.json"


def find_pipeline(name: str) -> Path | None:
    """The folder of the checkpoint or adapters that ``name`` stands for: itself, or within that of a run."""
    folder = Path(name).expanduser()
    for place in (folder, folder / PIPELINE, folder / LORA):
        if (place / "model_index.json").is_file() or (place / ADAPTERS).is_file():
            return place
    return None


def save_pipeline(base: StableDiffusion, folder: Path, record: Mapping[str, Any]) -> None:
    """Write all parts, with the U-Net as it is now, to ``folder`` at once.

    Raises:
        TenshoError: the folder cannot be written, or the disk is full.
    """
    base.unet.register_to_config(sample_size=record["size"] // base.factor)
    with replaced_folder(folder) as temporary:
        base.pipeline().save_pretrained(temporary, safe_serialization=True)
        _describe(temporary, record, adapters=False)


def save_adapters(base: StableDiffusion, folder: Path, record: Mapping[str, Any]) -> None:
    """Write the adapters of the U-Net as they are now to ``folder`` at once.

    Raises:
        TenshoError: the folder cannot be written, or the disk is full.
    """
    from diffusers import StableDiffusionPipeline
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft.utils import get_peft_model_state_dict

    layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(base.unet))
    with replaced_folder(folder) as temporary:
        StableDiffusionPipeline.save_lora_weights(temporary, unet_lora_layers=layers)
        _describe(temporary, record, adapters=True)


def _describe(folder: Path, record: Mapping[str, Any], *, adapters: bool) -> None:
    (folder / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(_card(record, adapters=adapters), encoding="utf-8")


def _card(record: Mapping[str, Any], *, adapters: bool) -> str:
    base, size = record["base"], record["size"]
    opened = (
        f'pipeline = StableDiffusionPipeline.from_pretrained("{base}", safety_checker=None)\n'
        '    pipeline.load_lora_weights("this folder")'
        if adapters
        else 'pipeline = StableDiffusionPipeline.from_pretrained("this folder")'
    )
    return f"""---
base_model: {json.dumps(base)}
library_name: diffusers
pipeline_tag: text-to-image
tags: [{"lora, " if adapters else ""}stable-diffusion, chinese-characters]
---

# Characters by what they mean

{f"Adapters of rank {record['lora']} for" if adapters else "All weights of the U-Net of"} {base}, fine-tuned on pictures of Chinese
characters with their meanings as captions: {record["steps"]:,} steps, {record["images seen"]:,} pictures of
{size} × {size} pixels seen, seed {record["seed"]}. Made by `tensho finetune stable-diffusion`; `tensho.json` has the settings.

    from diffusers import StableDiffusionPipeline
    {opened}
    pipeline("a Chinese character that means full moon", height={size}, width={size}).images[0]

The base's licence applies. If the captions are those of `tensho data pairs`, they come from KANJIDIC2 (© EDRDG, CC BY-SA 4.0) and
Unihan (© Unicode, Inc., Unicode License V3), and the pictures from the faces named in the data set's card; its characters of
the splits validation and test were not trained on.
"""
