"""Scores the composer: held-out meanings, everyday words, dreams and a sheet of prompts.

    python benchmarks/meaning.py WEIGHTS [--split test] [--characters 500]

A draw holds a part if one of its parts is among those of the true character, both expanded to the same vocabulary.
Prompts are a random gloss of the character, or its whole entry. Peers in the same table: the structures of the
training characters with the nearest glosses, and of random training characters.
"""

from __future__ import annotations

import argparse
import functools
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from tensho.api.dream import is_worth_drawing
from tensho.datasets.meaning_prompts import structure
from tensho.ids.canonical import exists
from tensho.ids.decomposition import decompositions, expand
from tensho.ids.syntax import leaves, parse
from tensho.models.composer.candidates import compose_meaning, dream_structures, read_prompt, sampled
from tensho.models.composer.network import Composer
from tensho.split import SPLITS, split_of
from tensho.text.meanings import meanings

DRAWS = 8
EVERYDAY = [
    ("moon", "月"), ("water", "水"), ("fire", "火"), ("mountain", "山"), ("tree", "木"), ("sun", "日"), ("river", "川"),
    ("dog", "犬"), ("person", "人"), ("mouth", "口"), ("hand", "手"), ("eye", "目"), ("ear", "耳"), ("rain", "雨"),
    ("snow", "雪"), ("flower", "花"), ("forest", "森"), ("fish", "魚"), ("bird", "鳥"), ("horse", "馬"), ("gold", "金"),
    ("stone", "石"), ("king", "王"), ("woman", "女"), ("child", "子"), ("heart", "心"), ("gate", "門"), ("car", "車"),
    ("rice", "米"), ("sky", "空"), ("sea", "海"), ("wind", "風"), ("island", "島"), ("spring", "春"), ("summer", "夏"),
    ("autumn", "秋"), ("winter", "冬"), ("morning", "朝"), ("night", "夜"), ("star", "星"), ("book", "本"), ("tea", "茶"),
    ("cow", "牛"), ("cat", "猫"), ("sword", "刀"), ("bow", "弓"), ("village", "村"), ("town", "町"), ("friend", "友"),
    ("music", "楽"),
]  # fmt: skip
SHEET = [
    "full moon", "Buzz Aldrin", "Ferrari", "Instagram", "Bible", "spaghetti western", "small dog with huge head",
    "Gauss's law",
]  # fmt: skip

Answer = Callable[[str], Sequence[str]]


def held_out(split: str, n: int) -> list[str]:
    """Characters of a split that have a meaning and at least two parts, in a fixed random order."""
    found = [c for c in sorted(meanings()) if c in decompositions() and split_of(c) == split]
    random.Random(0).shuffle(found)
    return found[:n]


def share(answer: Answer, prompts: list[str], characters: list[str]) -> tuple[float, float]:
    """Mean over characters, and standard error, of the share of answers that hold a part of the true character."""
    hits = []
    for prompt, character in zip(prompts, characters, strict=True):
        true = set(leaves(expand(character)))
        hits.append(np.mean([bool(true & set(ids)) for ids in answer(prompt)]))
    return float(np.mean(hits)), float(np.std(hits) / len(hits) ** 0.5)


def print_shares(composer: Composer, characters: list[str], console: Console) -> None:
    known = [ids for c in meanings() if split_of(c) == "train" and (ids := structure(c)) and len(ids) > 2]
    chance = random.Random(1)

    def retrieval(prompt: str) -> list[str]:
        found = composer.recall(read_prompt(composer, prompt)).sequences[:64]
        return list(dict.fromkeys(found))[:DRAWS]

    @functools.cache
    def candidates(prompt: str) -> list[str]:
        return [candidate.ids for candidate in compose_meaning(composer, prompt, DRAWS)]

    answers: dict[str, Answer] = {
        "composer, as drawn": lambda prompt: sampled(composer, prompt, DRAWS),
        "composer, first 8 candidates": candidates,
        "composer, first 4 candidates": lambda prompt: candidates(prompt)[:4],
        "retrieval, nearest 8": retrieval,
        "chance": lambda _: chance.choices(known, k=DRAWS),
    }
    pick = random.Random(0)
    prompts = {
        "a random gloss": [pick.choice(meanings()[c].glosses) for c in characters],
        "the whole entry": [", ".join(meanings()[c].glosses[:6]) for c in characters],
    }
    table = Table(
        "holds a part of the true character", *prompts, title=f"{len(characters)} held-out characters"
    )
    for name, answer in answers.items():
        cells = [share(answer, asked, characters) for asked in prompts.values()]
        table.add_row(name, *(f"{100 * mean:.1f} ± {100 * error:.1f} %" for mean, error in cells))
    console.print(table)


def print_everyday(composer: Composer, console: Console) -> None:
    words = [(word, character) for word, character in EVERYDAY if split_of(character) == "train"][:30]
    table, found = Table("word", "character", "place", "first four"), 0
    for word, character in words:
        first = compose_meaning(composer, word, 4)
        place = next((i for i, c in enumerate(first, 1) if character in c.characters), None)
        found += place is not None
        shown = " ".join(c.ids + (f"={c.characters[0]}" if c.characters else "") for c in first)
        table.add_row(word, character, str(place or "–"), shown)
    console.print(table)
    console.print(f"everyday words with their character among the first four: {found} of {len(words)}\n")


def print_dreams(composer: Composer, console: Console) -> None:
    dreams = dream_structures(composer, 1000, seed=0, accept=is_worth_drawing)
    raw = dream_structures(composer, 1000, seed=0, accept=lambda _: True)
    new, fresh, kept = (
        100 * np.mean([not exists(parse(ids)) for ids in dreams]),
        100 * np.mean([not exists(parse(ids)) for ids in raw]),
        100 * np.mean([is_worth_drawing(ids) for ids in raw]),
    )
    start = time.perf_counter()
    for seed in range(5):
        dream_structures(composer, 16, seed=seed, accept=is_worth_drawing)
    took = (time.perf_counter() - start) / 5
    console.print(
        f"1,000 dreams: valid {sum(bool(parse(ids)) for ids in dreams) / 10:.1f} %, "
        f"distinct {len(set(dreams)) / 10:.1f} %, new {new:.1f} % (before redrawing {fresh:.1f} % by structure, {kept:.1f} % by looks and standing too); "
        f"16 take {1000 * took:.0f} ms on {torch.get_num_threads()} threads\n{' '.join(dreams[:24])}\n"
    )


def print_sheet(composer: Composer, console: Console) -> None:
    for prompt in SHEET:
        console.print(f"[bold]{prompt}")
        for candidate in compose_meaning(composer, prompt, 6):
            console.print(f"  {candidate.ids}  {candidate.explanation}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores the composer.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--characters", type=int, default=500)
    asked = parser.parse_args()
    console, composer = Console(width=120), Composer.open(asked.weights)
    print_shares(composer, held_out(asked.split, asked.characters), console)
    print_everyday(composer, console)
    print_dreams(composer, console)
    print_sheet(composer, console)


if __name__ == "__main__":
    main()
