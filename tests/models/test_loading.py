import shutil

import pytest

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
