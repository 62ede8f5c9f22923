import numpy as np
import pytest

from tensho.errors import TenshoError
from tensho.evaluate.copying import Nearest, TrainingSet, closest_pairs, copy_rate


def moved(glyph, down, right):
    """The glyph moved, what leaves the square lost."""
    page = np.zeros((64 + 20, 64 + 20), np.uint8)
    page[10 + down : 74 + down, 10 + right : 74 + right] = glyph
    return page[10:74, 10:74]


def naive_distance(a, b, reach=2):
    a, b = np.pad(a / 255.0, reach), np.pad(b / 255.0, reach)
    return min(
        ((np.roll(a, (y, x), (0, 1)) - b) ** 2).sum() / ((a**2).sum() + (b**2).sum())
        for y in range(-reach, reach + 1)
        for x in range(-reach, reach + 1)
    )


@pytest.fixture(scope="module")
def training(glyphs):
    return TrainingSet(glyphs[:600])


def test_a_copy_is_found_within_two_pixels_and_not_beyond(training, glyphs):
    copies = [
        moved(glyphs[k], *shift) for k, shift in enumerate([(0, 0), (2, -2), (-1, 2), (5, 5)], start=20)
    ]
    found = training.nearest(np.stack(copies))
    assert found.indices[:3].tolist() == [20, 21, 22]
    assert found.distances[:3].max() < 0.01
    assert found.distances[3] > 0.1


def test_distances_against_their_definition(training, glyphs):
    queries = glyphs[600:608]
    found = training.nearest(queries)
    for query, distance, index in zip(queries, *found, strict=True):
        assert distance == pytest.approx(naive_distance(query, glyphs[index]), abs=1e-5)


def test_the_quick_look_loses_hardly_any_nearest_glyph(training, glyphs):
    queries = glyphs[600:605]
    exact = [min(naive_distance(query, other) for other in glyphs[:600]) for query in queries]
    assert np.max(training.nearest(queries).distances - exact) < 0.03


def test_it_does_not_depend_on_the_batch(training, glyphs):
    together = training.nearest(glyphs[600:720])
    apart = [training.nearest(glyphs[k : k + 1]) for k in range(600, 720, 40)]
    np.testing.assert_array_equal(together.indices[::40], np.concatenate([one.indices for one in apart]))
    np.testing.assert_allclose(
        together.distances[::40], np.concatenate([one.distances for one in apart]), atol=1e-6
    )


def test_the_copier_is_exposed_and_the_held_out_are_not(training, glyphs):
    held_out, other = training.nearest(glyphs[600:680]), training.nearest(glyphs[680:])
    copies = training.nearest(np.stack([moved(glyph, 1, -1) for glyph in glyphs[100:140]]))
    assert copy_rate(copies, held_out) == 1
    assert copy_rate(other, held_out) < 0.1
    assert copy_rate(held_out, held_out) <= 0.02


def test_copy_rate_is_the_share_below_the_first_percentile():
    nothing = np.zeros(1000, np.int64)
    held_out = Nearest(np.linspace(0, 1, 1001, dtype=np.float32), np.zeros(1001, np.int64))
    samples = Nearest(np.linspace(0, 0.1, 1000, dtype=np.float32), nothing)
    assert copy_rate(samples, held_out) == pytest.approx(0.1, abs=0.002)


def test_blank_and_noisy_samples_have_a_distance(training):
    blank = np.zeros((1, 64, 64), np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (1, 64, 64), dtype=np.uint8)
    assert training.nearest(blank).distances[0] == 1
    assert 0.3 < training.nearest(noise).distances[0] <= 1


def test_the_picture_shows_the_closest_pair_first(training, glyphs):
    samples = np.stack([glyphs[700], moved(glyphs[7], 1, 1), glyphs[701]])
    page = 255 - np.asarray(closest_pairs(samples, training.nearest(samples), training, pairs=2))
    assert page.shape == (2 * 64 + 4 * 8, 2 * 72 + 8)
    np.testing.assert_array_equal(page[8:72, 8:72], samples[1])
    np.testing.assert_array_equal(page[76:140, 8:72], glyphs[7])


def test_other_sizes_are_refused(training):
    with pytest.raises(TenshoError, match="64×64"):
        training.nearest(np.zeros((1, 32, 32), np.uint8))
    with pytest.raises(TenshoError, match="training set"):
        TrainingSet(np.zeros((5, 64, 64), np.uint8))
