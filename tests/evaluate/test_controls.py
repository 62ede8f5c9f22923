import numpy as np
import pytest

from tensho.errors import TenshoError
from tensho.evaluate.controls import (
    DEGRADED,
    FLOOR,
    blurred,
    control_sets,
    distinct_characters,
    noise,
    oblique_bold,
    reference_set,
    scrambled,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_scrambling_moves_every_quadrant_and_loses_no_ink(glyphs, rng):
    mixed = scrambled(glyphs[:50], rng)
    for before, after in zip(glyphs[:50], mixed, strict=True):
        np.testing.assert_array_equal(np.sort(before, axis=None), np.sort(after, axis=None))
        for rows in (slice(0, 32), slice(32, 64)):
            for columns in (slice(0, 32), slice(32, 64)):
                own = before[rows, columns]
                assert not own.any() or not np.array_equal(own, after[rows, columns])


def test_oblique_bold_is_heavier_and_leans_to_the_right(glyphs, rng):
    bar = np.zeros((1, 64, 64), np.uint8)
    bar[0, 8:56, 30:34] = 255
    leaning = oblique_bold(bar, rng)[0]
    top, bottom = (np.flatnonzero(leaning[row] > 128).mean() for row in (12, 52))
    assert top - bottom == pytest.approx(10, abs=1)
    assert oblique_bold(glyphs, rng).sum() > 1.2 * glyphs.sum()


def test_blur_keeps_the_ink_and_spreads_it(glyphs, rng):
    soft = blurred(glyphs[:20], rng)
    assert soft.sum() == pytest.approx(glyphs[:20].sum(), rel=0.02)
    assert soft.max() < glyphs[:20].max()


def test_noise_is_uniform(glyphs, rng):
    assert noise(glyphs, rng).mean() == pytest.approx(127.5, abs=0.5)


def test_reference_and_floor_share_no_character_with_each_other_or_the_training(glyph_set):
    reference = {image.tobytes() for image in reference_set(glyph_set, 40)}
    controls = dict(control_sets(glyph_set, 40, seed=0))
    assert set(controls) == {FLOOR, "copier", "one face", *DEGRADED}
    assert all(images.shape == (40, 64, 64) for images in controls.values())
    floor = {image.tobytes() for image in controls[FLOOR]}
    train = {image.tobytes() for image in glyph_set.images[glyph_set.split("train")]}
    assert not reference & floor
    assert not (reference | floor) & train
    assert {image.tobytes() for image in controls["copier"]} <= train


def test_no_character_comes_again_before_all_have_come_once(glyph_set):
    characters = dict(
        zip((image.tobytes() for image in glyph_set.images), glyph_set.characters.tolist(), strict=True)
    )
    held_out = len(set(glyph_set.characters[glyph_set.split("test")]))
    distinct = distinct_characters(glyph_set)
    assert 0 < distinct <= held_out // 2
    n = distinct + 10
    for images in (reference_set(glyph_set, n), dict(control_sets(glyph_set, n, 0))[FLOOR]):
        names = [characters[image.tobytes()] for image in images]
        assert len(set(names[:distinct])) == distinct


def test_controls_are_a_function_of_the_seed(glyph_set):
    first, again, other = (dict(control_sets(glyph_set, 40, seed)) for seed in (0, 0, 1))
    for name, images in first.items():
        np.testing.assert_array_equal(images, again[name])
        assert not np.array_equal(images, other[name])


def test_more_glyphs_than_there_are_is_refused(glyph_set):
    with pytest.raises(TenshoError, match="lower -n"):
        reference_set(glyph_set, 10_000)
