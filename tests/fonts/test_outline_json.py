import json

import numpy as np
import pytest

from tensho.fonts.outline_json import outline_from_json, outline_to_json
from tensho.fonts.outlines import Bounds, Outline

OUTLINE = Outline(
    np.array([[0, 0], [10.25, 0], [5, 7]], np.float32), np.array([1, 1, 0], np.uint8), np.array([2], np.int32)
)
EM = Bounds(0, -120, 1000, 880)


def test_an_outline_comes_back_as_it_was():
    outline, em = outline_from_json(json.loads(json.dumps(outline_to_json(OUTLINE, EM))))
    assert em == EM
    for field in ("points", "tags", "ends"):
        np.testing.assert_array_equal(getattr(outline, field), getattr(OUTLINE, field))


@pytest.mark.parametrize(
    "damage",
    [
        {"points": [[0, 0]]},
        {"tags": [1]},
        {"tags": [1, 1, 9]},
        {"ends": [7]},
        {"ends": [-1, 2]},
        {"ends": []},
        {"em": [0, 1, 2]},
        {"em": [0, 1, 2, 1]},
        {"points": [[0, 0], [float("nan"), 0], [0, 0]]},
        {"points": None},
    ],
    ids=str,
)
def test_what_is_no_outline_is_refused(damage):
    with pytest.raises((ValueError, TypeError, KeyError)):
        outline_from_json({**outline_to_json(OUTLINE, EM), **damage})
