import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import nn

from tensho.errors import TenshoError
from tensho.models.base import Recipe
from tensho.models.gan import LOSSES, PRESETS, Gan, GanConfig, gradient_penalty
from tensho.nn.scaling import ScalingResidual
from tests.models.mixture import MODES, Points, learned, nearest_mode, stopped_and_whole

TINY = GanConfig(size=16, latent=3, generator_widths=(16, 8), discriminator_widths=(8, 16))


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Gan(TINY)


def batch(size=8):
    return {"image": torch.randint(0, 256, (size, 1, 16, 16), dtype=torch.uint8)}


@pytest.mark.parametrize(
    ("loss", "discriminator", "generator"),
    [
        # real scores 2 and 0.5, fake scores -3 and 1
        ("hinge", (0 + 0.5) / 2 + (0 + 2) / 2, 1.0),
        ("wasserstein", -1 - 1.25, 1.0),
        (
            "bce",
            -(math.log(1 / (1 + math.exp(-2))) + math.log(1 / (1 + math.exp(-0.5)))) / 2
            - (math.log(1 - 1 / (1 + math.exp(3))) + math.log(1 - 1 / (1 + math.exp(-1)))) / 2,
            -(math.log(1 / (1 + math.exp(3))) + math.log(1 / (1 + math.exp(-1)))) / 2,
        ),
        (
            # pairs: an image leads its sample by 5, the other is behind by 0.5
            "relativistic",
            (math.log(1 + math.exp(-5)) + math.log(1 + math.exp(0.5))) / 2,
            (math.log(1 + math.exp(5)) + math.log(1 + math.exp(-0.5))) / 2,
        ),
    ],
)
def test_losses_by_hand(loss, discriminator, generator):
    real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-3.0, 1.0])
    assert LOSSES[loss].discriminator(real, fake).item() == pytest.approx(discriminator)
    assert LOSSES[loss].generator(real, fake).item() == pytest.approx(generator)


def test_the_relativistic_game_is_one_of_differences():
    """A score that is higher by the same amount everywhere changes nothing, and the two players swap their roles."""
    game, real, fake = LOSSES["relativistic"], torch.randn(6), torch.randn(6)
    for loss in (game.discriminator, game.generator):
        torch.testing.assert_close(loss(real + 7, fake + 7), loss(real, fake))
    assert game.discriminator(real, fake).item() == pytest.approx(game.generator(fake, real).item())
    assert game.discriminator(real, real).item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_the_generator_is_compared_with_the_batchs_images_where_the_game_compares(loss, monkeypatch):
    """Its loss is that of the game on the scores of this batch, and no gradient runs through those of the images."""
    model, images, noise = (
        Gan(dataclasses.replace(TINY, loss=loss, ratio=1)),
        batch(),
        torch.randn(8, TINY.latent),
    )
    monkeypatch.setattr(model, "_samples", lambda *_: model(noise))
    *_, last = model.training_step(images, 0)
    real, fake = model.score(images["image"] / 127.5 - 1), model.score(model(noise))
    torch.testing.assert_close(last.total, LOSSES[loss].generator(real, fake))
    others = list(model.discriminator.parameters())
    expected = torch.autograd.grad(LOSSES[loss].generator(real.detach(), fake), others)
    torch.testing.assert_close(torch.autograd.grad(last.total, others), expected)


@pytest.mark.parametrize("norm", [0.0, 1.0])
def test_the_penalty_of_a_linear_critic_is_that_of_its_weights(norm):
    weight = torch.randn(1, 4, 4, requires_grad=True)
    penalty = gradient_penalty(lambda x: (x * weight).sum((1, 2, 3)), torch.randn(5, 1, 4, 4), norm)
    length = weight.norm()
    assert penalty.item() == pytest.approx((length.item() - norm) ** 2, rel=1e-5)
    (gradient,) = torch.autograd.grad(penalty, weight)
    torch.testing.assert_close(gradient, 2 * (length - norm) * weight.detach() / length.detach())


def test_the_penalty_of_a_curved_critic_is_each_images_own():
    """The gradient of |x|²/2 is x."""
    images = torch.randn(5, 1, 4, 4)
    penalty = gradient_penalty(lambda x: x.square().sum((1, 2, 3)) / 2, images, 1.0)
    assert penalty.item() == pytest.approx((images.flatten(1).norm(dim=1) - 1).square().mean().item())


def test_the_penalty_is_computed_in_single_precision():
    layer, images = nn.Conv2d(1, 1, 4), torch.randn(5, 1, 4, 4)
    seen = []

    def score(x):
        seen.append(layer(x).dtype)
        return layer(x).flatten()

    with torch.autocast("cpu", torch.bfloat16):
        assert layer(images).dtype == torch.bfloat16
        half = gradient_penalty(score, images, 1.0)
    assert seen == [torch.float32]
    assert torch.equal(half, gradient_penalty(score, images, 1.0))


def test_a_flat_critic_has_a_finite_penalty_gradient():
    weight = torch.zeros(1, 4, 4, requires_grad=True)
    penalty = gradient_penalty(lambda x: (x * weight).sum((1, 2, 3)), torch.randn(5, 1, 4, 4), 0.0)
    assert penalty.item() == pytest.approx(0, abs=1e-9)
    assert torch.autograd.grad(penalty, weight)[0].isfinite().all()


def test_the_penalty_is_added_where_it_is_due():
    config = dataclasses.replace(TINY, penalty="r1", penalty_every=3, penalty_weight=2.0, ratio=1)
    model, images = Gan(config), batch()
    for step in range(4):
        losses = next(model.training_step(images, step))
        expected = 6 * gradient_penalty(model.score, images["image"] / 127.5 - 1, 0.0).item()
        assert losses.parts["penalty"].item() == pytest.approx(expected if step % 3 == 0 else 0, rel=1e-5)


def test_both_images_and_samples_are_charged_by_r1r2(monkeypatch):
    """Written out: the penalty at the images plus the penalty at the samples, each a mean of its own."""
    config = dataclasses.replace(TINY, penalty="r1r2", penalty_every=3, penalty_weight=2.0, ratio=1)
    model, images, samples = Gan(config), batch(), torch.rand(8, 1, 16, 16) * 0.2 + 0.7  # nearly all ink
    monkeypatch.setattr(model, "_samples", lambda *_: samples)
    at_images, at_samples = (
        gradient_penalty(model.score, places, 0.0).item() for places in (images["image"] / 127.5 - 1, samples)
    )
    assert at_images != pytest.approx(at_samples, rel=1e-4)
    for step in range(4):
        losses = next(model.training_step(images, step))
        expected = 2.0 * 3 * (at_images + at_samples) if step % 3 == 0 else 0
        assert losses.parts["penalty"].item() == pytest.approx(expected, rel=1e-5)


def test_the_r1r2_penalty_of_a_linear_critic_is_twice_that_of_r1(monkeypatch):
    """The gradient of w·x is w wherever it is taken, so that both places give |w|²."""
    weight = torch.randn(1, 16, 16)
    for penalty, expected in (("r1", 1), ("r1r2", 2)):
        model = Gan(dataclasses.replace(TINY, penalty=penalty, penalty_weight=1.0))
        monkeypatch.setattr(model, "score", lambda x, style=None: (x * weight).sum((1, 2, 3)))
        losses = next(model.training_step(batch(), 0))
        assert losses.parts["penalty"].item() == pytest.approx(expected * weight.square().sum().item())


def test_the_two_sided_penalty_lies_between_images_and_samples(model, monkeypatch):
    places: list[torch.Tensor] = []

    def note_places(score, images, norm):
        places.append(images)
        return torch.zeros(())

    monkeypatch.setattr("tensho.models.gan.gradient_penalty", note_places)
    monkeypatch.setattr(model, "_samples", lambda like, *_: torch.zeros_like(like))
    images = batch(64)
    next(model.training_step(images, 0))
    share = (places[0] / (images["image"] / 127.5 - 1)).flatten(1)
    torch.testing.assert_close(share, share[:, :1].expand_as(share))
    assert 0 <= share.min() < 0.2 < 0.8 < share.max() <= 1


def test_the_discriminator_is_updated_more_often_until_it_wins(model):
    model = Gan(dataclasses.replace(TINY, ratio=3, winning=0.8))
    for ordered, expected in ((0.5, 3), (0.8, 3), (0.81, 1), (0.6, 3)):
        model.ordered.fill_(ordered)
        names = [losses.optimizer for losses in model.training_step(batch(), 0)]
        assert names == ["discriminator"] * expected + ["generator"]


def test_winning_is_measured_by_pairs_in_the_right_order(model):
    for _ in range(1000):
        model._watch(torch.tensor([3.0, 0.0]), torch.tensor([1.0, -1.0, 2.0, -5.0]))
    assert model.ordered.item() == pytest.approx(6 / 8, abs=1e-4)


def test_a_loss_moves_its_own_network_alone(model):
    images = batch()
    for losses in model.training_step(images, 0):
        own = [name for name, _ in model.named_parameters() if name.startswith(losses.optimizer)]
        optimizer = model.optimizers(Recipe())[losses.optimizer]
        parameters = {id(p) for group in optimizer.param_groups for p in group["params"]}
        assert parameters == {id(p) for name, p in model.named_parameters() if name in own}
        if losses.optimizer == "discriminator":
            others = list(model.generator.parameters())
            assert torch.autograd.grad(losses.total, others, allow_unused=True)[0] is None


@pytest.mark.parametrize(("size", "channels"), [(28, 1), (32, 3)])
def test_benchmarks_sizes_pass_through_both_networks(size, channels):
    config = dataclasses.replace(PRESETS["small"].config, size=size, channels=channels)
    model = Gan(config)
    images = model(torch.randn(2, config.latent))
    assert images.shape == (2, channels, size, size)
    assert model.score(images).shape == (2,)


def test_the_full_generator_has_four_residual_blocks_from_512_to_128():
    with torch.device("meta"):
        model = Gan(PRESETS["full"].config)
    blocks = [layer for layer in model.generator if isinstance(layer, ScalingResidual)]
    assert len(blocks) == 4
    assert (blocks[0].conv1.in_channels, blocks[-1].conv2.out_channels) == (512, 128)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in model.discriminator.modules())


@pytest.mark.parametrize(
    "change",
    [
        {"loss": "mse"},
        {"penalty": "r2"},
        {"penalty_weight": 0.0},
        {"penalty_every": 0},
        {"ratio": 0},
        {"winning": 0.0},
        {"latent": 0},
        {"size": 9, "block": 2},
        {"generator_widths": (8,)},
        {"discriminator_widths": (8, 12)},
    ],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(TINY, **change)


def test_steps_are_refused(model):
    with pytest.raises(TenshoError, match="one pass"):
        model.sample(1, steps=4)


def test_a_resumed_run_ends_as_one_that_never_stopped(tmp_path):
    config = GanConfig(
        size=1,
        channels=2,
        latent=2,
        generator_widths=(8, 8),
        discriminator_widths=(8, 8),
        ratio=3,
        winning=0.51,
        penalty_every=2,
    )
    stopped, whole = stopped_and_whole(Gan, config, tmp_path)
    assert stopped.keys() == whole.keys()
    assert all(torch.equal(stopped[key], whole[key]) for key in whole)


def test_contrast_multiplies_the_log_odds_of_ink():
    torch.manual_seed(0)
    soft = Gan(TINY)
    steep = Gan(dataclasses.replace(TINY, contrast=3.0))
    steep.load_state_dict(soft.state_dict())
    torch.testing.assert_close(steep.sample(2), (3 * soft.sample(2).logit()).sigmoid(), atol=1e-5, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "penalty"), [("bce", "r1"), ("relativistic", "r1r2")])
def test_the_modes_of_a_mixture_are_found(loss, penalty, tmp_path):
    torch.manual_seed(0)
    widths = (64, 64, 64)
    config = GanConfig(
        size=1,
        channels=2,
        latent=2,
        generator_widths=widths,
        discriminator_widths=widths,
        loss=loss,
        penalty=penalty,
        penalty_weight=0.1,
        ratio=1,
    )
    recipe = Recipe(steps=400, batch_size=128, learning_rate=1e-3, beta1=0.0, clip=10.0, ema=0.99)
    points = learned(Gan(config), recipe, tmp_path)
    mode, distance = nearest_mode(points)
    assert (np.bincount(mode, minlength=len(MODES)) > 0.5 * len(mode) / len(MODES)).all()
    assert np.mean(distance < 4 * Points.DEVIATION) > 0.7
