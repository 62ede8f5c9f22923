import numpy as np
import pytest

from tensho.errors import TenshoError
from tensho.evaluate.two_sample import _further, _wilson, two_sample_test


def test_the_interval_is_wilsons():
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
    found = _wilson(81, 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@pytest.mark.parametrize(("size", "further"), [(32, 0), (64, 0), (127, 0), (128, 1), (256, 2)])
def test_a_larger_picture_is_halved_more_often(size, further):
    assert _further(size) == further


@pytest.mark.slow
def test_real_cannot_be_told_from_real_and_noise_can(glyphs):
    """An interval of 95 % misses one time in twenty, so three halvings are asked; of their mean one deviation is 0.015."""
    same = []
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(glyphs))
        same.append(two_sample_test(glyphs[order[:360]], glyphs[order[360:720]], seed=seed))
    assert np.mean([found.accuracy for found in same]) == pytest.approx(0.5, abs=0.07)
    assert any(found.low <= 0.5 <= found.high for found in same)
    noise = np.random.default_rng(0).integers(0, 256, (400, 64, 64), dtype=np.uint8)
    assert two_sample_test(glyphs, noise).accuracy > 0.99


def test_it_is_a_function_of_its_seed(glyphs):
    first, second = glyphs[:100], glyphs[100:200]
    assert two_sample_test(first, second, seed=1) == two_sample_test(first, second, seed=1)


def test_too_few_and_unequal_images_are_refused(glyphs):
    with pytest.raises(TenshoError, match="at least 100"):
        two_sample_test(glyphs[:99], glyphs)
    with pytest.raises(TenshoError, match="64×64"):
        two_sample_test(glyphs, glyphs[:, :32, :32])
