import dataclasses

import numpy as np
import pytest
import torch

from tensho.datasets.glyph_set import GlyphSet
from tensho.errors import TenshoError
from tensho.ids.syntax import parse, to_string
from tensho.models.reader.codes import BLANK, OTHER
from tensho.models.reader.examples import ReaderExamples
from tensho.models.reader.network import Reader, ReaderConfig
from tensho.models.trainable import Recipe

TINY = ReaderConfig(widths=(8, 16, 16), blocks=1, width=16, layers=1, heads=2, longest=9, looks=8)
CHARACTERS = "一口日木林森杏杲東明昌晶品呆困回"


def glyph_set(folder, faces=("thin", "thick")):
    """Random blots, one a character, thinner in one face than in the other."""
    rng = np.random.default_rng(0)
    blots = np.kron(rng.random((len(CHARACTERS), 8, 8)) < 0.4, np.ones((6, 6))).astype(np.uint8) * 255
    images = np.zeros((2, len(CHARACTERS), 64, 64), np.uint8)
    images[0, :, 8:56, 8:56], images[1, :, 8:56, 8:56] = blots, blots
    images[1, :, 9:57, 8:56] |= blots
    points = np.array(sorted(map(ord, CHARACTERS)), np.uint32)
    manifest = {
        "digest": "tiny",
        "faces": [{"name": name, "count": len(points)} for name in faces],
    }
    return GlyphSet(folder, manifest, images.reshape(-1, 64, 64), np.tile(points, 2))


@pytest.fixture
def examples(tmp_path):
    return ReaderExamples(glyph_set(tmp_path), "train", TINY.longest)


@pytest.fixture
def reader(examples):
    torch.manual_seed(0)
    model = Reader(TINY)
    model = Reader(model.config_for(examples))
    model.prepare(examples)
    return model


def test_examples_say_character_and_description(examples):
    assert set(examples.characters) < set(CHARACTERS)
    batch = examples.batch(np.arange(len(examples)))
    assert batch["image"].shape == (len(examples), 1, 64, 64)
    assert batch["image"].dtype == torch.uint8
    assert batch["target"].shape == (len(examples), TINY.longest)
    # Both faces of a character have one target.
    half = len(examples) // 2
    assert torch.equal(batch["target"][:half], batch["target"][half:])
    assert torch.equal(batch["character"][:half], batch["character"][half:])
    assert (batch["target"][:, 0] != BLANK).all()
    assert "木" in examples.symbols
    assert 0 < examples.described_characters <= len(examples.characters)


def test_readings_are_well_formed_whatever_the_weights(reader):
    images = np.random.default_rng(0).integers(0, 256, (5, 64, 64), dtype=np.uint8)
    for readings in reader.read(images, most=3):
        assert 1 <= len(readings) <= 3
        assert all(to_string(parse(reading.ids)) == reading.ids for reading in readings)
        chances = [reading.probability for reading in readings]
        assert chances == sorted(chances, reverse=True)
        assert 0 < sum(chances) <= 1 + 1e-5


def test_looks_are_unit_vectors(reader):
    images = np.random.default_rng(0).integers(0, 256, (5, 64, 64), dtype=np.uint8)
    looks = reader.embed(images)
    assert looks.shape == (5, TINY.looks)
    assert looks.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(looks, axis=1), 1, atol=1e-5)


def test_the_directions_of_characters_are_not_written(reader, tmp_path):
    reader.save(tmp_path / "reader.safetensors")
    opened = Reader.open(tmp_path / "reader.safetensors")
    assert reader.characters is not None
    assert opened.characters is None
    assert opened.state_dict().keys() == reader.state_dict().keys() - {"characters"}


def test_it_learns_a_few_characters_by_heart(examples, reader):
    config = dataclasses.replace(reader.config, joined=0.0, varied=0.0, dropout=0.0, smoothing=0.0)
    torch.manual_seed(0)
    model = Reader(config)
    model.prepare(examples)
    model.train()
    batch = examples.batch(np.arange(len(examples)))
    optimizer = Recipe(learning_rate=5e-3).optimizer(model.parameters())
    for step in range(80):
        for losses in model.training_step(batch, step):
            optimizer.zero_grad()
            losses.total.backward()
            optimizer.step()
    images = batch["image"][:, 0].numpy()
    read = [readings[0].ids for readings in model.read(images, most=1)]
    right = [
        ids == model.codes.decode(row.tolist())
        for ids, row in zip(read, batch["target"], strict=True)
        if OTHER not in row
    ]
    assert np.mean(right) > 0.8
    looks = model.embed(images)
    half = len(looks) // 2
    assert ((looks[:half] @ looks[half:].T).argmax(1) == np.arange(half)).mean() > 0.8


def test_weights_of_other_symbols_are_refused(reader):
    with pytest.raises(TenshoError, match="symbols"):
        reader.begin_with(Reader(dataclasses.replace(reader.config, symbols="⿰木")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"widths": ()},
        {"size": 60},
        {"width": 10, "heads": 4},
        {"longest": 2},
        {"joined": 1.1},
        {"dropout": 1.0},
        {"sharpness": 0.0},
        {"confidence": 0.0},
        {"symbols": "木木"},
    ],
)
def test_settings_that_make_no_reader_are_refused(wrong):
    with pytest.raises(TenshoError):
        ReaderConfig(**wrong)
