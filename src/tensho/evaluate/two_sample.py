"""The classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv 1610.06545): can a fresh network tell real from generated?

Each set is halved at random; the network learns on the first halves and answers for the second. An accuracy of 0.5
is what guessing gives.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.glyph_arrays import as_glyphs
from tensho.seeds import derived_seed

__all__ = ["TwoSample", "two_sample_test"]

_LEAST = 100
"""Images of a kind, below which the interval is wider than any difference."""

_EPOCHS = 10
"""Passes over the training half."""

_BATCH = 50
"""Images of each kind in a batch."""

_SEEN = 64

_NORMAL_95 = 1.959964
"""Quantile of the standard normal for a two-sided interval of 95 %."""


class TwoSample(NamedTuple):
    """Share of right answers on held-back images, and its 95 % confidence interval (Wilson)."""

    accuracy: float
    low: float
    high: float


def two_sample_test(
    real: ArrayLike, generated: ArrayLike, *, seed: int = 0, epochs: int = _EPOCHS
) -> TwoSample:
    """Train a small network to tell two sample sets apart and test it on other images of both.

    Args:
        real: a sample set as in `as_glyphs`; the larger set is cut to the size of the smaller one.
        generated: another, of images of the same size.
        seed: decides the halves, the initial weights and the order of training.
        epochs: how often the network sees each training image; small sets need more.

    Raises:
        TenshoError: a set has fewer than 100 images, or the sizes differ.
    """
    sides = [as_glyphs(real, what="the real set")]
    sides.append(as_glyphs(generated, what="the generated set", size=sides[0].shape[1]))
    count = min(map(len, sides))
    if count < _LEAST:
        raise TenshoError(f"the two-sample test has {count} images of a kind; give at least {_LEAST}")
    half = count // 2
    rng = np.random.default_rng(derived_seed("two-sample", seed))
    chosen = [torch.from_numpy(side[rng.permutation(len(side))[: 2 * half]]) for side in sides]
    train = torch.cat([side[:half] for side in chosen])
    test = torch.cat([side[half:] for side in chosen])
    truth = torch.arange(2).repeat_interleave(half).float()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed("two-sample network", seed))
        network = _trained(train, truth, epochs)
    with torch.inference_mode():
        answers = torch.cat([network(_prepared(part)) for part in test.split(_BATCH * 4)])
    right = int(((answers > 0) == (truth > 0.5)).sum())
    return _wilson(right, len(test))


def _trained(images: Tensor, truth: Tensor, epochs: int) -> nn.Module:
    # Larger pictures take another halving or two, so that the network sees as large a part of the glyph.
    further = [layer for _ in range(_further(images.shape[-1])) for layer in _block(64, 64)]
    network = nn.Sequential(
        *_block(1, 16),
        *_block(16, 32),
        *_block(32, 64),
        *further,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(64, 1),
        nn.Flatten(0),
    )
    steps = epochs * -(-len(images) // _BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    network.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(_BATCH):
            loss = functional.binary_cross_entropy_with_logits(
                network(_prepared(images[batch])), truth[batch]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def _further(size: int) -> int:
    """Halvings beyond the three that pictures of up to 127 pixels get: one at 128, two at 256."""
    return max(0, (size // _SEEN).bit_length() - 1)


def _block(channels: int, wider: int) -> list[nn.Module]:
    """Halves the side of the picture."""
    return [
        nn.Conv2d(channels, wider, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(wider),
        nn.ReLU(),
        nn.Conv2d(wider, wider, 3, padding=1, bias=False),
        nn.BatchNorm2d(wider),
        nn.ReLU(),
    ]


def _prepared(glyphs: Tensor) -> Tensor:
    return glyphs[:, None].float() / 255


def _wilson(right: int, count: int) -> TwoSample:
    share, z = right / count, _NORMAL_95
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return TwoSample(share, max(0.0, middle - reach), min(1.0, middle + reach))
