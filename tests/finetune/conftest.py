from __future__ import annotations

import json
from importlib.util import find_spec

import pytest
from PIL import Image, ImageDraw

collect_ignore_glob = (
    [] if all(map(find_spec, ("diffusers", "transformers", "peft", "accelerate"))) else ["test_*.py"]
)
"""What the extra ``sd`` installs."""


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The folder of a complete Stable Diffusion checkpoint for pictures of 32 pixels."""
    from tensho.finetune.checkpoint import quiet

    quiet()
    from benchmarks.tiny_stable_diffusion import tiny_stable_diffusion

    folder = tmp_path_factory.mktemp("tiny") / "checkpoint"
    tiny_stable_diffusion(folder)
    return folder


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    """An image folder of bars: what `tensho data pairs` writes, without its faces and dictionaries."""
    folder = tmp_path_factory.mktemp("bars")
    for split, count in {"train": 24, "validation": 8}.items():
        (folder / split).mkdir()
        lines = []
        for number in range(count):
            picture = Image.new("L", (32, 32), 255)
            draw = ImageDraw.Draw(picture)
            place = 2 + 7 * number % 28
            draw.rectangle((place, 4, place + 3, 28) if number % 2 else (4, place, 28, place + 3), fill=0)
            picture.save(folder / split / f"{number}.png")
            text = f"{'upright' if number % 2 else 'level'} bar {place}"
            lines.append(json.dumps({"file_name": f"{number}.png", "text": text}))
        (folder / split / "metadata.jsonl").write_text("\n".join(lines) + "\n")
    return folder
