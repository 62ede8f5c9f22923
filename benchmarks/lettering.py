"""Scores the letterer on fonts of held-out families, beside retrieval and the true letters.

    python benchmarks/lettering.py WEIGHTS [--split test] [--fonts 0]

From k = 4 letters of a font the letterer draws 16 others. *Readable* is how often a classifier names a letter, upper and
lower case being one; it is trained on fonts and styles that the letterer never saw and that are not scored.
*IoU* is that of the ink, letters set into the upper left corner of the grid. *Copies* are letters that equal the same
letter of a training font, symbol by symbol. Groups: fonts of one symbol, and of several.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional

from tensho.data.lettering import LETTERS, Lettering, lettering
from tensho.data.lettering_styles import random_style
from tensho.data.split import SPLITS
from tensho.data.symbols import COLUMNS, MASK, PAD, ROWS, SYMBOLS
from tensho.letter_styles import draw_letters, style_of_letters
from tensho.lettering import ascii
from tensho.models.letterer import Letterer

K, DRAWN = 4, 16
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ALPHABET = NAMES + NAMES[:26].lower()
UNSEEN_STYLES, FIRST_UNSEEN = 300, 1_000_000
WORDS = [
    "diffusion",
    "Quick brown fox",
    "ASCII art!",
    "2 + 2 = 4",
    "(hello) [world]",
    "naïve Ж 漢字",
    "supercalifragilistic",
]

Grids = NDArray[np.uint8]


class Drawn(NamedTuple):
    """Letters of one font: which, as they are, as the letterer draws them, and as retrieval has them."""

    letters: list[str]
    true: Grids
    ours: Grids
    retrieved: Grids
    several: bool


def draw_font(network: Letterer, fonts: Lettering, font: int, seed: int) -> Drawn:
    generator = np.random.default_rng([seed, font])
    here = [c for c in ALPHABET if fonts.boxes[font, LETTERS.index(c), 1] > 0]
    chosen = list(generator.permutation(here)[: K + DRAWN])
    grids = {letter: fonts.grids[font, LETTERS.index(letter)] for letter in chosen}
    given, letters = {letter: grids[letter] for letter in chosen[:K]}, chosen[K:]
    style = style_of_letters(given, fonts)
    ours = draw_letters(network, fonts, style, letters, seed=seed)
    assert style.neighbour is not None
    near = fonts.grids[style.neighbour]
    table = remapping(near[[LETTERS.index(c) for c in given]], np.stack(list(given.values())))
    ink = fonts.grids[font][fonts.grids[font] < MASK]
    return Drawn(
        letters,
        np.stack([grids[letter] for letter in letters]),
        np.stack([ours[letter][-1] for letter in letters]),
        table[near[[LETTERS.index(letter) for letter in letters]]],
        len(np.unique(ink[ink > 0])) > 1,
    )


def remapping(near: Grids, given: Grids) -> Grids:
    """For each code of a font, the one that most often stands in its place in the given letters."""
    pairs = np.zeros((PAD + 1, PAD + 1), np.int64)
    np.add.at(pairs, (near.ravel(), given.ravel()), 1)
    inner = pairs[:MASK, :MASK]
    commonest = inner[:, 1:].sum(0).argmax() + 1
    table = np.where(inner.any(1), inner.argmax(1), commonest)
    table[0] = 0
    return np.concatenate([table, [MASK, PAD]]).astype(np.uint8)


def inked(grids: Grids) -> NDArray[np.bool_]:
    return (grids > 0) & (grids < MASK)


def iou(one: Grids, other: Grids) -> NDArray[np.float64]:
    first, second = inked(one), inked(other)
    union = (first | second).sum((-1, -2))
    return np.asarray((first & second).sum((-1, -2)) / np.maximum(union, 1))


class Reader(nn.Module):
    """Names a letter from its ink and its greys."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(2, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=(1, 2), padding=1), nn.BatchNorm2d(64), nn.ReLU(),
            nn.Conv2d(64, 96, 3, stride=2, padding=1), nn.BatchNorm2d(96), nn.ReLU(),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(96 * 36, len(NAMES)),
        )  # fmt: skip

    def forward(self, pictures: Tensor) -> Tensor:
        found: Tensor = self.layers(pictures)
        return found


def pictures(grids: Grids) -> Tensor:
    """Letters laid into the middle of the grid, float (N, 2, ROWS, COLUMNS): ink, and grey."""
    codes = torch.from_numpy(grids.astype(np.int64))
    rows, columns = (codes != PAD).any(-1).sum(-1), (codes != PAD).any(-2).sum(-1)
    y = (torch.arange(ROWS) - ((ROWS - rows) // 2)[:, None]) % ROWS
    x = (torch.arange(COLUMNS) - ((COLUMNS - columns) // 2)[:, None]) % COLUMNS
    codes = codes.gather(1, y[:, :, None].expand_as(codes)).gather(2, x[:, None].expand_as(codes))
    codes = torch.where(codes < MASK, codes, 0)
    return torch.stack([(codes > 0).float(), codes / MASK], 1)


def train_reader(fonts: Lettering, seed: int) -> Reader:
    """A classifier trained on the validation families and on styles that the letterer's engine never drew for it."""
    import pylopdf_fonts_jp

    places = [LETTERS.index(letter) for letter in ALPHABET]
    seen = [fonts.grids[font, places] for font in fonts.split("validation")]
    faces = (str(pylopdf_fonts_jp.sans_path()), str(pylopdf_fonts_jp.serif_path()), "")
    for number in range(UNSEEN_STYLES):
        style = random_style(np.random.default_rng(FIRST_UNSEEN + number), faces)
        seen.append(np.stack(style.draw(ALPHABET)))
    grids = np.concatenate(seen)
    names = np.tile([NAMES.index(letter.upper()) for letter in ALPHABET], len(seen))
    # A font that somebody drew counts as much as three synthetic styles.
    weight = np.repeat([3.0] * len(fonts.split("validation")) + [1.0] * UNSEEN_STYLES, len(ALPHABET))
    weight *= (grids != PAD).any((-1, -2))
    torch.manual_seed(seed)
    reader, inputs, answers = Reader(), pictures(grids), torch.from_numpy(names)
    optimizer = torch.optim.AdamW(reader.parameters(), 2e-3, weight_decay=0.05)
    steps = 2500
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, steps)
    chances = torch.from_numpy(weight)
    for _ in range(steps):
        rows = torch.multinomial(chances, 128)
        batch = inputs[rows]
        down, right = (int(shift) for shift in torch.randint(-2, 3, (2,)))
        batch = batch.roll((down, right), (2, 3))
        greys = batch[:, 1:] * torch.rand(len(rows), 1, 1, 1) + batch[:, :1] * torch.rand(len(rows), 1, 1, 1)
        loss = functional.cross_entropy(reader(torch.cat([batch[:, :1], greys], 1)), answers[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return reader.eval()


@torch.no_grad()
def read(reader: Reader, grids: Grids, letters: list[str]) -> NDArray[np.bool_]:
    named = reader(pictures(grids)).argmax(1).numpy()
    return np.array([NAMES[name] == letter.upper() for name, letter in zip(named, letters, strict=True)])


def copied(grids: Grids, letters: list[str], fonts: Lettering) -> NDArray[np.bool_]:
    train = fonts.grids[fonts.split("train")]
    places = [LETTERS.index(letter) for letter in letters]
    return np.array(
        [(train[:, place] == grid).all((-1, -2)).any() for place, grid in zip(places, grids, strict=True)]
    )


def print_held_out(
    network: Letterer, fonts: Lettering, split: str, count: int, seed: int, console: Console
) -> None:
    chosen = fonts.split(split)  # type: ignore[arg-type]
    drawn = [draw_font(network, fonts, int(font), seed) for font in chosen[: count or len(chosen)]]
    reader = train_reader(fonts, seed)
    table = Table(
        "group", "letters", "drawn by", "readable", "of the true ones'", "ink IoU", "copies",
        title=f"{len(drawn)} {split} fonts, k = {K}",
    )  # fmt: skip
    for title, several in (("one symbol", False), ("several", True)):
        group = [font for font in drawn if font.several == several]
        letters = [letter for font in group for letter in font.letters]
        true = np.concatenate([font.true for font in group])
        legible = read(reader, true, letters).mean()
        for name, column in (("the font itself", "true"), ("letterer", "ours"), ("retrieval", "retrieved")):
            grids = np.concatenate([getattr(font, column) for font in group])
            readable = read(reader, grids, letters).mean()
            table.add_row(
                title,
                str(len(letters)),
                name,
                f"{100 * readable:.1f} %",
                f"{100 * readable / legible:.1f} %",
                f"{iou(grids, true).mean():.3f}",
                f"{100 * copied(grids, letters, fonts).mean():.1f} %",
            )
    console.print(table)


def print_styles(weights: str, console: Console) -> None:
    banners = [ascii("Seaside", style=seed, model=weights, width=1000) for seed in range(100)]
    distinct = len({banner.text for banner in banners})
    used = [set(banner.text) - set(" \n") for banner in banners]
    pairs = [(used[a], used[b]) for a in range(100) for b in range(a)]
    across = np.mean([len(one & other) / max(len(one | other), 1) for one, other in pairs])
    console.print(
        f"100 seeds: {distinct} distinct banners, {len({frozenset(symbols) for symbols in used})} sets of symbols, "
        f"{np.mean([len(symbols) for symbols in used]):.1f} symbols in each, overlap of two sets {across:.2f}"
    )


def print_shapes(weights: str, console: Console) -> None:
    good = {"printable": 0, "rectangular": 0, "within the width": 0}
    asked = [(word, width, style) for word in WORDS for width in (30, 80) for style in range(10)]
    for word, width, style in asked:
        banner = ascii(word, style=style, model=weights, width=width)
        good["printable"] += set("".join(banner.lines)) <= set(SYMBOLS)
        good["rectangular"] += len({len(line) for line in banner.lines}) == 1
        good["within the width"] += len(banner.lines[0]) <= width
    console.print(f"{len(asked)} banners: " + ", ".join(f"{name} {count}" for name, count in good.items()))


def print_speed(weights: str, console: Console) -> None:
    ascii("warm", style="block", model=weights)
    for style in ("block", 3):
        took = []
        for seed in range(5):
            start = time.perf_counter()
            ascii("lumberjack", style=style, seed=seed, model=weights)
            took.append(time.perf_counter() - start)
        console.print(
            f"a word of ten letters, style {style}: {np.median(took):.2f} s on {torch.get_num_threads()} threads"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Scores the letterer.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--fonts", type=int, default=0, help="only the first so many; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    console, weights = Console(width=110), str(asked.weights)
    print_held_out(Letterer.open(asked.weights), lettering(), asked.split, asked.fonts, asked.seed, console)
    print_styles(weights, console)
    print_shapes(weights, console)
    print_speed(weights, console)


if __name__ == "__main__":
    main()
