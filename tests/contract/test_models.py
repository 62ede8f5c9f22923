"""One suite over every family: what the training loop, the command line and the score sheet rely on."""

import dataclasses
from typing import Any

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models import FAMILIES, family_class
from tensho.models.base import Model, Preset, Recipe
from tensho.models.brush.network import BrushConfig
from tensho.models.config import Config
from tensho.models.ddpm import DdpmConfig
from tensho.models.gan import GanConfig
from tensho.models.vae import VaeConfig
from tensho.models.walkback import WalkbackConfig

TINY: dict[str, Config] = {
    "brush": BrushConfig(size=16, widths=(8, 16), blocks=1, condition_width=16, evaluations=2),
    "ddpm": DdpmConfig(size=16, widths=(8, 16), blocks=1, condition_width=16, noise_steps=20, evaluations=3),
    "gan": GanConfig(size=16, latent=3, generator_widths=(16, 8), discriminator_widths=(8, 16), ratio=2),
    "vae": VaeConfig(size=16, widths=(8, 16), latent=3),
    "walkback": WalkbackConfig(size=16, features=4, levels=2, temperatures=3, cycles=2),
}


@pytest.fixture(params=sorted(FAMILIES))
def model(request):
    """A model away from its first weights (some start at zero), whose normalisation layers have seen a few batches."""
    torch.manual_seed(0)
    model_class: type[Model[Any]] = family_class(request.param)  # type: ignore[assignment]
    model = model_class(TINY[request.param])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        for step in range(5):
            list(model.training_step(batch_of(model), step))
    return model.eval()


def batch_of(model, size=4):
    """What the loop gives: images, and the drafts that some families are conditioned on."""
    images = torch.randint(0, 256, (3, size, *model.spec.shape), dtype=torch.uint8)
    face = torch.arange(size) % 2
    return {"image": images[0], "draft": images[1], "own_draft": images[2], "face": face}


def test_every_family_has_a_small_and_a_full_preset(model):
    assert {"small", "full"} <= model.presets.keys()
    for preset in model.presets.values():
        assert isinstance(preset, Preset)
        assert isinstance(preset.recipe, Recipe)
        assert type(preset.config) is model.config_class


def test_every_setting_has_a_help_text(model):
    assert all(field.metadata["help"] for field in dataclasses.fields(model.config))


def test_settings_survive_json(model):
    assert model.config_class.from_json(model.config.to_json()) == model.config


def test_samples_are_images_of_the_stated_shape(model):
    images = model.sample(3, seed=1)
    assert images.shape == (3, *model.spec.shape)
    assert images.dtype == torch.float32
    assert images.min() >= 0
    assert images.max() <= 1


def test_a_sample_depends_on_its_seed_and_index_alone(model):
    many = model.sample(model.chunk + 3, seed=5)
    assert torch.equal(many, model.sample(model.chunk + 3, seed=5))
    assert torch.equal(many[:4], model.sample(4, seed=5))
    assert torch.equal(many[-2:], model.sample(2, seed=5, first=model.chunk + 1))
    assert not torch.equal(many[:4], model.sample(4, seed=6))


def test_sampling_leaves_the_model_and_the_random_state_alone(model):
    model.train()
    state, generator = {k: v.clone() for k, v in model.state_dict().items()}, torch.get_rng_state()
    model.sample(2)
    assert model.training
    assert torch.equal(generator, torch.get_rng_state())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_progress_counts_what_was_asked_for(model):
    counts: list[int] = []
    model.sample(model.chunk + 1, progress=counts.append)
    assert sum(counts) == model.chunk + 1


def test_every_parameter_gets_a_finite_gradient(model):
    model.train()
    reached = set()
    for losses in model.training_step(batch_of(model), 0):
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


def test_saved_weights_draw_the_same(model, tmp_path):
    half = {k: v.half().float() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    model.load_state_dict(half)
    model.save(tmp_path / "w.safetensors")
    opened = type(model).open(tmp_path / "w.safetensors")
    assert not opened.training
    assert opened.config == model.config
    assert torch.equal(opened.sample(2), model.sample(2))


def test_weights_travel_as_the_hub_expects(model, tmp_path):
    model.save_pretrained(tmp_path / "there")
    again = type(model).from_pretrained(str(tmp_path / "there"))
    assert again.config == model.config
    assert torch.allclose(again.sample(1), model.sample(1), atol=0.1)


def test_weights_of_another_family_are_refused(model, tmp_path):
    model.save(tmp_path / "w.safetensors", {"family": "nobody"})
    with pytest.raises(TenshoError, match="nobody"):
        type(model).open(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    "request_", [{"n": 0}, {"n": -3}, {"n": 1, "steps": 0}, {"n": 1, "condition": {"x": torch.zeros(1)}}]
)
def test_requests_that_make_no_sense_are_refused(model, request_):
    with pytest.raises(TenshoError):
        model.sample(**request_)
