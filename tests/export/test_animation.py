from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tensho.errors import TenshoError
from tensho.export.animation import morph, write_animation
from tensho.sheet import Glyph


@pytest.mark.parametrize("kind", [".gif", ".png"])
def test_a_morph_loops_and_rests_at_its_end(glyphs: list[Glyph], tmp_path: Path, kind: str) -> None:
    frames = morph(glyphs[3].array, glyphs[9].array, 20)
    write_animation(frames, tmp_path / f"morph{kind}", pause_ms=900)
    assert (tmp_path / f"morph{kind}").stat().st_size < 2_000_000
    with Image.open(tmp_path / f"morph{kind}") as image:
        assert (image.n_frames, image.size, image.info["loop"]) == (20, (256, 256), 0)
        durations = []
        for frame in range(20):
            image.seek(frame)
            durations.append(image.info["duration"])
        last = 1 - np.asarray(image.convert("L"), np.float32) / 255
    assert durations == [60] * 19 + [900]
    expected = glyphs[9].array
    shown = last.reshape(64, 4, 64, 4).mean(axis=(1, 3))
    assert np.corrcoef(shown.ravel(), expected.ravel())[0, 1] > 0.98


def test_pure_noise_fits(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    write_animation(random.normal(size=(24, 64, 64)), tmp_path / "noise.gif")
    assert (tmp_path / "noise.gif").stat().st_size < 2_000_000


def test_a_morph_goes_evenly_from_one_amount_of_ink_to_the_other(glyphs: list[Glyph]) -> None:
    frames = morph(glyphs[3].array, glyphs[9].array, 15)
    np.testing.assert_array_equal(frames[0], glyphs[3].array)
    np.testing.assert_array_equal(frames[-1], glyphs[9].array)
    assert frames.min() >= 0
    assert frames.max() <= 1
    ink = frames.mean(axis=(1, 2))
    low, high = sorted([ink[0], ink[-1]])
    assert ink.min() > 0.85 * low
    assert ink.max() < 1.15 * high


def test_bad_animations_are_refused(glyphs: list[Glyph], tmp_path: Path) -> None:
    frames = np.zeros((3, 16, 16))
    with pytest.raises(TenshoError, match=r"\.gif or \.png"):
        write_animation(frames, tmp_path / "a.mp4")
    with pytest.raises(TenshoError, match="needs frames"):
        write_animation(frames[:0], tmp_path / "a.gif")
    with pytest.raises(TenshoError, match="16 to 1024"):
        write_animation(frames, tmp_path / "a.gif", size=4)
    with pytest.raises(TenshoError, match="MB"):
        write_animation(np.random.default_rng(0).random((14, 256, 256)), tmp_path / "a.gif", size=512)
    with pytest.raises(TenshoError, match="no ink"):
        morph(glyphs[0].array, np.zeros((64, 64)))
    with pytest.raises(TenshoError, match="same size"):
        morph(glyphs[0].array, np.zeros((32, 32)))
    assert not list(tmp_path.iterdir())
