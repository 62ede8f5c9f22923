import math

import numpy as np
import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.reader.codes import START
from tensho.models.reader.network import Reader, ReaderConfig
from tensho.models.reader.without_torch import UNLIKELY, ArrayReader

CONFIG = ReaderConfig(
    symbols="⿰⿱木日", size=32, widths=(4, 6, 8), blocks=2, width=8, heads=2, layers=2, looks=5, longest=7
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A small reader of which every number counts, and its file."""
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


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 32, 32), np.uint8)


def test_looks_are_what_torch_computes(reader, images):
    model, path = reader
    looks = ArrayReader(path).embed(images)
    assert looks.shape == (5, 5)
    assert looks.dtype == np.float32
    np.testing.assert_allclose(looks, model.embed(images), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(looks, axis=1), 1, rtol=1e-5)


def test_looks_do_not_depend_on_the_batch(reader, images):
    looks = ArrayReader(reader[1])
    assert np.array_equal(looks.embed(images)[1:2], looks.embed(images[1:2]))


def test_descriptions_are_as_likely_as_torch_finds_them(reader, images):
    """Two of different lengths at once, one that cannot be written and one that is too long."""
    model, path = reader
    arrays = ArrayReader(path)
    seen = arrays.see(images[0])
    asked = ["木", "⿰木⿱日木", "⿲木日木", "⿰" * 6 + "木" * 7]
    found = arrays.weigh(seen, asked)
    noise = CONFIG.smoothing / len(model.codes)
    with torch.no_grad():
        memory = model._memory(model._seen(torch.from_numpy(images[:1, None]).float() / 255))
        for ids, got in zip(asked[:2], found, strict=False):
            codes = model.codes.encode(ids, len(ids))
            prefix = torch.tensor([[START, *codes[:-1]]])
            chances = model._logits(prefix, memory)[0].softmax(-1)[range(len(codes)), codes] - noise
            assert got == pytest.approx(
                max(UNLIKELY, chances.clamp_min(math.exp(UNLIKELY)).log().sum().item()), abs=1e-4
            )
    assert found[2:].tolist() == [UNLIKELY, UNLIKELY]
    assert arrays.weigh(seen, asked[:1])[0] == pytest.approx(found[0], abs=1e-5)
    assert arrays.weigh(seen, []).shape == (0,)


def test_weights_of_another_family_are_refused(small_weights):
    with pytest.raises(TenshoError, match="weights of a reader"):
        ArrayReader(small_weights)
