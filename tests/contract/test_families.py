"""One suite over every registered family, of images or of text: what the loop and the command line rely on."""

import dataclasses

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.config import Config
from tensho.models.registry import FAMILIES
from tensho.models.trainable import Preset, Recipe, Trainable
from tests.contract.families import TINY, exercised, rounded


def test_every_family_is_tested():
    assert TINY.keys() == FAMILIES.keys()


@pytest.fixture(params=sorted(FAMILIES))
def family(request):
    return request.param


@pytest.fixture
def model(family):
    return exercised(family)


def test_a_row_names_what_there_is(family):
    row = FAMILIES[family]
    assert issubclass(row.model_class, Trainable)
    assert row.model_class.family == family
    assert {"small", "full"} <= row.preset_table.keys()
    for preset in row.preset_table.values():
        assert isinstance(preset, Preset)
        assert isinstance(preset.recipe, Recipe)
        assert type(preset.config) is row.model_class.config_class
    assert row.data in row.data_help
    assert row.summary.endswith(".")


def test_data_that_is_not_there_is_refused(family, model):
    with pytest.raises(TenshoError):
        FAMILIES[family].open_dataset(model, "nowhere")


def test_every_setting_has_a_help_text(model):
    assert all(field.metadata["help"] for field in dataclasses.fields(model.config))


def test_settings_survive_json(model):
    assert isinstance(model.config, Config)
    assert model.config_class.from_json(model.config.to_json()) == model.config


def test_every_parameter_gets_a_finite_gradient(family, model):
    model.train()
    reached = set()
    for step in range(4):
        for losses in model.training_step(TINY[family].batch(model), step):
            assert losses.total.shape == ()
            model.zero_grad()
            losses.total.backward()
            reached |= {name for name, p in model.named_parameters() if p.grad is not None and p.grad.any()}
            assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    assert reached == {name for name, _ in model.named_parameters()}


def test_optimizers_own_every_parameter_once(model):
    owned = [
        parameter
        for optimizer in model.optimizers(Recipe()).values()
        for group in optimizer.param_groups
        for parameter in group["params"]
    ]
    assert len(owned) == len(set(owned)) == len(list(model.parameters()))


def test_what_it_makes_is_a_function_of_the_seed(family, model):
    makes = TINY[family].makes
    assert torch.equal(makes(model, 1), makes(model, 1))
    assert not torch.equal(makes(model, 1), makes(model, 2))


def test_saved_and_opened_it_makes_the_same(family, model, tmp_path):
    rounded(model)
    model.save(tmp_path / "w.safetensors")
    opened = type(model).open(tmp_path / "w.safetensors")
    assert not opened.training
    assert opened.config == model.config
    assert torch.equal(TINY[family].makes(opened, 1), TINY[family].makes(model, 1))


def test_weights_travel_as_the_hub_expects(family, model, tmp_path):
    rounded(model)
    model.save_pretrained(tmp_path / "there")
    again = type(model).from_pretrained(str(tmp_path / "there"))
    assert again.config == model.config
    assert torch.equal(TINY[family].makes(again, 1), TINY[family].makes(model, 1))


def test_weights_of_another_family_are_refused(model, tmp_path):
    model.save(tmp_path / "w.safetensors", {"family": "nobody"})
    with pytest.raises(TenshoError, match="nobody"):
        type(model).open(tmp_path / "w.safetensors")
