"""A tiny model of every registered family, a batch for it, and something that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from tensho.datasets.letters.fonts import build_letter_fonts
from tensho.datasets.letters.groups import LetterGroups
from tensho.models.base import Model
from tensho.models.brush.base import BrushConfig
from tensho.models.composer.base import START
from tensho.models.composer.network import Composer
from tensho.models.config import Config
from tensho.models.ddpm import Ddpm, DdpmConfig
from tensho.models.ddpm_student import DdpmStudent, DdpmStudentConfig
from tensho.models.gan import GanConfig
from tensho.models.letterer import Letterer, LettererConfig, Request
from tensho.models.reader.network import Reader, ReaderConfig
from tensho.models.registry import FAMILIES
from tensho.models.trainable import Trainable
from tensho.models.vae import VaeConfig
from tensho.models.walkback import WalkbackConfig
from tensho.seeds import NoiseRows, SampleNoise
from tensho.text.ascii_grid import PAD
from tests.models.composer.test_network import IDS, MEANT, asked
from tests.models.composer.test_network import tiny as tiny_composer

Batch = Mapping[str, Tensor]


class Tiny(NamedTuple):
    """How a family is tested: ``build`` a small model, a ``batch`` for it, and what it ``makes`` with a seed."""

    build: Callable[[], Trainable[Any]]
    batch: Callable[[Any], Batch]
    makes: Callable[[Any, int], Tensor]


def _images(family: str, config: Config) -> Tiny:
    return Tiny(
        lambda: FAMILIES[family].model_class(config),
        _image_batch,
        lambda model, seed: model.sample(3, seed=seed),
    )


def _image_batch(model: Model[Any], size: int = 4) -> Batch:
    """Images, and the drafts that some families are conditioned on."""
    images = torch.randint(0, 256, (3, size, *model.spec.shape), dtype=torch.uint8)
    face = torch.arange(size) % 2
    return {"image": images[0], "draft": images[1], "own_draft": images[2], "face": face}


def _composer_batch(composer: Composer) -> Batch:
    """Every meaning of the tiny composer's memory, four times."""
    readings = torch.cat([asked(composer, found[0]) for found in MEANT.values()]).repeat(4, 1, 1)
    codes = torch.from_numpy(composer.codes_of(list(IDS.values()))).repeat(4, 1)
    found = composer.retrieve(readings, composer.config.voters)
    character = torch.arange(len(MEANT)).repeat(4)
    return {
        "readings": readings,
        "similarity": found.similarity,
        "gloss": found.gloss,
        "character": character,
        "target": codes,
        "dream": codes.flip(0),
    }


def _composed(composer: Composer, seed: int) -> Tensor:
    """Sequences that it dreams, and its logits for a prompt."""
    dreams = composer.draw(composer.no_context(4), NoiseRows(seed, range(4)), temperature=1.0)
    context = composer.recall(asked(composer, "river of fire").numpy()).context
    logits = composer.next_logits(np.array([[START]]), context)
    return torch.cat(
        [torch.from_numpy(dreams).flatten().double(), torch.from_numpy(logits).flatten().double()]
    )


@cache
def _letter_groups() -> LetterGroups:
    return LetterGroups(build_letter_fonts(fonts=("big", "doom", "slant", "standard"), synthetic=2), "train")


def _letters_batch(model: Letterer) -> Batch:
    return _letter_groups().batch(np.arange(4) * 40)


def _lettered(model: Letterer, seed: int) -> Tensor:
    batch = _letter_groups().batch(np.array([0, 40]))
    given = {**batch, "given": batch["grids"]}
    given["given"][:, 3:] = PAD
    request = Request(**{name: given[name] for name in Request._fields})
    *_, drawn = model.uncover(request, SampleNoise(seed, range(2)))
    return drawn


def _reader() -> Reader:
    reader = Reader(
        ReaderConfig(
            symbols="⿰⿱⿲木口日",
            size=16,
            widths=(8, 16),
            blocks=1,
            width=16,
            layers=1,
            heads=2,
            longest=7,
            looks=4,
        )
    )
    reader.tell_apart(5)
    return reader


def _described_batch(reader: Reader, size: int = 6) -> Batch:
    ids = ["⿰木口", "木", "⿱日口", "⿱⿰木木日", "⿲口口口", "日"]
    return {
        "image": torch.randint(0, 256, (size, 1, 16, 16), dtype=torch.uint8),
        "character": torch.arange(size) % 5,
        "target": torch.from_numpy(np.stack([reader.codes.encode(text, 7) for text in ids])),
    }


def _read(reader: Reader, seed: int) -> Tensor:
    """The looks and the readings' probabilities of noise."""
    images = np.random.default_rng(seed).integers(0, 256, (3, 16, 16), dtype=np.uint8)
    chances = [reading.probability for readings in reader.read(images) for reading in readings]
    return torch.cat([torch.from_numpy(reader.embed(images)).flatten().double(), torch.tensor(chances)])


_DDPM: dict[str, Any] = {
    "size": 16,
    "widths": (8, 16),
    "blocks": 1,
    "condition_width": 16,
    "noise_steps": 20,
    "evaluations": 3,
    "styles": ("gothic", "mincho"),
    "style_drop": 0.1,
}


def _student() -> DdpmStudent:
    student = DdpmStudent(DdpmStudentConfig(**_DDPM, sampler="ddim", substeps=2))
    student.learn_from(Ddpm(DdpmConfig(**_DDPM)))
    return student


TINY = {
    "brush": _images(
        "brush", BrushConfig(size=16, widths=(8, 16), blocks=1, condition_width=16, evaluations=2)
    ),
    "ddpm": _images("ddpm", DdpmConfig(**_DDPM)),
    "ddpm-student": Tiny(_student, _image_batch, lambda model, seed: model.sample(3, seed=seed)),
    "gan": _images(
        "gan",
        GanConfig(
            size=16,
            latent=3,
            generator_widths=(16, 8),
            discriminator_widths=(8, 16),
            ratio=2,
            styles=("gothic", "mincho"),
            style_drop=0.1,
        ),
    ),
    "vae": _images(
        "vae",
        VaeConfig(
            size=16, widths=(8, 16), latent=3, details=(2, 0), styles=("gothic", "mincho"), style_drop=0.1
        ),
    ),
    "walkback": _images("walkback", WalkbackConfig(size=16, features=4, levels=2, temperatures=3, cycles=2)),
    "composer": Tiny(tiny_composer, _composer_batch, _composed),
    "letterer": Tiny(
        lambda: Letterer(LettererConfig(widths=(16, 16), symbol_width=8, condition_width=16, evaluations=3)),
        _letters_batch,
        _lettered,
    ),
    "reader": Tiny(_reader, _described_batch, _read),
}
"""One entry for each row of the registry; a new family adds one here."""


def exercised(family: str) -> Trainable[Any]:
    """A model away from its first weights (some start at zero), whose normalisation layers have seen a few batches."""
    torch.manual_seed(0)
    model = TINY[family].build()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        for step in range(5):
            list(model.train().training_step(TINY[family].batch(model), step))
    return model.eval()


def rounded(model: Trainable[Any]) -> None:
    """Round the weights to half precision, in which they are written."""
    half = {k: v.half().float() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    model.load_state_dict(half)
