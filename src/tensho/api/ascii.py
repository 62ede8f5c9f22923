"""`ascii`: text as ASCII art, in the style of a few drawn letters, of a FIGlet font, or of a number."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from tensho.api.draw_options import MOST_SEED
from tensho.ascii_art.banner import SPACINGS, Spacing, banner
from tensho.ascii_art.comments import LANGUAGES, check_language, commented
from tensho.ascii_art.exact import EXACT, Exact, exact_letter
from tensho.ascii_art.figlet import FIGLET_LAYOUTS, FigletLayout, figlet_banner
from tensho.ascii_art.gradient import GRADIENTS, colour, gradient_colours
from tensho.ascii_art.justification import JUSTIFICATIONS, Justification
from tensho.ascii_art.reference import read_reference
from tensho.ascii_art.styles import (
    NAMED_STYLES,
    Style,
    letters_of_style,
    named_style,
    random_style_of_seed,
    style_like,
    style_of_letters,
)
from tensho.atomic import replaced_file
from tensho.bounds import MOST_STEPS, check_text, check_whole
from tensho.datasets.letters.fonts import LetterFonts, letter_fonts
from tensho.datasets.letters.groups import letter_shapes
from tensho.errors import TenshoError
from tensho.export.lettering import html_page, lettering_picture, lettering_svg
from tensho.fonts.letter_bitmaps import split_letters
from tensho.sheet import check_picture_name, save_picture
from tensho.text.ascii_grid import lines_of
from tensho.text.columns import cells, columns
from tensho.text.figlet_font import open_figlet_font

if TYPE_CHECKING:
    from tensho.models.letterer import Letterer

__all__ = [
    "FIGLET_LAYOUTS",
    "GRADIENTS",
    "JUSTIFICATIONS",
    "LANGUAGES",
    "NAMED_STYLES",
    "SPACINGS",
    "AsciiArt",
    "ascii",
    "check_colours",
    "check_language",
    "chosen_style",
    "is_number",
    "letterer",
    "space_of",
    "style_samples",
]

DEFAULT_LETTERER = "letterer"

_MOST_COLUMNS = 100_000
"""Of a banner."""

_MOST_LETTERS = 512
"""Different letters of one text, at most."""


@dataclasses.dataclass(frozen=True, eq=False)
class AsciiArt:
    """A banner; `str` of it is its text.

    Attributes:
        lines: all of one width, in columns of a terminal.
        style: what was asked for: a name, a number, a FIGlet font or a file.
        title: what it says.
        unfinished: sets the banner as it was after each evaluation of the network.
    """

    lines: tuple[str, ...]
    style: str
    title: str = ""
    unfinished: Callable[[], Iterator[list[str]]] = dataclasses.field(default=lambda: iter(()), repr=False)

    def frames(self) -> Iterator[list[str]]:
        """The banner after each evaluation of the network, as lines; "?" stands where nothing is known yet."""
        return self.unfinished()

    @property
    def width(self) -> int:
        """In columns of a terminal."""
        return columns(self.lines[0])

    @property
    def text(self) -> str:
        """The lines without the spaces at their ends."""
        return "\n".join(line.rstrip() for line in self.lines)

    def __str__(self) -> str:
        return self.text

    def comment(self, language: str) -> str:
        """The text as a comment in a source file of one of `LANGUAGES`.

        Raises:
            TenshoError: the language is not known, or the banner holds what would end the comment.
        """
        return "\n".join(commented(self.lines, language))

    def inks(self, gradient: str | None = None) -> NDArray[np.uint8]:
        """The colour of each column, uint8 (width, 3): of a gradient across the banner, black without one.

        Args:
            gradient: one of `GRADIENTS`, or colours as CSS writes them with commas between them.

        Raises:
            TenshoError: something is no colour.
        """
        return gradient_colours(gradient or "black", self.width)

    def coloured_cells(self, gradient: str) -> Iterator[list[tuple[str, tuple[int, int, int]]]]:
        """The symbols of each line of `text`, each with the colour of its column; see `inks`."""
        inks = [(red, green, blue) for red, green, blue in self.inks(gradient).tolist()]
        for line in self.lines:
            yield list(zip(cells(line.rstrip()), inks, strict=False))

    def save(self, path: Path, *, gradient: str | None = None, background: str | None = None) -> None:
        """Write the banner: as a page (.html), as a drawing (.svg), as text (.txt), or as a picture.

        Args:
            path: where; the ending says in which form.
            gradient: see `inks`.
            background: a colour; None: white, or nearly black under a gradient.

        Raises:
            TenshoError: something is no colour, the ending is unknown, or the file cannot be written.
        """
        inks, ending = self.inks(gradient), path.suffix.lower()
        page = colour(background or ("white" if gradient is None else "#14161f"))
        if ending in (".html", ".htm", ".svg", ".txt"):
            if ending == ".txt":
                content = self.text + "\n"
            else:
                draw = lettering_svg if ending == ".svg" else html_page
                content = draw(self.lines, inks, page, self.title)
            with replaced_file(path) as temporary:
                temporary.write_text(content, encoding="utf-8")
        else:
            check_picture_name(path)
            save_picture(lettering_picture(self.lines, inks, page), path)

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
    font: str | Path | None = None,
    width: int = 80,
    layout: Spacing | FigletLayout | None = None,
    justification: Justification | None = None,
    right_to_left: bool | None = None,
    steps: int | None = None,
    seed: int = 0,
    model: str = DEFAULT_LETTERER,
    progress: Callable[[int, int], None] | None = None,
) -> AsciiArt:
    """Draw text as ASCII art, all of it in one style.

    Letters that a reference holds are taken from it; all others are drawn by the letterer, whatever their script.

    Args:
        text: any characters that a face at hand has, or ``font``. Line breaks and spaces are kept; a tab stands for spaces up to
            the next eighth character.
        style: one of `tensho.ascii_art.styles.NAMED_STYLES`, or a number; each number is a style of its own. None: the number ``seed``.
        like: a FIGlet font whose style is followed, a name or a file.
        reference: a file with a few drawn letters; see `tensho.ascii_art.reference`.
        exact: draw no style but the letters themselves, in ``braille`` or in half ``blocks``.
        font: set the text in this very font of FIGlet or TOIlet, a file or a name that pyfiglet has.
        width: most columns of the banner.
        layout: ``apart``, or closer by FIGlet's rules: ``kern`` or ``smush``. With ``font``: as it says (``font``), at ``full``
            width, ``kern``, ``smush`` by the font's rules, or ``overlap`` for universal smushing. None: ``apart`` and ``font``.
        justification: ``left``, ``center`` or ``right`` within ``width``; None: to the side from which the text is written.
        right_to_left: write to the left; None: as ``font`` says, else to the right.
        steps: network evaluations; None: the model's default.
        seed: any integer.
        model: name of the letterer's weights, a ``.safetensors`` file, or the folder of a training run.
        progress: called with the fonts read and all to read when the set of letter fonts has to be built first.

    Raises:
        TenshoError: nothing to draw, a character that no face at hand has, a width too small for a letter, an
            unknown style, font, layout or model, or a reference or font that cannot be read.
    """
    check_text("what to draw", text)
    check_whole("--seed", seed, -MOST_SEED, MOST_SEED)
    text = text.removeprefix("\ufeff")
    paragraphs = _paragraphs(text)
    letters = list(Counter(letter for words in paragraphs for word in words for letter in word))
    if sum(choice is not None for choice in (style, like, reference, exact, font)) > 1:
        raise TenshoError(
            "--style, --like, --reference, --exact and --font are ways to choose a style; give one of them"
        )
    chosen_layout = layout or ("apart" if font is None else "font")
    _check(letters, width, chosen_layout, SPACINGS if font is None else FIGLET_LAYOUTS, justification)
    if steps is not None:
        check_whole("--steps", steps, 1, MOST_STEPS)
    if font is not None:
        lines = figlet_banner(
            text,
            open_figlet_font(font),
            width=width,
            layout=cast(FigletLayout, chosen_layout),
            justification=justification,
            right_to_left=right_to_left,
        )
        return AsciiArt(tuple(lines), str(font), text)
    if len(letters) > _MOST_LETTERS:
        raise TenshoError(
            f"the text has {len(letters)} different letters, but {_MOST_LETTERS} is the most; draw it in parts"
        )
    set_in = partial(
        banner,
        paragraphs,
        width=width,
        layout=cast(Spacing, chosen_layout),
        justification=justification,
        right_to_left=bool(right_to_left),
    )
    if exact is not None:
        return AsciiArt(tuple(set_in(_exactly(letters, exact), space=4)), exact, text)
    from tensho.ascii_art.drawing import draw_letters  # torch takes seconds to import, and fonts need none

    letter_shapes(letters)  # refuses what cannot be drawn before anything is computed
    network, fonts = letterer(model), letter_fonts(progress)
    name, chosen = chosen_style(letters, fonts, style=style, like=like, reference=reference, seed=seed)
    steps_of = draw_letters(network, fonts, chosen, letters, seed=seed, steps=steps)
    space = space_of(chosen)

    def setting(stage: int) -> list[str]:
        letters_then = {letter: grids[min(stage, len(grids) - 1)] for letter, grids in steps_of.items()}
        drawn = {letter: lines_of(grid, "?") for letter, grid in letters_then.items()}
        return set_in(drawn, space=space)

    stages = max(map(len, steps_of.values()))
    return AsciiArt(tuple(setting(stages - 1)), name, text, lambda: map(setting, range(stages)))


@lru_cache(maxsize=1)
def letterer(name: str) -> Letterer:
    """The letterer of that name, loaded once.

    Raises:
        TenshoError: there is none, or it is a network of another family.
    """
    from tensho.models import loading  # torch takes seconds to import
    from tensho.models.letterer import Letterer

    loaded = loading.load(name)
    if not isinstance(loaded, Letterer):
        raise TenshoError(
            f"{name} is a {loaded.family}, which draws no ASCII art; name weights of a letterer"
        )
    return loaded


def chosen_style(
    letters: Sequence[str],
    fonts: LetterFonts,
    *,
    style: str | int | None,
    like: str | None,
    reference: str | Path | None,
    seed: int,
) -> tuple[str, Style]:
    """The name of a style and what letters are drawn from in it; see `ascii` for the arguments and what it raises."""
    name = str(reference or like or (seed if style is None else style))
    if reference is not None:
        return name, style_of_letters(read_reference(Path(reference)), fonts)
    if like is not None:
        return name, style_like(like, letters, fonts)
    if is_number(name):
        return name, random_style_of_seed(int(name), letters, fonts)
    return name, named_style(name, fonts)


def is_number(style: str) -> bool:
    """Whether a style is one of those that only a number names."""
    return style.removeprefix("-").isdecimal()


def space_of(style: Style) -> int:
    """Blank columns between the words of a banner in this ``style``."""
    return max(2, round(style.metric.em * 0.5))


def style_samples() -> dict[str, str]:
    """The styles that come with the package by name, each with the first of the letters that say it, as lines."""
    letters = {name: next(iter(letters_of_style(name).values())) for name in NAMED_STYLES}
    return {
        name: "\n".join(line.rstrip() for line in lines_of(letter)).strip("\n")
        for name, letter in letters.items()
    }


def check_colours(gradient: str | None, background: str | None) -> None:
    """Raise a `TenshoError` unless these are colours, or None; see `AsciiArt.save`."""
    gradient_colours(gradient or "black", 1)
    colour(background or "white")


def _check(
    letters: Sequence[str],
    width: int,
    layout: str,
    layouts: Sequence[str],
    justification: Justification | None,
) -> None:
    if not letters:
        raise TenshoError("there is nothing to draw; give a text with at least one letter")
    check_whole("--width", width, 1, _MOST_COLUMNS)
    if layout not in layouts:
        raise TenshoError(f"unknown layout {layout!r}; there are {', '.join(layouts)}")
    if justification not in (None, *JUSTIFICATIONS):
        raise TenshoError(f"unknown justification {justification!r}; there are {', '.join(JUSTIFICATIONS)}")


def _exactly(letters: Sequence[str], kind: Exact) -> dict[str, list[str]]:
    if kind not in EXACT:
        raise TenshoError(f"unknown characters {kind!r}; there are {', '.join(EXACT)}")
    return {letter: exact_letter(letter, kind) for letter in letters}


def _paragraphs(text: str) -> list[list[list[str]]]:
    """Lines as words, words as letters; between two words stands one space, so that a second one makes an empty word."""
    return [
        [split_letters(word) for word in re.split(r"\s", line.expandtabs())] for line in text.splitlines()
    ]
