import pytest
import torch

from tensho.datasets.letters.fonts import build_letter_fonts
from tensho.models.letterer import Letterer, LettererConfig

FONTS = ("big", "doom", "slant", "standard", "small", "banner", "block")


@pytest.fixture(scope="session")
def fonts():
    """A set of letter fonts of a few fonts and styles."""
    return build_letter_fonts(fonts=FONTS, synthetic=3)


@pytest.fixture(scope="session")
def letterer():
    """An untrained letterer."""
    torch.manual_seed(0)
    return Letterer(LettererConfig(widths=(16, 16), symbol_width=8, condition_width=16, evaluations=2))


@pytest.fixture(scope="session")
def weights(letterer, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "letterer.safetensors"
    letterer.save(path, {"preset": "test", "images_seen": "0"})
    return str(path)
