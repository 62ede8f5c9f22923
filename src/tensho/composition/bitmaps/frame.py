"""The frame of a face: how its characters fill the square, compared with those of the reference face."""

from __future__ import annotations

import numpy as np

from tensho.composition.atlas import ATLAS_EM, Atlas
from tensho.composition.bitmaps.segmentation import ink_box
from tensho.composition.box import Frame
from tensho.fonts.rasterizer import FontRenderer
from tensho.split import split_of

__all__ = ["frame_of"]

_SAMPLE = 60
"""Characters that are compared, at most."""

_LEAST = 5
"""Characters below which a face is taken to be like the reference."""

_FULL = 0.7
"""Characters narrower or lower than this share of the square say little about how a face fills it."""


def frame_of(renderer: FontRenderer, atlas: Atlas) -> Frame:
    """Compare the ink of a face's characters, set at `ATLAS_EM` pixels, with that of the atlas's whole parts.

    Only characters of the train split are looked at. A face that has too few of them is taken to fill the square
    as the atlas's face does.
    """
    theirs, ours = [], []
    for part in atlas.forms:
        form = atlas.whole(part)
        if form is None or min(form.box.width, form.box.height) < _FULL or split_of(part) != "train":
            continue
        if (glyph := renderer.render(part)) is not None:
            ours.append(form.box)
            theirs.append(np.array(ink_box(glyph > 64)) / ATLAS_EM)
        if len(theirs) == _SAMPLE:
            break
    if len(theirs) < _LEAST:
        return Frame()
    left, top, right, bottom = np.median(ours, axis=0).tolist()
    their_left, their_top, their_right, their_bottom = np.median(theirs, axis=0).tolist()
    across, down = (their_right - their_left) / (right - left), (their_bottom - their_top) / (bottom - top)
    return Frame(their_left - across * left, their_top - down * top, across, down)
