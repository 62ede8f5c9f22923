from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tensho.models.brush.base import BrushBase, BrushConfig
from tensho.models.brush.painting import paint, smear
from tensho.models.loading import load

SIDE = 32


class Smudger(BrushBase):
    """Draws the own draft, all grey where there is a reference's draft whose first pixel is not blank."""

    def __init__(self):
        self.config = BrushConfig(size=SIDE)
        self.painted, self.again = [], []

    def sample(self, n, *, seed=0, first=0, steps=None, condition=None, progress=None):
        self.painted.append((first, n))
        return self.copies(condition)

    def sample_at(self, indices, *, seed=0, steps=None, condition=None):
        self.again.append(list(indices))
        return self.copies(condition)

    def copies(self, condition):
        images = condition["own_draft"].astype(np.float32) / 255
        images[condition["draft"][:, 0, 0, 0] > 0] = 0.5
        return images


def drafts(confused):
    own = np.zeros((len(confused), 1, SIDE, SIDE), np.uint8)
    own[..., 4:28, 10:14] = 255
    reference = own.copy()
    reference[confused, 0, 0, 0] = 255
    return {"own_draft": own, "draft": reference, "fine": own, "style": np.zeros(len(confused), np.int64)}


def test_a_smeared_copy_is_painted_again_without_the_reference():
    painter, condition = Smudger(), drafts([False, True, False])
    images = paint(painter, condition, first=5)
    np.testing.assert_array_equal(images, condition["own_draft"][:, 0] / np.float32(255))
    assert painter.painted == [(5, 3)]
    assert painter.again == [[6] * painter.chunk]


def test_what_is_not_smeared_is_painted_once():
    painter = Smudger()
    paint(painter, drafts([False, False]))
    assert (painter.painted, painter.again) == ([(0, 2)], [])


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 9))
def test_smeared_copies_are_painted_again_a_chunk_at_a_time_each_at_its_place(confused, first):
    painter, condition = Smudger(), drafts(confused)
    images = paint(painter, condition, first=first)
    np.testing.assert_array_equal(images, condition["own_draft"][:, 0] / np.float32(255))
    smeared = [first + k for k in np.flatnonzero(confused)]
    assert {index for page in painter.again for index in page} == set(smeared)
    for page in painter.again:
        assert len(page) == painter.chunk
    for index in smeared:
        assert any(page[index % painter.chunk] == index for page in painter.again)
    places = [index % painter.chunk for index in smeared]
    assert len(painter.again) == max((places.count(place) for place in places), default=0)


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_a_copy_painted_again_is_as_if_it_had_been_painted_alone(runtime):
    brush = load("brush", runtime=runtime)
    assert isinstance(brush, BrushBase)
    rng = np.random.default_rng(0)
    side = brush.config.size
    own = rng.integers(0, 256, (8, 1, side, side), dtype=np.uint8)
    given: dict[str, NDArray[Any]] = {
        "own_draft": own,
        "draft": np.zeros_like(own),
        "fine": own,
        "style": np.arange(8) % 3,
    }
    indices = [12, 5, 2, 7]
    rows = np.array([0, 1, 2, 3])
    page = brush.sample_at(indices, seed=3, condition={name: value[rows] for name, value in given.items()})
    for k, index in enumerate(indices):
        alone = {name: value[k : k + 1] for name, value in given.items()}
        single = brush.sample(1, seed=3, first=index, condition=alone)
        assert np.array_equal(np.asarray(page)[k], np.asarray(single)[0])


def test_the_less_smeared_of_two_smeared_copies_is_kept():
    given = drafts([True])
    given["own_draft"][..., 20:30, 20:30] = 128
    given["own_draft"][..., 2:30, 2:9] = 255
    (image,) = paint(Smudger(), given)
    np.testing.assert_allclose(image, given["own_draft"][0, 0] / 255)


@pytest.mark.parametrize("side", [64, 128, 512])
def test_an_edge_is_no_smear_and_a_grey_field_is_at_any_size(side):
    clean = np.zeros((1, side, side), np.float32)
    clean[:, side // 4 : side // 2, side // 4 :] = 1
    clean[:, side // 4, side // 4 :] = 0.5
    grey = clean.copy()
    grey[:, side // 2 : 3 * side // 4, : side // 4] = 0.5
    assert smear(clean)[0] == 0
    assert smear(grey)[0] == pytest.approx(0.0625 / (0.1875 + 0.03125), rel=0.25)


def test_blank_paper_has_none():
    assert smear(np.zeros((2, 64, 64), np.float32)).tolist() == [0, 0]
