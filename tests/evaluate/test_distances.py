import numpy as np
import pytest
from torch import from_numpy
from torchmetrics.image.kid import KernelInceptionDistance

from tensho.errors import TenshoError
from tensho.evaluate import distances
from tensho.evaluate.distances import density_coverage, frechet, kid, precision_recall


def with_moments(rng, n, mean, covariance):
    """Vectors whose sample mean and covariance are exactly these."""
    x = rng.standard_normal((n, len(mean)))
    x -= x.mean(axis=0)
    x = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T
    return x @ np.linalg.cholesky(covariance).T + mean


def pairwise(x, y):
    return np.array([[np.sqrt(sum((a - b) ** 2)) for b in y] for a in x])


def naive_reach(x, k):
    return np.array([sorted(row)[k] for row in pairwise(x, x)])


@pytest.fixture
def sets():
    rng = np.random.default_rng(3)
    real = rng.standard_normal((60, 4))
    generated = rng.standard_normal((45, 4)) * 0.5 + 0.3
    return real, generated


def test_frechet_of_gaussians_that_share_axes():
    rng = np.random.default_rng(0)
    deviations = np.array([1.0, 2.0, 0.5]), np.array([1.5, 1.0, 0.7])
    means = np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 0.0])
    x, y = (with_moments(rng, 50, m, np.diag(d**2)) for m, d in zip(means, deviations, strict=True))
    expected = 5.0 + ((deviations[0] - deviations[1]) ** 2).sum()
    assert frechet(x, y) == pytest.approx(expected, abs=1e-6)
    assert frechet(y, x) == pytest.approx(expected, abs=1e-6)


def test_frechet_of_one_dimension_rotated_into_two():
    # tr sqrt(AB) of 2x2 matrices is sqrt(tr AB + 2 sqrt(det AB)).
    rng = np.random.default_rng(1)
    a, b = np.array([[2.0, 0.6], [0.6, 1.0]]), np.array([[1.0, -0.4], [-0.4, 3.0]])
    x, y = with_moments(rng, 40, np.zeros(2), a), with_moments(rng, 30, np.zeros(2), b)
    root = np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
    assert frechet(x, y) == pytest.approx(np.trace(a + b) - 2 * root, abs=1e-6)


def test_kid_against_double_loops(sets):
    real, generated = sets[0][:40], sets[1][:40]

    def kernel(a, b):
        return (a @ b / 4 + 1) ** 3

    blocks = []
    for k in range(2):
        x, y = real[20 * k : 20 * k + 20], generated[20 * k : 20 * k + 20]
        same = [[kernel(s[i], s[j]) for i in range(20) for j in range(20) if i != j] for s in (x, y)]
        across = [kernel(a, b) for a in x for b in y]
        blocks.append(np.mean(same[0]) + np.mean(same[1]) - 2 * np.mean(across))
    found = kid(real, generated, block=20)
    assert found.mean == pytest.approx(np.mean(blocks))
    assert found.block_sd == pytest.approx(np.std(blocks, ddof=1))


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance`:UserWarning")
def test_one_block_of_kid_against_torchmetrics(sets):
    real, generated = sets[0][:40], sets[1][:40]

    from torch import nn

    peer = KernelInceptionDistance(feature=nn.Identity(), subsets=1, subset_size=40)
    peer.update(from_numpy(real), real=True)
    peer.update(from_numpy(generated), real=False)
    assert kid(real, generated, block=40).mean == pytest.approx(float(peer.compute()[0]))


def test_kid_is_unbiased():
    rng = np.random.default_rng(5)
    estimate = kid(rng.standard_normal((4000, 3)), rng.standard_normal((4000, 3)), block=100)
    assert abs(estimate.mean) < 4 * estimate.block_sd / np.sqrt(40)


def test_precision_and_recall_against_double_loops(sets):
    real, generated = sets
    across = pairwise(generated, real)
    found = precision_recall(real, generated, neighbours=3)
    assert found.precision == pytest.approx((across <= naive_reach(real, 3)).any(axis=1).mean())
    assert found.recall == pytest.approx((naive_reach(generated, 3) >= across.T).any(axis=1).mean())


def test_density_and_coverage_against_double_loops(sets):
    real, generated = sets
    inside = pairwise(real, generated) < naive_reach(real, 5)[:, None]
    found = density_coverage(real, generated, neighbours=5)
    assert found.density == pytest.approx(inside.sum() / (5 * len(generated)))
    assert found.coverage == pytest.approx(inside.any(axis=1).mean())


def test_one_mode_of_two_is_precise_but_does_not_recall():
    rng = np.random.default_rng(2)
    modes = np.concatenate([rng.standard_normal((100, 3)), rng.standard_normal((100, 3)) + 50])
    one = rng.standard_normal((200, 3)) * 0.5
    collapsed, scattered = precision_recall(modes, one), precision_recall(one, modes)
    assert collapsed.precision == 1
    assert collapsed.recall < 0.5
    assert scattered.precision == pytest.approx(collapsed.recall)
    assert scattered.recall == 1
    assert density_coverage(modes, one).coverage <= 0.5
    assert density_coverage(modes, one).density > 1


def test_a_set_is_precise_against_itself(sets):
    real, _ = sets
    assert precision_recall(real, real) == (1, 1)
    assert density_coverage(real, real).coverage == 1


@pytest.mark.parametrize("rows", [1, 7, 10_000])
def test_rows_at_a_time_change_nothing(sets, rows, monkeypatch):
    whole = precision_recall(*sets), density_coverage(*sets)
    monkeypatch.setattr(distances, "_ROWS", rows)
    assert precision_recall(*sets) == pytest.approx(whole[0])
    assert density_coverage(*sets) == pytest.approx(whole[1])


def test_far_from_the_origin_nothing_is_lost():
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((2, 80, 5)).astype(np.float32)
    near = precision_recall(x, y), density_coverage(x, y)
    x, y = x.astype(np.float64) + 1e4, y.astype(np.float64) + 1e4
    assert (precision_recall(x, y), density_coverage(x, y)) == near


@pytest.mark.parametrize("measure", [frechet, kid, precision_recall, density_coverage])
def test_too_few_and_broken_vectors_are_refused(measure):
    rng = np.random.default_rng(0)
    with pytest.raises(TenshoError, match="too few"):
        measure(rng.standard_normal((1000, 3)), rng.standard_normal((3, 3)))
    broken = rng.standard_normal((1000, 3))
    broken[5, 1] = np.nan
    with pytest.raises(TenshoError, match="not finite"):
        measure(broken, rng.standard_normal((1000, 3)))
    with pytest.raises(TenshoError, match="shape"):
        measure(rng.standard_normal((1000, 3)), rng.standard_normal((1000, 4)))
