"""`ascii`: text as ASCII art, in the style of a few drawn letters, of a FIGlet font, or of a number."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from tensho.ascii_art.banner import SPACINGS, Spacing, banner
from tensho.ascii_art.drawing import draw_letters
from tensho.ascii_art.exact import EXACT, Exact, exact_letter
from tensho.ascii_art.reference import read_reference
from tensho.ascii_art.styles import (
    NAMED_STYLES,
    Style,
    named_style,
    random_style_of_seed,
    style_like,
    style_of_letters,
)
from tensho.datasets.letters.fonts import LetterFonts, letter_fonts
from tensho.datasets.letters.groups import letter_shapes
from tensho.errors import TenshoError
from tensho.fonts.letter_bitmaps import split_letters
from tensho.models import loading
from tensho.models.letterer import Letterer
from tensho.text.ascii_grid import lines_of

__all__ = ["NAMED_STYLES", "AsciiArt", "ascii"]

DEFAULT_LETTERER = "letterer"

_MOST_LETTERS = 512
"""Different letters of one text, at most."""


@dataclasses.dataclass(frozen=True, eq=False)
class AsciiArt:
    """A banner; `str` of it is its text.

    Attributes:
        lines: all of one length.
        style: what was asked for: a name, a number, a FIGlet font or a file.
        unfinished: sets the banner as it was after each evaluation of the network.
    """

    lines: tuple[str, ...]
    style: str
    unfinished: Callable[[], Iterator[list[str]]] = dataclasses.field(default=lambda: iter(()), repr=False)

    def frames(self) -> Iterator[list[str]]:
        """The banner after each evaluation of the network, as lines; "?" stands where nothing is known yet."""
        return self.unfinished()

    @property
    def text(self) -> str:
        """The lines without the spaces at their ends."""
        return "\n".join(line.rstrip() for line in self.lines)

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.text)}</pre>"


def ascii(
    text: str,
    *,
    style: str | int | None = None,
    like: str | None = None,
    reference: str | Path | None = None,
    exact: Exact | None = None,
    width: int = 80,
    layout: Spacing = "apart",
    steps: int | None = None,
    seed: int = 0,
    model: str = DEFAULT_LETTERER,
    progress: Callable[[int, int], None] | None = None,
) -> AsciiArt:
    """Draw text as ASCII art, all of it in one style.

    Letters that a reference holds are taken from it; all others are drawn by the letterer, whatever their script.

    Args:
        text: any characters that a face at hand has; line breaks are kept.
        style: one of `tensho.ascii_art.styles.NAMED_STYLES`, or a number; each number is a style of its own. None: the number ``seed``.
        like: a FIGlet font whose style is followed.
        reference: a file with a few drawn letters; see `tensho.ascii_art.reference`.
        exact: draw no style but the letters themselves, in ``braille`` or in half ``blocks``.
        width: most columns of the banner.
        layout: ``apart``, or closer by FIGlet's rules: ``kern`` or ``smush``.
        steps: network evaluations; None: the model's default.
        seed: any integer.
        model: name of the letterer's weights, a ``.safetensors`` file, or the folder of a training run.
        progress: called with the fonts read and all to read when the set of letter fonts has to be built first.

    Raises:
        TenshoError: nothing to draw, a character that no face at hand has, a width too small for a letter, an
            unknown style, font, layout or model, or a reference that cannot be read.
    """
    paragraphs = _paragraphs(text)
    letters = list(Counter(letter for words in paragraphs for word in words for letter in word))
    _check(letters, width, layout)
    if sum(choice is not None for choice in (style, like, reference, exact)) > 1:
        raise TenshoError(
            "--style, --like, --reference and --exact are ways to choose a style; give one of them"
        )
    if exact is not None:
        return AsciiArt(tuple(_exactly(paragraphs, letters, exact, width, layout)), exact)
    letter_shapes(letters)  # refuses what cannot be drawn before anything is computed
    network, fonts = _letterer(model), letter_fonts(progress)
    name = str(reference or like or (seed if style is None else style))
    if reference is not None:
        chosen = style_of_letters(read_reference(Path(reference)), fonts)
    else:
        chosen = style_like(like, letters, fonts) if like is not None else _style(name, letters, fonts)
    steps_of = draw_letters(network, fonts, chosen, letters, seed=seed, steps=steps)
    space = max(2, round(chosen.metric.em * 0.5))

    def setting(stage: int) -> list[str]:
        letters_then = {letter: grids[min(stage, len(grids) - 1)] for letter, grids in steps_of.items()}
        drawn = {letter: lines_of(grid, "?") for letter, grid in letters_then.items()}
        return banner(paragraphs, drawn, width=width, space=space, layout=layout)

    stages = max(map(len, steps_of.values()))
    return AsciiArt(tuple(setting(stages - 1)), name, lambda: map(setting, range(stages)))


def _check(letters: Sequence[str], width: int, layout: Spacing) -> None:
    if not letters:
        raise TenshoError("there is nothing to draw; give a text with at least one letter")
    if len(letters) > _MOST_LETTERS:
        raise TenshoError(
            f"the text has {len(letters)} different letters, but {_MOST_LETTERS} is the most; draw it in parts"
        )
    if width < 1:
        raise TenshoError(f"--width is {width}, but at least 1 column is needed")
    if layout not in SPACINGS:
        raise TenshoError(f"unknown layout {layout!r}; there are {', '.join(SPACINGS)}")


def _exactly(
    paragraphs: list[list[list[str]]], letters: Sequence[str], kind: Exact, width: int, layout: Spacing
) -> list[str]:
    if kind not in EXACT:
        raise TenshoError(f"unknown characters {kind!r}; there are {', '.join(EXACT)}")
    drawn = {letter: exact_letter(letter, kind) for letter in letters}
    return banner(paragraphs, drawn, width=width, space=4, layout=layout)


def _style(name: str, letters: Sequence[str], fonts: LetterFonts) -> Style:
    if name.removeprefix("-").isdecimal():
        return random_style_of_seed(int(name), letters, fonts)
    return named_style(name, fonts)


def _paragraphs(text: str) -> list[list[list[str]]]:
    return [[split_letters(word) for word in line.split()] for line in text.splitlines()]


@lru_cache(maxsize=1)
def _letterer(name: str) -> Letterer:
    loaded = loading.load(name)
    if not isinstance(loaded, Letterer):
        raise TenshoError(
            f"{name} is a {loaded.family}, which draws no ASCII art; name weights of a letterer"
        )
    return loaded
