from __future__ import annotations

import numpy as np
import pytest

from tensho.fonts.em_square import in_square
from tensho.fonts.faces import load_face

BODY = (100, 0, 900, 760)


@pytest.mark.parametrize("size", [50, 64, 128, 192, 256, 500])
@pytest.mark.parametrize("metrics", [{}, {"ascender": 900, "descender": -100}, {"ascender": 1300}])
def test_an_outline_lies_where_the_face_draws_it(make_font, size, metrics):
    face = load_face(
        make_font(
            "small.ttf", {"一": BODY, "二": (0, -120, 1000, 880), "三": (450, 300, 700, 650)}, **metrics
        )
    )
    reader, renderer = face.outlines(), face.renderer(size)
    for character in "一二三":
        outline = reader.outline(character)
        drawn = renderer.render(character)
        assert outline is not None
        assert drawn is not None
        own = in_square(outline, face.em_box(reader.units_per_em), size)
        assert own.shape == (size, size)
        assert np.abs(own.astype(int) - drawn).sum() <= 0.05 * drawn.sum()
        for axis in (0, 1):
            middle = np.average(np.arange(size), weights=own.sum(axis))
            assert middle == pytest.approx(np.average(np.arange(size), weights=drawn.sum(axis)), abs=0.6)


def test_one_outline_has_any_size(make_font):
    face = load_face(make_font("small.ttf", {"一": BODY}))
    reader = face.outlines()
    outline = reader.outline("一")
    assert outline is not None
    inks = [in_square(outline, face.em_box(1000), size).sum() / 255 / size**2 for size in (64, 512)]
    assert inks[1] == pytest.approx(0.8 * 0.76 * (15 / 16) ** 2, rel=1e-3)
    assert inks[0] == pytest.approx(inks[1], rel=1e-2)
