import dataclasses
import math

import pytest
import torch
from torch.nn.functional import pixel_unshuffle

from tensho.errors import TenshoError
from tensho.models.ddpm import EVALUATIONS, Ddpm, DdpmConfig
from tensho.seeds import SampleNoise

TINY = DdpmConfig(size=16, widths=(8, 16), blocks=1, condition_width=16, noise_steps=16)


def away_from_zero(config=TINY):
    torch.manual_seed(0)
    model = Ddpm(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model.eval()


def binary_images(size=512, shape=(1, 16, 16)):
    return torch.randint(0, 2, (size, *shape), dtype=torch.uint8) * 255


def test_the_noise_s_error_is_that_of_the_noise():
    """The part `noise` is E‖ε̂ - ε‖² written out, with ε̂ from the network's own estimate."""
    model = away_from_zero()
    images, seen = binary_images(8), []
    model.register_forward_hook(lambda _module, given, output: seen.append((*given, output)))
    torch.manual_seed(4)
    (losses,) = model.training_step({"image": images}, 0)
    ((noisy, t, _, velocity),) = seen
    alpha, sigma = (value[:, None, None, None] for value in model.schedule.at(t))
    noise = (noisy - alpha * (images / 127.5 - 1)) / sigma
    estimate = alpha * velocity + sigma * noisy
    torch.testing.assert_close(
        losses.parts["noise"], (estimate - noise).square().mean(), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_the_loss_of_an_untrained_network_is_known(schedule):
    """It estimates a velocity of 0, whose variance is 1 for x_0 = ±1; then E‖ε̂ - ε‖² = E α_t² = Σ ᾱ_t / T."""
    model = Ddpm(dataclasses.replace(TINY, schedule=schedule, loss="noise"))
    (losses,) = model.training_step({"image": binary_images()}, 0)
    assert losses.parts["velocity"].item() == pytest.approx(1, rel=0.01)
    assert losses.total.item() == pytest.approx(model.schedule.alpha.square().mean().item(), rel=0.02)


@pytest.mark.parametrize("loss", ["noise", "velocity"])
def test_the_loss_is_the_one_that_was_asked_for(loss):
    model = Ddpm(dataclasses.replace(TINY, loss=loss))
    (losses,) = model.training_step({"image": binary_images(4)}, 0)
    assert losses.total is losses.parts[loss]


def test_the_right_velocity_gives_the_image_and_the_noise_back(monkeypatch):
    model = Ddpm(TINY)
    x0, noise = binary_images(16) / 127.5 - 1, torch.randn(16, 1, 16, 16)
    t = torch.arange(16)
    alpha, sigma = (value[:, None, None, None] for value in model.schedule.at(t))
    monkeypatch.setattr(
        model.unet, "forward", lambda *_: pixel_unshuffle(alpha * noise - sigma * x0, TINY.block)
    )
    torch.testing.assert_close(model.posterior_mean(alpha * x0 + sigma * noise, t), x0, atol=1e-5, rtol=0)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 2, 2)])
def test_any_image_of_whole_blocks_will_do(shape):
    channels, size, _ = shape
    config = dataclasses.replace(TINY, channels=channels, size=size, widths=(8, 8, 16, 16), attention=4)
    model = Ddpm(config)
    (losses,) = model.training_step({"image": binary_images(2, shape)}, 0)
    assert losses.total.isfinite()
    assert model.sample(1).shape == (1, *shape)


def test_each_sampler_takes_its_evaluations_unless_told_otherwise():
    for sampler, evaluations in EVALUATIONS.items():
        model = Ddpm(dataclasses.replace(TINY, sampler=sampler, noise_steps=256))
        calls: list[int] = []
        model.register_forward_hook(lambda *_, calls=calls: calls.append(1))
        model.sample(1)
        assert len(calls) == evaluations
        model.sample(1, steps=3)
        assert len(calls) == evaluations + 3


def test_samplers_draw_differently_from_the_same_noise():
    model = away_from_zero()
    drawn = []
    for sampler in EVALUATIONS:
        model.config = dataclasses.replace(TINY, sampler=sampler, evaluations=5)
        drawn.append(model.sample(2, seed=1))
    assert not torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[1], drawn[2])


@pytest.mark.parametrize("sampler", EVALUATIONS)
def test_a_trajectory_ends_where_the_drawing_does(sampler):
    model = away_from_zero(dataclasses.replace(TINY, sampler=sampler, evaluations=5))
    walk = model.trajectory(SampleNoise(0, range(2)))
    assert walk.inputs.shape == walk.outputs.shape == (5, 2, 1, 16, 16)
    assert list(walk.levels) == sorted(walk.levels, reverse=True)
    with torch.no_grad():
        assert torch.equal(walk.outputs[-1], model.draw(SampleNoise(0, range(2))))
    torch.testing.assert_close(2 * walk.inputs[0] - 1, SampleNoise(0, range(2)).normal(1, 16, 16))


def test_more_evaluations_than_steps_are_refused():
    with pytest.raises(TenshoError, match="16"):
        Ddpm(TINY).sample(1, steps=17)


@pytest.mark.parametrize(
    "change",
    [
        {"size": 15},
        {"channels": 0},
        {"block": 0},
        {"widths": (12,)},
        {"attention": 3},
        {"condition_width": 0},
        {"noise_steps": 1},
        {"schedule": "quadratic"},
        {"loss": "ssim"},
        {"sampler": "heun"},
        {"evaluations": 17},
    ],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(TINY, **change)


@pytest.mark.slow
def test_it_recovers_the_modes_of_a_mixture(monkeypatch):
    """Eight Gaussians on a ring, as images of one pixel and two channels: each gets its share, and few points lie between."""
    config = DdpmConfig(
        size=1, channels=2, block=1, widths=(64,), blocks=2, attention=0, condition_width=64, noise_steps=256
    )
    monkeypatch.setattr(Ddpm, "chunk", 400)
    angle = torch.arange(8) * math.pi / 4
    centres = 127.5 + 90 * torch.stack([angle.cos(), angle.sin()], 1)
    torch.manual_seed(0)
    model = Ddpm(config)
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3)
    steps = 500
    for step in range(steps):
        points = centres[torch.randint(0, 8, (256,))] + 9 * torch.randn(256, 2)
        (losses,) = model.training_step({"image": points.round().to(torch.uint8)[:, :, None, None]}, step)
        optimizer.zero_grad()
        losses.total.backward()
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - step / steps)
        optimizer.step()
    for sampler, evaluations in (("dpm++", 24), ("ddim", 48), ("ancestral", 128)):
        model.config = dataclasses.replace(config, sampler=sampler, evaluations=evaluations)
        distance, mode = torch.cdist(255 * model.sample(400, seed=0).flatten(1), centres).min(1)
        share = torch.bincount(mode, minlength=8) / 400
        assert (distance < 36).float().mean() > 0.9  # four deviations, half the way to the next mode
        assert share.min() > 0.5 / 8
        assert share.max() < 1.5 / 8


def test_contrast_makes_nearly_white_white():
    torch.manual_seed(0)
    soft = Ddpm(TINY)
    steep = Ddpm(dataclasses.replace(TINY, contrast=1.5))
    steep.load_state_dict(soft.state_dict())
    expected = (1.5 * (soft.sample(2, steps=3) - 0.5) + 0.5).clamp(0, 1)
    torch.testing.assert_close(steep.sample(2, steps=3), expected)
