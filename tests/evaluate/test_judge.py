from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from tensho.evaluate.features import SPACES
from tensho.evaluate.judge import Judge

TEXT = "丁不世中乃久事二五井人今仕他代令件任企休住何作"


@pytest.fixture(scope="module")
def judge():
    return Judge(threads=1)


@pytest.fixture(scope="module")
def text(glyph_set):
    return np.stack([glyph_set.images[glyph_set.index(character, "sans-sc")] for character in TEXT])


def test_it_reads_what_is_written(judge, text):
    characters, confidences = judge.read(text)
    assert (characters == np.array(list(TEXT))).mean() >= 0.95
    assert np.median(confidences) > 0.9
    assert set(TEXT) <= judge.characters


def test_it_is_not_sure_of_noise(judge):
    noise = np.random.default_rng(0).integers(0, 256, (4, 64, 64), dtype=np.uint8)
    assert judge.read(noise)[1].max() < 0.9


def test_it_reads_other_sizes(judge, text):
    larger = text.repeat(2, axis=1).repeat(2, axis=2)
    assert (judge.read(larger)[0] == judge.read(text)[0]).mean() > 0.9


def test_a_batch_of_one_reads_the_same(judge, text):
    together, apart = judge.read(text), [judge.read(one[None]) for one in text[:3]]
    assert [str(characters[0]) for characters, _ in apart] == together[0][:3].tolist()
    np.testing.assert_allclose([confidence[0] for _, confidence in apart], together[1][:3], atol=1e-4)


@pytest.mark.parametrize(("space", "dimensions"), [("ocr", 120), ("efficientnet", 320), ("pixels", 256)])
def test_features_do_not_depend_on_the_batch(space, dimensions, text):
    together = SPACES[space](text)
    assert together.shape == (len(text), dimensions)
    assert together.dtype == np.float32
    apart = np.concatenate([SPACES[space](text[k : k + 1]) for k in range(3)])
    np.testing.assert_allclose(apart, together[:3], atol=1e-3 * together.std())


@pytest.mark.slow
def test_features_do_not_depend_on_the_number_of_processes(text):
    halves = [text[:12], text[12:]]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for features in SPACES.values():
            together = features(text)
            apart = np.concatenate(list(pool.map(features, halves)))
            np.testing.assert_allclose(apart, together, atol=1e-3 * together.std())


@pytest.mark.parametrize("space", SPACES)
def test_the_same_character_in_another_face_is_nearer_than_others(space, glyph_set, text):
    serif = np.stack([glyph_set.images[glyph_set.index(character, "serif-sc")] for character in TEXT])
    sans, other = SPACES[space](text), SPACES[space](serif)
    apart = np.linalg.norm(sans[:, None] - other[None], axis=2)
    assert (apart.argmin(axis=1) == np.arange(len(TEXT))).mean() > (0.9 if space == "ocr" else 0.3)
