import numpy as np
import pytest

from tensho.models.brush.base import BrushBase, BrushConfig
from tensho.models.brush.painting import paint, smear

SIDE = 32


class Smudger(BrushBase):
    """Draws the own draft, all grey where there is a reference's draft whose first pixel is not blank."""

    def __init__(self):
        self.config = BrushConfig(size=SIDE)
        self.painted = []

    def sample(self, n, *, seed=0, first=0, steps=None, condition=None, progress=None):
        self.painted.append((first, n))
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
    painter, given = Smudger(), drafts([False, True, False])
    images = paint(painter, given, first=5)
    np.testing.assert_array_equal(images, given["own_draft"][:, 0] / np.float32(255))
    assert painter.painted == [(5, 3), (6, 1)]


def test_what_is_not_smeared_is_painted_once():
    painter = Smudger()
    paint(painter, drafts([False, False]))
    assert painter.painted == [(0, 2)]


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
