r"""Distances between two sets of feature vectors, and what each set misses of the other.

With real vectors :math:`x_i` and generated :math:`y_j`:

- Fréchet distance of the fitted Gaussians, :math:`|\mu_x-\mu_y|^2+\mathrm{tr}(\Sigma_x+\Sigma_y-2(\Sigma_x\Sigma_y)^{1/2})`
  (Heusel et al. 2017, arXiv 1706.08500). It is biased upwards by few samples, so compare at one N only.
- KID, the unbiased squared MMD with the kernel :math:`(x\cdot y/d+1)^3` (Bińkowski et al. 2018, arXiv 1801.01401),
  averaged over disjoint blocks.
- Precision, the share of :math:`y_j` that lie in the ball of some :math:`x_i` that reaches to its 3rd nearest other
  :math:`x`; recall is the same with the sets exchanged (Kynkäänmäki et al. 2019, arXiv 1904.06991).
- Density, in how many balls of :math:`x_i`, to the 5th neighbour, :math:`y_j` lies on average, over 5; coverage, the
  share of :math:`x_i` that have a :math:`y_j` in their ball (Naeem et al. 2020, arXiv 2002.09797).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tensho.errors import TenshoError

__all__ = [
    "KID_BLOCK",
    "Coverage",
    "Kid",
    "Overlap",
    "density_coverage",
    "frechet",
    "kid",
    "precision_recall",
]

KID_BLOCK = 500
"""Vectors in one block of the KID estimate; there is one sd only where both sets hold at least two blocks."""

_ROWS = 1024
"""Rows of a distance matrix that are computed at once, by memory."""

Features = NDArray[np.floating[Any]]


class Kid(NamedTuple):
    """Mean over blocks, and the standard deviation of one block's estimate (0 where there is one block)."""

    mean: float
    block_sd: float


class Overlap(NamedTuple):
    """Shares in [0, 1]: of generated vectors among the real, and of real vectors among the generated."""

    precision: float
    recall: float


class Coverage(NamedTuple):
    """Density, at least 0 and 1 for equal distributions; coverage, a share in [0, 1]."""

    density: float
    coverage: float


def frechet(real: Features, generated: Features) -> float:
    """Fréchet distance of two sets of vectors (N, D) and (M, D).

    Raises:
        TenshoError: not two sets of vectors, values that are not finite, or as few vectors as dimensions.
    """
    from torchmetrics.image.fid import FrechetInceptionDistance

    _check(real, generated, least=real.shape[-1] + 1)
    given = nn.Identity()
    given.num_features = real.shape[1]
    metric = FrechetInceptionDistance(feature=given)
    metric.update(torch.from_numpy(real).double(), real=True)
    metric.update(torch.from_numpy(generated).double(), real=False)
    return float(metric.compute())


def kid(real: Features, generated: Features, *, block: int = KID_BLOCK) -> Kid:
    """Kernel distance of two sets of vectors (N, D) and (M, D); block k takes the k-th ``block`` rows of both.

    Raises:
        TenshoError: not two sets of vectors, values that are not finite, or fewer than ``block`` vectors.
    """
    from torchmetrics.image.kid import poly_mmd

    _check(real, generated, least=block)
    count = min(len(real), len(generated)) // block
    pairs = zip(
        torch.from_numpy(real[: count * block]).double().split(block),
        torch.from_numpy(generated[: count * block]).double().split(block),
        strict=True,
    )
    estimates = torch.stack([poly_mmd(x, y) for x, y in pairs])
    return Kid(float(estimates.mean()), float(estimates.std()) if count > 1 else 0.0)


def precision_recall(real: Features, generated: Features, *, neighbours: int = 3) -> Overlap:
    """Improved precision and recall of sets of vectors (N, D) and (M, D).

    Raises:
        TenshoError: not two sets of vectors, values that are not finite, or not more than ``neighbours`` vectors.
    """
    _check(real, generated, least=neighbours + 1)
    x, y = torch.from_numpy(real).double(), torch.from_numpy(generated).double()
    reach_x, reach_y = _reach(x, neighbours), _reach(y, neighbours)
    precise = torch.cat([(distances <= reach_x).any(dim=1) for distances in _distances(y, x)])
    recalled = torch.cat([(distances <= reach_y).any(dim=1) for distances in _distances(x, y)])
    return Overlap(float(precise.double().mean()), float(recalled.double().mean()))


def density_coverage(real: Features, generated: Features, *, neighbours: int = 5) -> Coverage:
    """Density and coverage of sets of vectors (N, D) and (M, D).

    Raises:
        TenshoError: not two sets of vectors, values that are not finite, or not more than ``neighbours`` vectors.
    """
    _check(real, generated, least=neighbours + 1)
    x, y = torch.from_numpy(real).double(), torch.from_numpy(generated).double()
    reach = _reach(x, neighbours)
    rows = zip(_distances(x, y), reach.split(_ROWS), strict=True)
    balls = torch.cat([(distances < radius[:, None]).sum(dim=1) for distances, radius in rows])
    return Coverage(
        float(balls.sum() / (neighbours * len(y))),
        float((balls > 0).double().mean()),
    )


def _reach(points: Tensor, neighbours: int) -> Tensor:
    """Distance of each point to its k-th nearest other point, (N,)."""
    # The point itself is the first of the k + 1 smallest.
    return torch.cat([rows.kthvalue(neighbours + 1, dim=1).values for rows in _distances(points, points)])


def _distances(x: Tensor, y: Tensor) -> Iterator[Tensor]:
    """Euclidean distances (≤ 1024, M), a few rows of x at a time.

    In double precision, and from the middle of y, the product form loses nothing that a float32 vector has.
    """
    middle = y.mean(dim=0)
    y = y - middle
    for rows in (x - middle).split(_ROWS):
        squared = rows.square().sum(dim=1)[:, None] + y.square().sum(dim=1) - 2 * rows @ y.T
        yield squared.clamp(min=0).sqrt()


def _check(real: Features, generated: Features, *, least: int) -> None:
    for name, features in (("real", real), ("generated", generated)):
        if features.ndim != 2 or features.shape[1] != real.shape[-1]:
            raise TenshoError(
                f"{name} features have shape {features.shape}; two sets (N, D) and (M, D) are needed"
            )
        if len(features) < least:
            raise TenshoError(
                f"{len(features)} {name} samples are too few for this measure; give at least {least}"
            )
        if not np.isfinite(features).all():
            raise TenshoError(f"{name} features hold values that are not finite; check the images")
