import numpy as np
import pytest
import torch
from tensho.models.reader.looks import Looks

from tensho.errors import TenshoError
from tensho.models.reader.network import Reader, ReaderConfig

CONFIG = ReaderConfig(
    symbols="⿰⿱木日", size=32, widths=(4, 6, 8), blocks=2, width=8, heads=2, layers=1, looks=5
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A small reader of which every number of the batch normalisations counts, and its file."""
    torch.manual_seed(0)
    made = Reader(CONFIG)
    with torch.no_grad():
        for name, value in made.state_dict().items():
            if name.endswith("running_var"):
                value.uniform_(0.5, 2)
            elif value.is_floating_point():
                value.normal_(0, 0.3)
    path = tmp_path_factory.mktemp("reader") / "little.safetensors"
    made.save(path, {"license": "MIT"})
    return Reader.open(path), path


def test_looks_are_what_torch_computes(reader):
    model, path = reader
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32), np.uint8)
    looks = Looks(path).embed(images)
    assert looks.shape == (5, 5)
    assert looks.dtype == np.float32
    np.testing.assert_allclose(looks, model.embed(images), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(looks, axis=1), 1, rtol=1e-5)


def test_looks_do_not_depend_on_the_batch(reader):
    _, path = reader
    images = np.random.default_rng(1).integers(0, 256, (3, 32, 32), np.uint8)
    looks = Looks(path)
    assert np.array_equal(looks.embed(images)[1:2], looks.embed(images[1:2]))


def test_weights_of_another_family_are_refused(small_weights):
    with pytest.raises(TenshoError, match="weights of a reader"):
        Looks(small_weights)
