import numpy as np
import pytest
import torch

import tensho
from tensho.api.compose import compose_all
from tensho.api.draw_options import DrawOptions
from tensho.composition.bitmaps.draft import draft
from tensho.ids.syntax import parse
from tensho.models.brush.network import Brush, BrushConfig


@pytest.fixture(scope="module")
def brush(tmp_path_factory):
    """An untrained brush, which copies the draft."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("brush") / "b.safetensors"
    Brush(BrushConfig(size=32, widths=(8, 16), blocks=1, condition_width=16, contrast=1.0)).save(path)
    return str(path)


def test_it_draws_what_is_described(brush):
    glyph = tensho.compose("⿰氵龍", model=brush)
    assert glyph.ids == "⿰氵龍"
    assert glyph.style == "sans-sc"
    np.testing.assert_allclose(glyph.array, draft(parse("⿰氵龍"), 128) / 255, atol=1e-3)


@pytest.mark.parametrize("style", ["kai", "serif-tc"])
def test_a_style_is_drawn_of_its_own_parts_at_any_size(brush, style):
    glyph = tensho.compose("⿰氵龍", model=brush, style=style, size=50)
    np.testing.assert_allclose(glyph.array, draft(parse("⿰氵龍"), 50, style) / 255, atol=1e-3)


def test_places_of_a_seed_join(brush):
    options = DrawOptions(model=brush, seed=3)
    many = compose_all(["⿰氵龍", "⿱艹龍", "⿰木龍"], options)
    (last,) = compose_all(["⿰木龍"], options, first=2)
    assert last.index == 2
    np.testing.assert_array_equal(last.array, many[2].array)


def test_it_says_which_character_it_is(brush):
    assert tensho.compose("⿰日月", model=brush).character == "明"


def test_designers_names_of_styles_are_understood(brush):
    assert tensho.compose("⿰日月", style="mincho", model=brush).style == "serif-jp"


def test_a_font_file_is_a_style_too(brush):
    import pylopdf_fonts_zh_cn

    glyph = tensho.compose("⿰日月", face=pylopdf_fonts_zh_cn.serif_path(), model=brush)
    assert "serif" in str(glyph.style)
    assert not np.array_equal(glyph.array, tensho.compose("⿰日月", model=brush).array)


@pytest.mark.parametrize(
    "request_",
    [
        {"ids": ""},
        {"ids": "⿰氵"},
        {"ids": "⿰" * 10_000},
        {"ids": "⿰氵" * 40 + "龍"},
        {"ids": "⿰氵\U0001f600"},
        {"ids": "⿰氵\ue000"},
        {"ids": "⿰氵\u0378"},
        {"ids": "⿰氵？"},
        {"ids": "⿰日月", "style": "comic"},
        {"ids": "⿰日月", "style": "mincho", "face": "x.ttf"},
        {"ids": "⿰日月", "face": "nowhere.ttf"},
        {"ids": "⿰日月", "steps": 0},
        {"ids": "⿰日月", "size": 3},
        {"ids": "⿰日月", "size": 100_000},
    ],
    ids=str,
)
def test_bad_requests_are_refused_in_one_line(brush, request_):
    with pytest.raises(tensho.TenshoError) as refused:
        tensho.compose(**request_, model=brush)
    assert "\n" not in str(refused.value)


def test_weights_of_another_family_cannot_compose(small_weights):
    with pytest.raises(tensho.TenshoError, match="cannot compose"):
        tensho.compose("⿰日月", model=str(small_weights))
