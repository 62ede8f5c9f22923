import numpy as np
import pytest

from tensho.datasets.building import build
from tensho.fonts.faces import default_faces

COMMON = "".join(map(chr, range(0x4E00, 0x5100)))


@pytest.fixture(scope="session")
def glyph_set(tmp_path_factory):
    faces = [face for face in default_faces() if face.name.endswith("sc")]
    folder = tmp_path_factory.mktemp("glyphs") / "set"
    return build(faces, size=64, folder=folder, characters=COMMON, processes=1)


@pytest.fixture(scope="session")
def glyphs(glyph_set):
    """Some 750 glyphs of Noto Sans SC, (N, 64, 64)."""
    return np.asarray(glyph_set.images[glyph_set.face_index == 0])
