import shutil

import pytest

import tensho
from tensho.errors import TenshoError
from tensho.models import FAMILIES, loading
from tensho.models.base import Model


def test_shipped_weights_open_and_have_cards():
    assert loading.shipped()
    for weights in loading.shipped():
        assert weights.open().family == weights.family
        facts = ("images_seen", "dataset") if weights.family in FAMILIES else ("steps",)
        for fact in ("seed", "preset", *facts):
            assert weights.metadata[fact], f"{weights.name} does not say its {fact}"
        for heading in ("Command", "Data", "Seed", "Machine", "Licence", "Scores"):
            assert heading in weights.card, f"{weights.name}'s card lacks {heading}"


def test_shipped_weights_stay_small():
    assert sum(weights.path.stat().st_size for weights in loading.shipped()) < 100e6
    assert all(weights.path.stat().st_size <= 16 * 2**20 for weights in loading.shipped())


def test_a_file_and_a_run_folder_are_names_too(small_weights, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    shutil.copy(small_weights, run / loading.RUN_WEIGHTS)
    assert loading.Weights.read(loading.locate(str(small_weights))).name == "little"
    assert loading.Weights.read(loading.locate(str(run))).name == "run"
    assert isinstance(model := tensho.load(str(run)), Model)
    assert model.sample(1).shape == (1, 1, 16, 16)


@pytest.mark.parametrize("name", ["nobody", "", "../walkback", "no/such.safetensors"])
def test_names_of_nothing_are_refused(name):
    with pytest.raises(TenshoError):
        tensho.load(name)
