import numpy as np
import pytest

from tensho.composition.atlas import ATLAS_EM, default_atlas
from tensho.composition.bitmaps.draft import Drafter
from tensho.composition.bitmaps.face_inventory import FaceInventory
from tensho.composition.bitmaps.frame import frame_of
from tensho.composition.bitmaps.segmentation import ink_box
from tensho.composition.box import Box, Frame
from tensho.fonts.faces import default_faces
from tensho.fonts.rasterizer import FontRenderer
from tensho.ids.decomposition import decompositions, expand
from tensho.split import split_of

SANS = next(face for face in default_faces() if face.name == "sans-sc")


class Moved(FontRenderer):
    """A face drawn smaller and lower than it is."""

    def __init__(self):
        self.whole = SANS.renderer(ATLAS_EM)

    def render(self, key):
        glyph = self.whole.render(key)
        assert glyph is not None
        page = np.zeros_like(glyph)
        small = glyph[::2, ::2]
        page[80 : 80 + len(small), 10 : 10 + len(small)] = small
        return page


def test_the_atlas_s_own_face_fills_the_square_as_it_does():
    frame = frame_of(SANS.renderer(ATLAS_EM), default_atlas())
    assert frame == pytest.approx(Frame(), abs=0.01)


def test_a_smaller_face_that_lies_elsewhere_is_told():
    frame = frame_of(Moved(), default_atlas())
    assert frame == pytest.approx(Frame(10 / ATLAS_EM, 80 / ATLAS_EM, 0.5, 0.5), abs=0.015)
    assert frame.fitted(Box(0, 0, 1, 1)) == pytest.approx(Box(0.05, 0.42, 0.55, 0.92), abs=0.02)


def test_a_face_of_few_characters_is_taken_to_be_like_the_atlas_s():
    class Empty(Moved):
        def render(self, key):
            return None

    assert frame_of(Empty(), default_atlas()) == Frame()


def test_drafts_lie_where_the_face_has_its_characters(monkeypatch):
    """The mean ink box of drafts is that of the true glyphs, for a face that fills the square in its own way."""
    held = [c for c in decompositions() if split_of(c) == "validation" and c < "\u9fff"][::60]
    parts = FaceInventory(SANS)
    monkeypatch.setattr(parts, "_renderer", Moved())
    monkeypatch.setattr(parts, "frame", frame_of(Moved(), default_atlas()))
    moved = Drafter(parts)
    boxes = []
    face = Moved()
    for c in held:
        drawn = moved.draft(expand(c), ATLAS_EM)
        boxes.append((*ink_box(drawn > 64), *ink_box(face.render(c) > 64)))
    mean = np.mean(boxes, axis=0)
    assert mean[:4] == pytest.approx(mean[4:], abs=2)
