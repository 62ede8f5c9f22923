"""Remaps the letters of one font into the boxes and the symbols of another."""

from __future__ import annotations

import torch
from torch import Tensor

from tensho.text.ascii_grid import COLUMNS, MASK, PAD, ROWS

__all__ = ["box_columns", "boxed", "remapped_symbols"]


def remapped_symbols(neighbour: Tensor, given: Tensor, height: Tensor, columns: Tensor) -> Tensor:
    """A neighbour's letters, stretched to this style's boxes and written in its symbols.

    A symbol becomes the one that most often stands in its place in the given letters, or the commonest of their
    symbols if it never occurs there; without given letters it stays.

    Args:
        neighbour, given: int64 (B, G, ROWS, COLUMNS), `PAD` outside their boxes.
        height, columns: int64 (B,) and (B, G), the boxes of this style.
    """
    size = len(given)
    have_rows, have_columns = (neighbour != PAD).any(-1).sum(-1), box_columns(neighbour)
    wanted = height[:, None].expand_as(columns)
    rows = _source(have_rows, wanted, ROWS)
    across = _source(have_columns, columns, COLUMNS)
    places = (rows[..., :, None] * COLUMNS + across[..., None, :]).flatten(2)
    stretched = neighbour.flatten(2).gather(2, places).view_as(neighbour)
    stretched = boxed(torch.where(have_columns[..., None, None] > 0, stretched, PAD), height, columns)
    both = (stretched < MASK) & (given < MASK)
    pairs = torch.where(both, stretched * MASK + given, MASK * MASK).flatten(1)
    counts = torch.zeros(size, MASK * MASK + 1, device=given.device)
    counts = counts.scatter_add_(1, pairs, torch.ones_like(pairs).float())[:, :-1].view(size, MASK, MASK)
    ink = counts.sum(1)[:, 1:]
    commonest = torch.where(ink.sum(1) > 0, ink.argmax(1) + 1, 0)
    seen = counts.sum(2) > 0
    unseen = torch.where(commonest[:, None] > 0, commonest[:, None], torch.arange(MASK, device=given.device))
    table = torch.where(seen, counts.argmax(2), unseen)
    table[:, 0] = 0
    kept = torch.tensor([MASK, PAD], device=given.device).expand(size, 2)
    return torch.cat([table, kept], 1).gather(1, stretched.flatten(1)).view_as(stretched)


def boxed(codes: Tensor, height: Tensor, columns: Tensor) -> Tensor:
    """Grids (B, G, ROWS, COLUMNS) with `PAD` outside boxes of ``height`` (B,) rows and ``columns`` (B, G) columns."""
    rows = torch.arange(ROWS, device=codes.device) < height[:, None]
    across = torch.arange(COLUMNS, device=codes.device) < columns[..., None]
    return torch.where(rows[:, None, :, None] & across[:, :, None, :], codes, PAD)


def box_columns(codes: Tensor) -> Tensor:
    """The columns of the boxes of grids (B, G, ROWS, COLUMNS), int64 (B, G)."""
    return (codes != PAD).any(-2).sum(-1)


def _source(have: Tensor, wanted: Tensor, most: int) -> Tensor:
    """The old place of each new row or column, int64 (B, G, most)."""
    places = torch.arange(most, device=have.device) * 2 + 1
    old = places * have[..., None] // (2 * wanted[..., None]).clamp_min(1)
    return old.clamp(min=0).minimum((have[..., None] - 1).clamp_min(0))
