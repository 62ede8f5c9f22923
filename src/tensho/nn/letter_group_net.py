"""The network of the letterer: predicts the symbol of each cell of several letters in one style.

The symbols of a style are known by where they stand. For each symbol c of a group of letters, the *role* is the mean of local
features over the known cells that hold c, so that a symbol's vector is

    v_c = base_c + W [mean role of c, log(1 + count of c)],

both where it is read and where it is predicted, logits = ⟨h, v_c⟩: to rename the symbols of a group of letters renames the
prediction. Each letter goes through a small U-Net on blocks of 2 × 2 cells, and where that is coarsest every letter
attends to all letters of the group of letters.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.nn.residual import Residual
from tensho.text.ascii_grid import MASK, PAD

__all__ = ["LetterGroupNet", "Task"]

_CODES = PAD + 1

_FACTS = 11
"""Channels of `_facts`: four of coverage and seven of place and state."""


class Task(NamedTuple):
    """What is known of B groups of letters of G letters, on grids of H × W cells, multiples of 4.

    Attributes:
        codes: int64 (B, G, H, W): symbols, `MASK` where a symbol is to be predicted, `PAD` outside the boxes.
        neighbour: int64 (B, G, H, W): the same letters in a font near this one, in this one's symbols; PAD: none.
        content: float (B, G, 4, H, W) in [0, 1]: how much of each quadrant of a cell the letter's bitmap covers.
        condition: float (B, G, condition_width): what else is known of each letter.
    """

    codes: Tensor
    neighbour: Tensor
    content: Tensor
    condition: Tensor


class LetterGroupNet(nn.Module):
    """A `Task` → logits float (B, G, H, W, MASK) of the symbols that a cell may hold.

    Args:
        widths: channels of the U-Net's two levels, multiples of 8.
        symbol_width: of a symbol's vector.
        condition_width: of the condition.
        heads: attention heads of the coarsest level.
    """

    def __init__(
        self, widths: tuple[int, int], symbol_width: int, condition_width: int, heads: int = 4
    ) -> None:
        super().__init__()
        fine, coarse = widths
        self.base = nn.Embedding(_CODES, symbol_width)
        self.role = nn.Sequential(
            nn.Conv2d(_FACTS - 2, symbol_width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(symbol_width, symbol_width, 3, padding=1),
        )
        self.context = nn.Linear(symbol_width + 1, symbol_width)
        cell_width = 2 * symbol_width + _FACTS
        self.inlet = nn.Conv2d(4 * cell_width, fine, 1)
        self.down = Residual(fine, fine, condition_width)
        self.shrink = nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
        self.before = Residual(coarse, coarse, condition_width)
        self.norm = nn.GroupNorm(8, coarse)
        self.attention = nn.MultiheadAttention(coarse, heads, batch_first=True)
        self.after = Residual(coarse, coarse, condition_width)
        self.up = Residual(coarse + fine, fine, condition_width)
        self.outlet = nn.Conv2d(fine, 4 * symbol_width, 1)
        self.local = nn.Conv2d(cell_width, symbol_width, 1)
        self.scale = nn.Parameter(torch.tensor(symbol_width**-0.5))
        nn.init.normal_(self.base.weight, std=0.5)

    def forward(self, task: Task) -> Tensor:
        """Predict every cell at once."""
        size, glyphs, height, width = task.codes.shape
        facts = _facts(task)
        symbols = self._symbols(task.codes, self.role(facts[:, :-2]))
        shown = torch.stack([task.codes, task.neighbour], 2).flatten(1)
        rows = symbols.gather(1, shown[..., None].expand(-1, -1, symbols.shape[-1]))
        seen = rows.view(size * glyphs, 2, height, width, -1).permute(0, 1, 4, 2, 3).flatten(1, 2)
        cells = torch.cat([seen, facts], 1)
        features = self.local(cells) + functional.pixel_shuffle(self._unet(cells, task.condition), 2)
        hidden = features.view(size, glyphs, -1, height * width).transpose(2, 3).flatten(1, 2)
        logits = self.scale * hidden @ symbols[:, :MASK].transpose(1, 2)
        return logits.view(size, glyphs, height, width, MASK)  # type: ignore[no-any-return]

    def _symbols(self, codes: Tensor, roles: Tensor) -> Tensor:
        """The vectors v_c of every code in every group of letters, (B, _CODES, symbol_width)."""
        size, glyphs, height, width = codes.shape
        places = codes.flatten(1)
        local = roles.view(size, glyphs, -1, height * width).transpose(2, 3).flatten(1, 2).float()
        total = local.new_zeros(size, _CODES, local.shape[-1])
        total.scatter_add_(1, places[..., None].expand_as(local), local)
        count = local.new_zeros(size, _CODES).scatter_add_(1, places, torch.ones_like(places).float())
        context = torch.cat([total / count.clamp_min(1)[..., None], count[..., None].log1p()], -1)
        known = (count > 0) & (torch.arange(_CODES, device=codes.device) < MASK)
        return self.base.weight + self.context(context) * known[..., None]  # type: ignore[no-any-return]

    def _unet(self, cells: Tensor, condition: Tensor) -> Tensor:
        size, glyphs = condition.shape[:2]
        per_letter = functional.silu(condition.flatten(0, 1))
        fine = self.inlet(functional.pixel_unshuffle(cells, 2))
        fine = self.down(fine, per_letter)
        coarse = self.before(self.shrink(fine), per_letter)
        tokens = self.norm(coarse).flatten(2).transpose(1, 2).reshape(size, -1, coarse.shape[1])
        attended, _ = self.attention(tokens, tokens, tokens, need_weights=False)
        coarse = coarse + attended.reshape(size * glyphs, -1, coarse.shape[1]).transpose(1, 2).unflatten(
            2, coarse.shape[2:]
        )
        coarse = functional.interpolate(self.after(coarse, per_letter), fine.shape[-2:])
        painted = self.up(torch.cat([coarse, fine], 1), per_letter)
        return self.outlet(functional.silu(painted))  # type: ignore[no-any-return]


def _facts(task: Task) -> Tensor:
    """What a cell is, apart from which symbol stands in it: float (B·G, _FACTS, H, W)."""
    codes, height, width = task.codes, *task.codes.shape[-2:]
    inside = codes != PAD
    known = inside & (codes != MASK)
    rows = torch.linspace(0, 1, height, device=codes.device).view(-1, 1).expand_as(codes)
    columns = torch.linspace(0, 1, width, device=codes.device).expand_as(codes)
    feet = inside.flip(-2).cumsum(-2).flip(-2) / height
    plain = torch.stack([inside, known, known & (codes > 0), feet, rows, columns, task.neighbour != PAD], 2)
    return torch.cat([task.content, plain], 2).flatten(0, 1)
