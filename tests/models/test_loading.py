import shutil

import pytest
import torch
from safetensors.torch import save_file

import tensho
from tensho.errors import TenshoError
from tensho.models import catalogue
from tensho.models.base import Model
from tensho.models.registry import FAMILIES


def test_shipped_weights_open_and_have_cards():
    assert catalogue.shipped()
    for weights in catalogue.shipped():
        assert weights.open().family == weights.family
        facts = ("images_seen", "dataset") if FAMILIES[weights.family].draws else ("steps",)
        for fact in ("seed", "preset", *facts):
            assert weights.metadata[fact], f"{weights.name} does not say its {fact}"
        for heading in ("Command", "Data", "Seed", "Machine", "Licence", "Scores"):
            assert heading in weights.card, f"{weights.name}'s card lacks {heading}"


def test_shipped_weights_stay_small():
    assert sum(weights.path.stat().st_size for weights in catalogue.shipped()) < 100e6
    assert all(weights.path.stat().st_size <= 16 * 2**20 for weights in catalogue.shipped())


def test_a_file_and_a_run_folder_are_names_too(small_weights, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    shutil.copy(small_weights, run / catalogue.RUN_WEIGHTS)
    assert catalogue.Weights.read(catalogue.locate(str(small_weights))).name == "little"
    assert catalogue.Weights.read(catalogue.locate(str(run))).name == "run"
    assert isinstance(model := tensho.load(str(run)), Model)
    assert model.sample(1).shape == (1, 1, 16, 16)


@pytest.mark.parametrize("name", ["nobody", "", "../walkback", "no/such.safetensors"])
def test_names_of_nothing_are_refused(name):
    with pytest.raises(TenshoError):
        tensho.load(name)


@pytest.mark.parametrize(
    "metadata",
    [
        {"family": "walkback", "config": '{"size": 4096, "features": 4096, "levels": 6}'},
        {"family": "gan", "config": '{"generator_widths": [4096, 4096, 4096, 4096]}'},
        {"family": "vae", "config": '{"latent": 1000000000}'},
        {"family": "ddpm", "config": '{"blocks": 1000000000}'},
        {"family": "ddpm", "config": "[" * 100_000},
        {"family": "ddpm", "config": "nan"},
    ],
)
def test_settings_that_lie_get_no_memory(tmp_path, metadata):
    path = tmp_path / "w.safetensors"
    save_file({"w": torch.zeros(3)}, path, metadata)
    with pytest.raises(TenshoError):
        tensho.load(str(path))
    if metadata["config"][0] != "{":
        with pytest.raises(TenshoError, match="holds no settings"):
            catalogue.Weights.read(path).summary()


@pytest.mark.parametrize(("seen", "told"), [("20", 20), ("²", None), ("-1", None), ("9" * 5000, None)])
def test_numbers_of_a_stranger_are_read_with_care(tmp_path, seen, told):
    path = tmp_path / "w.safetensors"
    save_file({"w": torch.zeros(3)}, path, {"family": "gan", "images_seen": seen})
    path.with_suffix(".md").write_bytes(b"\xff card")
    weights = catalogue.Weights.read(path)
    assert weights.images_seen == told
    assert "card" in weights.card
