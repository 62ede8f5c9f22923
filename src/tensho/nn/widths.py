"""Predicts how wide a letter is from the widths of other letters of its style."""

from __future__ import annotations

import torch
from torch import Tensor, cat, nn

__all__ = ["WidthHead"]

_GUESSES = 4
"""Simple guesses at a width that the network weighs."""


class WidthHead(nn.Module):
    """A distribution over the widths 1 … ``most`` of each letter of a group of letters.

    There are four guesses: the letter's width in a near font, that in proportion to the known letters, its natural
    width in proportion to them, and their mean width. With learned kernels K_j and trust a_j, the logit of width w is

        f(w) + Σ_j a_j K_j(w - guess_j),

    where f and a come from what is known of the letter and from the mean of what a small network makes of each letter
    whose width is known (Zaheer et al. 2017, Deep Sets, arXiv 1703.06114, section 3).
    """

    def __init__(self, letters: int, most: int, hidden: int = 96) -> None:
        super().__init__()
        self.most = most
        self.letter = nn.Embedding(letters, 16)
        self.known = nn.Sequential(nn.Linear(16 + 5, hidden), nn.SiLU(), nn.Linear(hidden, hidden))
        self.answer = nn.Sequential(
            nn.Linear(16 + 4 + _GUESSES + hidden, hidden), nn.SiLU(), nn.Linear(hidden, most + _GUESSES)
        )
        distance = torch.arange(1 - most, most).abs().float()
        self.kernel = nn.Parameter((-distance.clamp(max=6) / 2).repeat(_GUESSES, 1))

    def forward(
        self, letters: Tensor, natural: Tensor, neighbour: Tensor, columns: Tensor, height: Tensor
    ) -> Tensor:
        """Logits, float (B, G, most).

        Args:
            letters: int64 (B, G).
            natural: float (B, G), widths that the letters would have in the face of their bitmaps, in columns.
            neighbour: int64 (B, G), their widths in a near font; 0: not known.
            columns: int64 (B, G), their widths; 0: not known, which is not so for all letters of a group of letters.
            height: int64 (B,), rows of the boxes.
        """
        guesses = self._guesses(natural, neighbour, columns)
        tall = (height[:, None] / self.most).expand_as(natural)
        sides = torch.stack([natural / self.most, neighbour / self.most, (neighbour > 0).float(), tall], -1)
        letter = cat([self.letter(letters), sides], -1)
        known = (columns > 0)[..., None]
        each = self.known(cat([letter, columns[..., None] / self.most], -1)) * known
        style = each.sum(1) / known.sum(1).clamp_min(1)
        seen = [letter, guesses / self.most, style[:, None].expand(*letters.shape, -1)]
        free, trust = self.answer(cat(seen, -1)).split([self.most, _GUESSES], -1)
        widths = torch.arange(1, self.most + 1, device=letters.device)
        apart = widths - guesses[..., None].round().long() + self.most - 1
        kernels = self.kernel.expand(*letters.shape, -1, -1).gather(-1, apart)
        return free + ((1 + trust)[..., None] * kernels).sum(-2)  # type: ignore[no-any-return]

    def _guesses(self, natural: Tensor, neighbour: Tensor, columns: Tensor) -> Tensor:
        """In columns, float (B, G, 4), between 1 and ``most``; without a near font its two are the mean width."""
        known = columns > 0
        both = known & (neighbour > 0)
        mean = (columns.sum(1) / known.sum(1).clamp_min(1))[:, None].expand_as(natural)
        wider = (columns * both).sum(1) / (neighbour * both).sum(1).clamp_min(1)
        scale = (columns.sum(1) / (natural * known).sum(1).clamp_min(1))[:, None]
        wider = torch.where(both.any(1), wider, 1.0)[:, None]
        near = torch.where(neighbour > 0, neighbour.float(), mean)
        return torch.stack([near, near * wider, natural * scale, mean], -1).clamp(1, self.most)
