r"""Critic: a discriminator of the brush's copies and the true glyphs, for an adversarial loss.

Distances from the true glyph say nothing about which of two wrong copies looks like a glyph: an edge that is a little
too soft everywhere costs less than a stroke a pixel off. The critic scores a picture x, given its draft d and its style
s, and sees the glyph x_0 and its copy y as a pair (Jolicoeur-Martineau 2019, arXiv 1807.00734):

    critic   E softplus(C(y, d, s) - C(x_0, d, s)) + w E ‖∇C‖²,        brush   E softplus(C(x_0, d, s) - C(y, d, s)),

the gradient that of x_0 and y alike (Mescheder et al. 2018, arXiv 1801.04406; both of them, as in Huang et al. 2024,
arXiv 2501.05441). A pair shares all but the manner of drawing, so the manner is what the scores come to be about. The
score is a mean over places of the picture, of what a place looks like and how well that suits the style (a projection,
Miyato and Koyama 2018, arXiv 1802.05637).
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from tensho.models.gan import gradient_penalty
from tensho.nn.scaling import SLOPE, halved_sides, scaling_residuals

__all__ = ["Critic"]

BLOCK = 2
"""Side of the pixel blocks that it works on."""

WIDTHS = (32, 64, 128)
"""Channels of its levels; each halves the resolution."""

PENALTY, PENALISED = 0.3, 8
"""w, and the pairs of a batch that it is asked for: a gradient of a gradient is dear."""


class Critic(nn.Module):
    """Scores pictures of glyphs beside their drafts."""

    def __init__(self, size: int, styles: int) -> None:
        super().__init__()
        sides = halved_sides(size // BLOCK, len(WIDTHS) - 1)
        self.places = nn.Sequential(
            nn.PixelUnshuffle(BLOCK),
            nn.Conv2d(2 * BLOCK**2, WIDTHS[0], 3, padding=1),
            *scaling_residuals(WIDTHS, sides),
            nn.LeakyReLU(SLOPE),
        )
        self.look = nn.Conv2d(WIDTHS[-1], 1, 1)
        self.suits = nn.Embedding(styles, WIDTHS[-1])
        nn.init.zeros_(self.suits.weight)

    def forward(self, pictures: Tensor, drafts: Tensor, style: Tensor) -> Tensor:
        """Score pictures, any range, higher for what looks like a glyph.

        Args:
            pictures, drafts: float (B, 1, S, S) in [-1, 1].
            style: int64 (B,).

        Returns:
            float32 (B,).
        """
        places = self.places(torch.cat([pictures, drafts], 1)).float()
        look: Tensor = self.look(places).float().mean((1, 2, 3))
        suited: Tensor = places.mean((2, 3)) * self.suits(style)
        return look + suited.sum(1)

    def margin(self, glyphs: Tensor, copies: Tensor, drafts: Tensor, style: Tensor) -> Tensor:
        """How much higher glyphs score than their copies, float32 (B,); see `forward`."""
        real, drawn = self._both(torch.cat([glyphs, copies]), drafts, style).chunk(2)
        return real - drawn

    def penalty(self, glyphs: Tensor, copies: Tensor, drafts: Tensor, style: Tensor) -> Tensor:
        """w E ‖∇C‖² over some glyphs and copies of the batch, () float32."""
        glyphs, copies, drafts, style = (each[:PENALISED] for each in (glyphs, copies, drafts, style))
        score = partial(self._both, drafts=drafts, style=style)
        return PENALTY * gradient_penalty(score, torch.cat([glyphs, copies]), 0.0)

    def _both(self, pictures: Tensor, drafts: Tensor, style: Tensor) -> Tensor:
        """Scores (2 B,) of glyphs and then their copies, (2 B, 1, S, S), which share drafts and styles."""
        scores: Tensor = self(pictures, drafts.repeat(2, 1, 1, 1), style.repeat(2))
        return scores
