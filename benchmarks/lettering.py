"""Scores the letterer on fonts of held-out families, beside retrieval and the true letters.

    python benchmarks/lettering.py [WEIGHTS] [--split test] [--fonts 0]

From k = 4 letters of a font the letterer draws 16 others. *Readable* is how often a classifier names a letter, upper and
lower case being one; it is trained on fonts and styles that the letterer never saw and that are not scored.
*IoU* is that of the ink, letters set into the upper left corner of the grid. *Copies* are letters that equal the same
letter of a training font, symbol by symbol. Groups: fonts of one symbol, and of several.
"""

from __future__ import annotations

import argparse
import time
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional

from tensho.api.ascii import ascii
from tensho.ascii_art.drawing import draw_letters
from tensho.ascii_art.styles import style_of_letters
from tensho.datasets.letters.fonts import LETTERS, LetterFonts, letter_fonts
from tensho.datasets.letters.synthetic import random_style
from tensho.fonts.letter_bitmaps import letter_shape
from tensho.models.catalogue import locate
from tensho.models.letterer import Letterer
from tensho.split import SPLITS
from tensho.text.ascii_grid import MASK, PAD, SYMBOLS

K, DRAWN = 4, 16
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ALPHABET = NAMES + NAMES[:26].lower()
UNSEEN_STYLES, FIRST_UNSEEN = 300, 1_000_000
SIDE, CELL, STEPS = 20, (6, 4), 1500
TEXTS = [
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


def draw_font(network: Letterer, fonts: LetterFonts, font: int, seed: int) -> Drawn:
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
    """Names a letter from its picture."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *self._layer(2, 32, 1), *self._layer(32, 64, 2), *self._layer(64, 96, 1), *self._layer(96, 128, 2),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(128 * (SIDE // 4) ** 2, len(NAMES)),
        )  # fmt: skip

    @staticmethod
    def _layer(inputs: int, outputs: int, stride: int) -> tuple[nn.Module, ...]:
        return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()

    def forward(self, pictures: Tensor) -> Tensor:
        found: Tensor = self.layers(pictures)
        return found


@lru_cache(maxsize=1)
def printed() -> NDArray[np.float32]:
    """How each code looks in print, float32 (PAD + 1, *CELL) in [0, 1]."""
    fine, em = 12, 60
    height, width = CELL[0] * fine, CELL[1] * fine
    table = np.zeros((PAD + 1, *CELL), np.float32)
    for code, symbol in enumerate(SYMBOLS[1:], 1):
        shape = letter_shape(symbol)
        rows, columns = round(em * (shape.top - shape.bottom)), min(width, round(em * shape.width))
        top = min(max(round(em * (1 - shape.top)), 0), height - rows)
        left = (width - columns) // 2
        cell = np.zeros((height, width), np.float32)
        ink = Image.fromarray(shape.bitmap).resize((columns, rows), Image.Resampling.BOX)
        cell[top : top + rows, left : left + columns] = np.asarray(ink, np.float32) / 255
        table[code] = cell.reshape(CELL[0], fine, CELL[1], fine).mean((1, 3))
    return table


def pictures(grids: Grids) -> Tensor:
    """Letters as printed and as cells with ink, cut out and stretched to a square, float (N, 2, SIDE, SIDE)."""
    squares = np.zeros((len(grids), 2, SIDE, SIDE), np.float32)
    for square, grid, ink in zip(squares, grids, inked(grids), strict=True):
        if not ink.any():
            continue
        box = np.ix_(ink.any(1), ink.any(0))
        cells = printed()[np.where(ink, grid, 0)[box]].transpose(0, 2, 1, 3)
        # Print is thin: an M covers little more than a third of its cell.
        dark = np.minimum(1.5 * cells.reshape(-1, cells.shape[2] * CELL[1]), 1)
        for channel, values in zip(square, (dark, ink[box]), strict=True):
            image = Image.fromarray((255 * values).astype(np.uint8))
            channel[:] = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / 255
    return torch.from_numpy(squares)


def bent(batch: Tensor) -> Tensor:
    """Pictures stretched, slanted, moved and made paler at random."""
    count = len(batch)
    move = torch.randn(count, 2, 3) * torch.tensor([[0.15, 0.2, 0.08], [0.05, 0.15, 0.08]])
    move = move + torch.eye(2, 3)
    grid = functional.affine_grid(move, list(batch.shape), align_corners=False)
    paler = 0.5 + 0.5 * torch.rand(count, 2, 1, 1)
    return paler * functional.grid_sample(batch, grid, align_corners=False)


def train_reader(fonts: LetterFonts, seed: int) -> Reader:
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
    weight *= inked(grids).any((-1, -2))
    torch.manual_seed(seed)
    reader, inputs, answers = Reader(), pictures(grids), torch.from_numpy(names)
    optimizer = torch.optim.AdamW(reader.parameters(), 2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, STEPS)
    chances = torch.from_numpy(weight)
    for _ in range(STEPS):
        rows = torch.multinomial(chances, 128)
        named = reader(bent(inputs[rows]))
        loss = functional.cross_entropy(named, answers[rows], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return reader.eval()


@torch.no_grad()
def read(reader: Reader, grids: Grids, letters: list[str]) -> NDArray[np.bool_]:
    named = reader(pictures(grids)).argmax(1).numpy()
    return np.array([NAMES[name] == letter.upper() for name, letter in zip(named, letters, strict=True)])


def copied(grids: Grids, letters: list[str], fonts: LetterFonts) -> NDArray[np.bool_]:
    return np.array([fonts.holds(letter, grid) for letter, grid in zip(letters, grids, strict=True)])


def print_held_out(
    network: Letterer, fonts: LetterFonts, split: str, count: int, seed: int, console: Console
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
        if not group:
            continue
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


def unbroken(words: tuple[str, ...], lines: tuple[str, ...], count: int, width: int) -> bool:
    """Whether each of ``count`` words, set one below the other, is found whole in ``lines`` if it fits."""
    height = len(words) // count
    blocks = [words[k : k + height] for k in range(0, len(words), height)]
    for block in blocks:
        wide = max(len(line.rstrip()) for line in block)
        places = ((y, x) for y in range(0, len(lines), height) for x in range(len(lines[0]) - wide + 1))
        if wide <= width and not any(
            all(line[x : x + wide] == part[:wide] for line, part in zip(lines[y:], block, strict=False))
            for y, x in places
        ):
            return False
    return True


def print_shapes(weights: str, console: Console) -> None:
    good = {"printable": 0, "rectangular": 0, "within the width": 0, "no word broken that fits": 0}
    asked = [(text, width, style) for text in TEXTS for width in (30, 80) for style in range(10)]
    for text, width, style in asked:
        banner = ascii(text, style=style, model=weights, width=width)
        # The same letters, one word to a line.
        words = ascii("\n".join(text.split()), style=style, model=weights, width=1000)
        good["printable"] += set("".join(banner.lines)) <= set(SYMBOLS)
        good["rectangular"] += len({len(line) for line in banner.lines}) == 1
        good["within the width"] += len(banner.lines[0]) <= width
        good["no word broken that fits"] += unbroken(words.lines, banner.lines, len(text.split()), width)
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
    parser.add_argument("weights", nargs="?", default="letterer")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--fonts", type=int, default=0, help="only the first so many; 0: all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    console, weights = Console(width=110), asked.weights
    print_held_out(
        Letterer.open(locate(weights)), letter_fonts(), asked.split, asked.fonts, asked.seed, console
    )
    print_styles(weights, console)
    print_shapes(weights, console)
    print_speed(weights, console)


if __name__ == "__main__":
    main()
