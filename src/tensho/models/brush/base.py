"""`BrushBase`: the settings and the sampling interface of a brush, without torch."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from tensho.models.config import MOST_LAYERS, Config, setting

__all__ = ["BLANK", "CONDITIONS", "BrushBase", "BrushConfig"]

BLANK = -1.0
"""Paper, in a draft of range [-1, 1]."""

CONDITIONS = ("draft", "own_draft", "fine", "style")
"""What a drawing can be conditioned on; see `BrushBase.sample`."""

SIX_FACES = ("sans-jp", "serif-jp", "sans-sc", "serif-sc", "sans-tc", "serif-tc")


@dataclasses.dataclass(frozen=True)
class BrushConfig(Config):
    """Architecture and sampling of the brush."""

    size: int = setting(64, "Side of the glyph, in pixels.")
    block: int = setting(4, "Side of the pixel blocks that the network works on.")
    widths: tuple[int, ...] = setting((64, 128, 192), "Channels of each level; each halves the resolution.")
    blocks: int = setting(
        2, "Residual blocks of each level, on the way down and on the way up.", most=MOST_LAYERS
    )
    condition_width: int = setting(128, "Width of the embedding of time and style.")
    styles: tuple[str, ...] = setting(SIX_FACES, "Names of the styles; those of the data's faces.")
    roughness: float = setting(
        0.1, "Standard deviation σ of the noise on the draft that the flow starts from."
    )
    drop: float = setting(0.05, "Share of samples whose draft of the reference's parts is dropped.")
    distort: float = setting(0.5, "Share of samples that are slanted and stretched, drafts and glyph alike.")
    neighbourhood: float = setting(
        1.5, "Weight of the ink and the grey of neighbourhoods, beside that of each pixel."
    )
    adversarial: float = setting(
        0.0, "Weight of a critic that learns to tell copies from glyphs; 0: there is none."
    )
    evaluations: int = setting(2, "Network evaluations of one drawing.")
    contrast: float = setting(1.25, "How steeply the grey between paper and ink is made one or the other.")

    def check(self) -> None:
        """Raise `TenshoError` on a shape that the network cannot have."""
        self.require(self.block >= 1 and self.blocks >= 1, "--block and --blocks must be at least 1")
        self.require(
            bool(self.widths) and all(width >= 8 and width % 8 == 0 for width in self.widths),
            f"--widths is {self.widths}, but must be multiples of 8",
        )
        coarsest = self.block * 2 ** (len(self.widths) - 1)
        self.require(
            self.size > 0 and self.size % coarsest == 0,
            f"--size is {self.size}, but must be a multiple of {coarsest}",
        )
        self.require(self.roughness > 0, f"--roughness is {self.roughness}, but must be positive")
        self.require(0 <= self.drop < 1, f"--drop is {self.drop}, but must be in [0, 1)")
        self.require(0 <= self.distort <= 1, f"--distort is {self.distort}, but must be in [0, 1]")
        self.require(
            self.neighbourhood >= 0, f"--neighbourhood is {self.neighbourhood}, but must not be negative"
        )
        self.require(self.adversarial >= 0, f"--adversarial is {self.adversarial}, but must not be negative")
        self.require(self.evaluations >= 1, f"--evaluations is {self.evaluations}, but must be at least 1")
        self.require(self.contrast > 0, f"--contrast is {self.contrast}, but must be positive")
        self.require(len(self.styles) >= 1, "--styles names no style")


class BrushBase(ABC):
    """Turns drafts into fair copies, in a named style or in the drafts' own."""

    family: ClassVar[str] = "brush"
    chunk: ClassVar[int] = 4
    """Glyphs painted at once. Fixed, because the last bits of a convolution depend on the batch size."""

    config: BrushConfig

    @property
    def as_the_draft(self) -> int:
        """The style that means: as the draft is."""
        return len(self.config.styles)

    def style_index(self, name: str) -> int:
        """The index of a named style, `as_the_draft` for one that these weights have not seen."""
        return self.config.styles.index(name) if name in self.config.styles else self.as_the_draft

    @abstractmethod
    def sample(
        self,
        n: int,
        *,
        seed: int = 0,
        first: int = 0,
        steps: int | None = None,
        condition: Mapping[str, Any] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Any:
        """Paint glyphs ``first`` … ``first + n - 1`` of ``seed``; each depends on its own index and drafts alone.

        Args:
            n: how many.
            seed: any integer.
            first: index of the first one.
            steps: network evaluations; None: `BrushConfig.evaluations`.
            condition: arrays with first axis n: ``own_draft``, of the wanted face's parts, and ``draft``, of the
                reference face's, uint8 (n, 1, S, S), blank where there is none; ``fine``, the own draft at the
                resolution of the result, uint8 (n, 1, F, F), S where there is none; ``style`` int64 (n,), an index into
                the styles (see `style_index`), `as_the_draft` where there is none.
            progress: called with the number of glyphs that each finished chunk adds.

        Returns:
            float32 (n, 1, F, F) in [0, 1], an array or a tensor.

        Raises:
            TenshoError: n or steps is not positive, or a condition is unknown.
        """

    @abstractmethod
    def sample_at(
        self,
        indices: Sequence[int],
        *,
        seed: int = 0,
        steps: int | None = None,
        condition: Mapping[str, Any] | None = None,
    ) -> Any:
        """Paint one chunk of glyphs that need not stand beside each other in ``seed``.

        Args:
            indices: of `chunk` glyphs. Each comes out as `sample` paints it if it stands at the place index % chunk,
                whatever the others are.
            seed, steps, condition: see `sample`; the condition's first axis is that of ``indices``.

        Returns:
            float32 (chunk, 1, F, F) in [0, 1], an array or a tensor.
        """
