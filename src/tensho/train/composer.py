"""Trains the composer: `python -m tensho.train.composer OUT` writes its weights in a few minutes on one core.

The composer reads words and not images, so that it has a loop of its own, a short one. Batches, dropout and noise are
functions of (seed, step).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import platformdirs
import torch
from torch import Tensor

from tensho.data.embedding import embed_cached
from tensho.data.lessons import Lessons, lessons, readings
from tensho.models.composer import Composer, ComposerConfig, Context, Retrieved
from tensho.seeds import derived_seed

__all__ = ["Desk", "train_composer"]

_PROMPTS, _DREAMS = 100, 28
_HIDDEN = 0.75
"""How often a prompt must do without its own character's glosses, as it will for words that are new."""
_FORGOTTEN = 0.1
_ATTRIBUTION = (
    "meanings: KANJIDIC2, Electronic Dictionary Research and Development Group, CC BY-SA 4.0; "
    "Unihan, Unicode, Inc., Unicode License v3. decompositions: cjklib and KanjiVG (CC BY-SA 3.0)"
)
_EXTRA = 48
"""Glosses retrieved beyond the voters, so that enough are left when a character's own are hidden."""


class Desk:
    """Lessons as tensors: every text's embedding and what the composer's memory holds near it, found once."""

    def __init__(self, given: Lessons, composer: Composer, folder: Path) -> None:
        most = composer.config.readings
        read = [readings(lesson.prompt, most) for lesson in given.lessons]
        texts = sorted({text for row in read for text in row} | {gloss for gloss, _ in given.glosses})
        place = {text: i for i, text in enumerate(texts)}
        character = {c: i for i, c in enumerate(given.structures)}
        self.embeddings = torch.from_numpy(embed_cached(texts, folder))
        self.targets = torch.stack([composer.encode(ids) for ids in given.structures.values()])
        self.dreams = torch.stack([composer.encode(ids) for ids in given.dreams])
        self.texts = torch.tensor([[place[t] for t in row] + [-1] * (most - len(row)) for row in read])
        self.character = torch.tensor([character[lesson.character] for lesson in given.lessons])
        self.weight = torch.tensor([lesson.weight for lesson in given.lessons], dtype=torch.float64)
        composer.memorise(
            self.embeddings[[place[gloss] for gloss, _ in given.glosses]],
            torch.tensor([character[c] for _, c in given.glosses]),
            self.targets,
        )
        n = composer.config.voters + _EXTRA
        found = [composer.retrieve(rows[:, None], n) for rows in self.embeddings.split(1024)]
        self.similarity = torch.cat([f.similarity[:, 0] for f in found])
        self.gloss = torch.cat([f.gloss[:, 0].int() for f in found])

    def prompts(self, chosen: Tensor) -> tuple[Tensor, Retrieved]:
        """Readings (B, R, 512) of the chosen lessons, int64 (B,), and what is near them."""
        texts = self.texts[chosen]
        present = (texts >= 0)[..., None]
        found = Retrieved(self.similarity[texts].where(present, -torch.ones(())), self.gloss[texts].long())
        return self.embeddings[texts] * present, found


def train_composer(
    config: ComposerConfig, folder: Path, *, steps: int, rate: float, seed: int
) -> tuple[Composer, list[dict[str, float]]]:
    """Train on the train split; returns the composer in evaluation mode and the log.

    Args:
        config: sizes; symbols and memory are filled in.
        folder: where embeddings are kept for the next run.
        steps: optimiser steps.
        rate: peak learning rate.
        seed: of everything random.

    Raises:
        TenshoError: the dictionaries or the encoder are not installed.
    """
    given = lessons(config.longest)
    torch.manual_seed(derived_seed("weights", seed))
    composer = Composer(
        ComposerConfig.from_json(
            json.dumps(
                json.loads(config.to_json())
                | {
                    "symbols": given.symbols,
                    "characters": len(given.structures),
                    "glosses": len(given.glosses),
                }
            )
        )
    )
    desk = Desk(given, composer, folder)
    optimizer = torch.optim.AdamW(composer.parameters(), lr=rate, weight_decay=0.05, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.05)
    log, start, total = [], time.monotonic(), 0.0
    for step in range(steps):
        torch.manual_seed(derived_seed("composer", seed, step))
        loss = _loss(composer, desk)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(composer.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        total += loss.item()
        if (step + 1) % 100 == 0:
            log.append(
                {
                    "step": step + 1,
                    "loss": round(total / 100, 4),
                    "seconds": round(time.monotonic() - start, 1),
                }
            )
            print(json.dumps(log[-1]), flush=True)
            total = 0.0
    return composer.eval(), log


def _loss(composer: Composer, desk: Desk) -> Tensor:
    chosen = torch.multinomial(desk.weight, _PROMPTS, replacement=True)
    character = desk.character[chosen]
    hidden = character.where(torch.rand(_PROMPTS) < _HIDDEN, torch.tensor(-1))
    embeddings, found = desk.prompts(chosen)
    noisy = embeddings + 0.01 * torch.randn(embeddings.shape) * (embeddings != 0)
    prompts = composer.context(noisy, found, hidden)
    # Dreams see no prompt, so that it does not matter whose context fills their rows.
    blind = torch.cat([torch.rand(_PROMPTS) < _FORGOTTEN, torch.ones(_DREAMS, dtype=torch.bool)])
    both = Context(*(torch.cat([field, field[:_DREAMS]]) for field in prompts))._replace(given=~blind)
    free = desk.dreams[torch.randint(len(desk.dreams), (_DREAMS,))]
    return composer.loss(torch.cat([desk.targets[character], free]), both)


def main() -> None:
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("out", type=Path, help="the weights, a .safetensors file")
    parser.add_argument("--steps", type=int, default=1500, help="optimiser steps")
    parser.add_argument("--rate", type=float, default=2e-3, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything random")
    asked = parser.parse_args()
    composer, log = train_composer(
        ComposerConfig(),
        Path(os.environ.get("TENSHO_HOME") or platformdirs.user_cache_path("tensho")),
        steps=asked.steps,
        rate=asked.rate,
        seed=asked.seed,
    )
    composer.save(
        asked.out,
        {
            "steps": str(asked.steps),
            "seed": str(asked.seed),
            "loss": str(log[-1]["loss"] if log else ""),
            "license": "CC-BY-SA-4.0",
            "attribution": _ATTRIBUTION,
        },
    )


if __name__ == "__main__":
    main()
