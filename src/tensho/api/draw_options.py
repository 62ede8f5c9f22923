"""`DrawOptions`: style, face, seed, steps, size, model and runtime, which every verb that draws takes alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tensho.bounds import MOST_STEPS, check_whole
from tensho.errors import TenshoError

__all__ = ["DEFAULTS", "DEFAULT_BRUSH", "DEFAULT_SIZE", "MOST_SEED", "OUTLINES", "RUNTIMES", "DrawOptions"]

DEFAULT_BRUSH = "brush"
"""The weights that paint where none are named."""

DEFAULT_SIZE = 128
"""Side of a glyph in pixels: twice what the brush looks at."""

RUNTIMES = ("torch", "onnx")
"""What can compute a model."""

OUTLINES = "outlines"
"""What draws a glyph that no network has painted, in the place of a model's name."""

MOST_SEED = (1 << 63) - 1

_SIZES = 16, 4096
"""Smallest and largest side of a glyph, in pixels."""


@dataclass(frozen=True)
class DrawOptions:
    """What to draw with, made once and passed on whole.

    Characters are composed of the outlines of a font wherever the style or the face has outlines: that is what no
    ``model`` means. They are painted by a brush where it has none, where the face has no donor of a part, and wherever
    a ``model`` or ``steps`` are asked for. ``model="outlines"`` insists on outlines, so a style without them is refused.

    Attributes:
        style: one of `tensho.api.styles.styles`; None: that of Noto Sans SC.
        face: a font file instead of a style: the characters as that font would have them. ``FONT.ttc#1`` is the second
            face of a collection, ``FONT.ttf#wght=700`` an instance of a variable font, and a folder holds scans, each
            named after its character as 永.png or U+6C38.png.
        seed: a whole number of at most 63 bits; the same one draws the same characters.
        steps: how long to sample, in the model's own unit, 1 to 1,024; None: its default.
        size: side of a glyph in pixels, 16 to 4096, 1024 if it is painted; None: `DEFAULT_SIZE`, or what the model was
            trained on.
        model: name of shipped weights, a ``.safetensors`` file, or the folder of a training run; None: see above.
        runtime: what computes the networks, "torch" or "onnx"; None: torch to paint with, if it is installed, and
            whichever starts sooner where no network paints.

    Raises:
        TenshoError: both a style and a face, or a number out of range.
    """

    style: str | None = None
    face: str | Path | None = None
    seed: int = 0
    steps: int | None = None
    size: int | None = None
    model: str | None = None
    runtime: str | None = None

    def __post_init__(self) -> None:
        if self.style is not None and self.face is not None:
            raise TenshoError("give a style or a face, not both")
        if self.runtime not in (None, *RUNTIMES):
            raise TenshoError(f"unknown runtime {self.runtime!r}; there are {' and '.join(RUNTIMES)}")
        check_whole("--size", self.pixels, *_SIZES)
        check_whole("--seed", self.seed, -MOST_SEED, MOST_SEED)
        if self.steps is not None:
            check_whole("--steps", self.steps, 1, MOST_STEPS)

    @property
    def pixels(self) -> int:
        """Side of a glyph in pixels, and of its cell in a sheet."""
        return DEFAULT_SIZE if self.size is None else self.size

    @property
    def outlines(self) -> bool:
        """Whether outlines are used where there are any."""
        return self.model == OUTLINES or (self.model is None and self.steps is None)

    @property
    def weights(self) -> str:
        """The weights that paint, if it comes to that."""
        return DEFAULT_BRUSH if self.model in (None, OUTLINES) else str(self.model)

    def painted(self) -> DrawOptions:
        """The same with weights that are named, so that they paint whatever outlines there are."""
        return replace(self, model=self.weights)


DEFAULTS = DrawOptions()
"""The defaults of all flags and keywords, said once."""
