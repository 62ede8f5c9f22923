import dataclasses

import numpy as np
import pytest
import torch
from torch import distributions

from tensho.errors import TenshoError
from tensho.models.base import Recipe
from tensho.models.vae import PRESETS, Posterior, Vae, VaeConfig, reconstruction_loss
from tensho.nn.scaling import ScalingResidual
from tensho.seeds import SampleNoise
from tests.models.mixture import MODES, Points, learned, nearest_mode, stopped_and_whole

TINY = VaeConfig(size=16, widths=(8, 16), latent=3, prior="standard", temperature=1.0)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Vae(TINY)


def batch(size=8):
    return {"image": torch.randint(0, 256, (size, 1, 16, 16), dtype=torch.uint8)}


def test_the_divergence_is_that_of_two_gaussians():
    posterior = Posterior(torch.randn(5, 4), torch.randn(5, 4))
    ours = distributions.Normal(posterior.mean, (posterior.log_variance / 2).exp())
    expected = distributions.kl_divergence(ours, distributions.Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(posterior.divergence(), expected)
    assert Posterior(torch.zeros(1, 4), torch.zeros(1, 4)).divergence().item() == 0


def test_a_posterior_is_sampled_with_its_own_mean_and_deviation():
    torch.manual_seed(0)
    posterior = Posterior(torch.full((100_000, 1), 3.0), torch.full((100_000, 1), 2 * np.log(0.5)))
    drawn = posterior.sample()
    assert drawn.mean().item() == pytest.approx(3, abs=0.01)
    assert drawn.std().item() == pytest.approx(0.5, abs=0.01)


def test_the_reconstruction_term_is_the_likelihood_of_the_image():
    """Of an image of zeros and ones it is −log of the product of all pixels' probabilities."""
    logits = torch.randn(3, 1, 4, 4)
    images = torch.bernoulli(torch.full_like(logits, 0.5))
    likelihood = torch.where(images == 1, torch.sigmoid(logits), 1 - torch.sigmoid(logits))
    expected = -likelihood.flatten(1).prod(1).log()
    torch.testing.assert_close(reconstruction_loss(logits, images), expected)


def test_the_loss_is_the_bound_in_nats_a_pixel(model):
    model = Vae(dataclasses.replace(TINY, beta=3.0))
    images = batch()
    torch.manual_seed(1)
    (losses,) = model.training_step(images, 0)
    torch.manual_seed(1)
    posterior = model.encode(images["image"] / 255)
    codes = posterior.mean + (posterior.log_variance / 2).exp() * torch.randn_like(posterior.mean)
    p, x = model.decode(codes).double(), images["image"].double() / 255
    entropy = -(x * p.log() + (1 - x) * (1 - p).log()).sum((1, 2, 3)).mean()
    expected = (entropy + 3 * posterior.divergence().mean()) / 256
    assert losses.total.item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_dream_decodes_noise(model):
    noise = SampleNoise(4, range(16)).normal(3)
    torch.testing.assert_close(model.sample(2, seed=4), model.eval().decode(noise)[:2])


def test_dreams_follow_the_codes_of_training(model):
    """The decoder is replaced by one that shows the codes; their distribution is that of the codes fitted to."""
    model = Vae(dataclasses.replace(TINY, prior="fitted", temperature=1.0))
    torch.manual_seed(0)
    mixing = torch.tensor([[1.0, 0.5, 0.0], [0.0, 0.3, 0.2], [0.0, 0.0, 2.0]])
    for _ in range(2000):
        model._fit(torch.randn(64, 3) @ mixing + torch.tensor([1.0, -2.0, 0.0]))
    model.decode = lambda codes, *_: codes
    drawn = model.draw(SampleNoise(0, range(20_000)))
    torch.testing.assert_close(drawn.mean(0), torch.tensor([1.0, -2.0, 0.0]), atol=0.1, rtol=0)
    torch.testing.assert_close(drawn.T.cov(), mixing.T @ mixing, atol=0.3, rtol=0)


def test_at_temperature_zero_all_dreams_are_the_mean():
    model = Vae(dataclasses.replace(TINY, temperature=0.0))
    first, second = model.sample(2)
    assert torch.equal(first, second)


@pytest.mark.parametrize("net", ["resnet", "plain"])
@pytest.mark.parametrize(("size", "block"), [(28, 1), (28, 2), (9, 3)])
def test_any_side_is_halved_and_doubled_back(net, size, block):
    model = Vae(VaeConfig(size=size, block=block, channels=3, net=net, widths=(8, 8, 16), latent=2))
    image = torch.rand(2, 3, size, size)
    assert model.reconstruct(image).shape == image.shape


def test_the_full_network_has_seven_residual_blocks_each_way():
    with torch.device("meta"):
        model = Vae(PRESETS["full"].config)
    for way in (model.encoder, model.decoder):
        assert sum(isinstance(layer, ScalingResidual) for layer in way) == 7


@pytest.mark.parametrize(
    "change",
    [
        {"net": "deep"},
        {"size": 0},
        {"size": 9, "block": 2},
        {"widths": ()},
        {"widths": (12,)},
        {"latent": 0},
        {"beta": -1.0},
        {"prior": "flat"},
        {"temperature": -0.1},
    ],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(TINY, **change)


def test_steps_are_refused(model):
    with pytest.raises(TenshoError, match="one pass"):
        model.sample(1, steps=4)


def test_a_resumed_run_ends_as_one_that_never_stopped(tmp_path):
    config = VaeConfig(size=1, channels=2, widths=(8,), latent=2)
    stopped, whole = stopped_and_whole(Vae, config, tmp_path)
    assert stopped.keys() == whole.keys()
    assert all(torch.equal(stopped[key], whole[key]) for key in whole)


def test_the_modes_of_a_mixture_are_found(tmp_path):
    """β is small, because two pixels say less about an image than thousands do."""
    config = VaeConfig(size=1, channels=2, widths=(64,), latent=2, beta=0.01, temperature=1.0)
    points = learned(Vae(config), Recipe(steps=300, batch_size=128, learning_rate=2e-3), tmp_path)
    mode, distance = nearest_mode(points)
    assert (np.bincount(mode, minlength=len(MODES)) > 0.5 * len(mode) / len(MODES)).all()
    assert np.mean(distance < 4 * Points.DEVIATION) > 0.7
