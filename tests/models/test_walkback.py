import dataclasses
import json

import pytest
import torch
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.models.walkback import PRESETS, Walkback, WalkbackConfig
from tensho.seeds import SampleNoise

TINY = WalkbackConfig(size=16, features=2, levels=2, temperatures=4, cycles=2)
UNET = dataclasses.replace(TINY, net="unet")


@pytest.fixture(params=[TINY, UNET], ids=["small", "unet"])
def model(request):
    torch.manual_seed(0)
    model = Walkback(request.param)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model


def test_the_full_preset_has_the_published_number_of_parameters():
    full = Walkback(PRESETS["full"].config)
    assert sum(parameter.numel() for parameter in full.parameters()) == 444_169


def test_the_schedule_is_linear_from_zero():
    assert Walkback(WalkbackConfig()).schedule == pytest.approx([1.5 * k / 7 for k in range(8)])


def test_the_loss_is_the_published_formula(model):
    """Written out as the formulas stand: 1 + 2 + … + K denoisings, one chain, an error at the end of each walk."""
    images = torch.randint(0, 256, (3, 1, 16, 16), dtype=torch.uint8)
    calls = []
    model.register_forward_hook(lambda *_: calls.append(1))

    torch.manual_seed(42)
    losses = list(model.training_step({"image": images}, 0))
    assert len(losses) == 1
    assert len(calls) == sum(range(1, TINY.temperatures + 1))

    torch.manual_seed(42)
    clean = images / 255
    expected = torch.cat([p.reshape(-1) for p in model.parameters()]).pow(2).mean()
    y = clean.clone()
    for i in range(TINY.temperatures):
        y = model(y + torch.randn_like(y) * model.schedule[i])
        for j in range(i - 1, -1, -1):
            y = model(y + torch.randn_like(y) * model.schedule[j])
        expected = expected + functional.mse_loss(y, clean)
    torch.testing.assert_close(losses[0].total, expected)


def test_the_gradient_runs_through_the_whole_chain(model):
    images = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    inputs = []
    model.register_forward_hook(lambda _module, given, _output: inputs.append(given[0]))
    torch.manual_seed(0)
    (losses,) = model.training_step({"image": images}, 0)
    (gradient,) = torch.autograd.grad(losses.parts["last walk"], inputs[1])
    assert gradient.abs().sum() > 0


def test_settings_without_a_network_are_those_of_the_published_one():
    """Weights written before there was a choice say nothing of it."""
    settings = json.loads(WalkbackConfig(features=2).to_json())
    del settings["net"]
    assert WalkbackConfig.from_json(json.dumps(settings)) == WalkbackConfig(features=2)


def test_an_untrained_unet_keeps_a_clean_glyph():
    glyph = torch.zeros(1, 1, 16, 16)
    glyph[..., 4:7, 1:15] = 1
    torch.manual_seed(0)
    torch.testing.assert_close(Walkback(UNET)(glyph), glyph, atol=0.05, rtol=0)


def test_the_unet_learns_in_every_parameter_and_survives_its_file(tmp_path):
    torch.manual_seed(0)
    model = Walkback(UNET)
    images = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    for step in range(3):  # what comes before a weight that starts at zero learns once that has moved
        (losses,) = model.training_step({"image": images}, step)
        optimizer.zero_grad()
        losses.parts["reconstruction"].backward()
        optimizer.step()
    assert all(p.grad is not None and p.grad.isfinite().all() and p.grad.any() for p in model.parameters())
    model.save(tmp_path / "w.safetensors")
    opened = Walkback.open(tmp_path / "w.safetensors")
    torch.testing.assert_close(opened.sample(2), model.eval().sample(2), atol=0.05, rtol=0)


def test_the_network_sees_standardised_images(model):
    model.eval()
    noisy = torch.randn(2, 1, 16, 16)
    torch.testing.assert_close(model(noisy), model(noisy * 3 + 5), rtol=1e-4, atol=1e-5)


def test_a_blank_image_gives_no_nan(model):
    assert model.eval()(torch.zeros(1, 1, 16, 16)).isfinite().all()


def test_a_dream_goes_up_and_down_the_schedule(model):
    model.eval()
    seen = []
    model.register_forward_hook(lambda *_: seen.append(1))
    noise = SampleNoise(3, range(2))
    image = model.dream(noise, num_cycles=3, kt=[0.0, 0.5, 2.0])
    assert len(seen) == 3 * 6

    again = SampleNoise(3, range(2))
    y = again.normal(1, 16, 16)
    with torch.no_grad():
        for kt in [0.0, 0.5, 2.0, 2.0, 0.5, 0.0] * 3:
            y = model(y + kt * again.normal(1, 16, 16))
    assert torch.equal(image, y)


@pytest.mark.parametrize("cycles", [1, 3])
def test_a_trajectory_ends_where_the_dream_does(model, cycles):
    model.eval()
    walk = model.trajectory(SampleNoise(0, range(2)), steps=cycles)
    assert walk.levels == (*model.schedule, *reversed(model.schedule))
    assert walk.inputs.shape == walk.outputs.shape == (8, 2, 1, 16, 16)
    assert torch.equal(walk.outputs[-1], model.draw(SampleNoise(0, range(2)), steps=cycles))


def test_a_dream_that_is_cooled_ends_in_falling_noise(model):
    """As the same chain, and then five more steps by one factor from 0.8 to 0.05, and one without noise."""
    cooled = type(model)(dataclasses.replace(model.config, cooling=5, cooling_from=0.8)).eval()
    cooled.load_state_dict(model.eval().state_dict())
    noise = SampleNoise(3, range(2))
    with torch.no_grad():
        y = model.dream(noise, num_cycles=2)
        for kt in (0.8, 0.4, 0.2, 0.1, 0.05, 0.0):
            y = model(y + kt * noise.normal(1, 16, 16))
    torch.testing.assert_close(cooled.dream(SampleNoise(3, range(2)), num_cycles=2), y, atol=1e-4, rtol=0)
    walk = cooled.trajectory(SampleNoise(3, range(2)), steps=2)
    assert len(walk.levels) == 2 * len(model.schedule) + 6
    assert torch.equal(walk.outputs[-1], cooled.draw(SampleNoise(3, range(2)), steps=2))


@pytest.mark.parametrize("kt", [[], [0.1, -1.0], [float("nan")], [float("inf")]])
def test_schedules_that_make_no_sense_are_refused(model, kt):
    with pytest.raises(TenshoError):
        model.dream(SampleNoise(0, [0]), kt=kt)


@pytest.mark.parametrize(
    "change",
    [
        {"net": "large"},
        {"net": "unet", "levels": 1},
        {"size": 20},
        {"features": 0},
        {"levels": 0},
        {"temperatures": 1},
        {"max_temperature": 0.0},
        {"cycles": 0},
        {"cooling": -1},
        {"cooling_from": 0.01},
    ],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(WalkbackConfig(), **change)


@pytest.mark.slow
def test_it_learns_to_undo_noise():
    """After two hundred steps on four half pages of ink, dreams are half pages again; untrained, they are grey."""
    torch.manual_seed(0)
    model = Walkback(dataclasses.replace(TINY, features=4, temperatures=3))
    halves = torch.zeros(4, 1, 16, 16, dtype=torch.uint8)
    halves[0, :, :, :8] = halves[1, :, :, 8:] = halves[2, :, :8] = halves[3, :, 8:] = 255

    def distances():
        """Mean square of the difference of each of 32 dreams and the half page that is nearest to it."""
        dreams = model.sample(32, seed=0, steps=3)
        return (dreams[:, None] - halves[None] / 255).square().mean((2, 3, 4)).amin(1)

    untrained = distances()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    fall = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, total_iters=200)
    for step in range(200):
        (losses,) = model.training_step({"image": halves.repeat(2, 1, 1, 1)}, step)
        optimizer.zero_grad()
        losses.total.backward()
        optimizer.step()
        fall.step()
    learned = distances()
    assert learned.median() < untrained.median() / 20
    assert learned.mean() < untrained.mean() / 2
