import numpy as np
import pytest
import torch

import tensho
from tensho.datasets.glyph_set import open_glyphs
from tensho.errors import TenshoError
from tensho.models.brush.network import Brush, BrushConfig
from tensho.split import split_of


@pytest.fixture(scope="module")
def font():
    import pylopdf_fonts_zh_cn

    return pylopdf_fonts_zh_cn.serif_path()


@pytest.fixture(scope="module")
def brush(tmp_path_factory):
    """An untrained brush, which copies the draft."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("brush") / "b.safetensors"
    config = BrushConfig(size=32, widths=(8, 16), blocks=1, condition_width=16, contrast=1.0)
    Brush(config).save(path, {"images_seen": "1000"})
    return path


@pytest.mark.slow
def test_a_font_is_learned_from_its_training_characters(tmp_path, font, brush, fixed_clock):
    fixed_clock(0.09)  # 200 steps
    told = tensho.adapt(font, tmp_path / "run", n=800, minutes=0.3, model=str(brush), threads=1)
    assert told.now < told.before == pytest.approx(told.draft, abs=0.01)
    assert (told.characters, told.held_out) == (800, 100)
    assert told.images_seen == pytest.approx(1000 + 32 * 200, abs=64)
    assert 0.8 < told.ink < 1.2
    kept = open_glyphs(tmp_path / "run" / "glyphs")
    assert {split_of(char) for char in kept.characters} == {"train", "validation"}
    assert told.weights is not None
    learned = Brush.open(told.weights)
    named, own = learned.style.weight[:-1], learned.style.weight[-1]
    first = Brush.open(brush).style.weight
    # No named style is learned from: decay alone moves it, and by less than a hundredth.
    torch.testing.assert_close(named, first[:-1], rtol=0.01, atol=1e-3)
    assert (own - first[-1]).norm() > 3 * (named - first[:-1]).norm(dim=1).max()
    drawn = tensho.compose("⿰氵龍", face=font, model=str(tmp_path / "run"), size=32)
    before = tensho.compose("⿰氵龍", face=font, model=str(brush), size=32)
    assert not np.array_equal(drawn.array, before.array)
    again = tensho.adapt(font, tmp_path / "run", n=800, minutes=0.3, model=str(brush), threads=1)
    assert again == told  # its minutes are over


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"minutes": 0}, "--minutes"),
        ({"minutes": float("nan")}, "--minutes"),
        ({"n": 99}, "100 to 100,000"),
        ({"model": "vae"}, "is a vae"),
        ({"font": __file__}, "is not a font"),
        ({"font": "nowhere.ttf"}, "nowhere.ttf"),
    ],
)
def test_what_cannot_be_learned_is_refused_and_leaves_nothing(tmp_path, font, brush, change, message):
    given = {"font": font, "model": str(brush), "out": tmp_path / "run", **change}
    with pytest.raises(TenshoError, match=message):
        tensho.adapt(**given)
    assert list(tmp_path.iterdir()) == []
