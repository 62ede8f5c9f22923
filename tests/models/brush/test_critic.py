import dataclasses

import pytest
import torch
from torch.nn import functional

from tensho.errors import TenshoError
from tensho.models.brush.critic import PENALISED, PENALTY, Critic
from tensho.models.brush.network import Brush, BrushConfig
from tensho.models.trainable import Recipe

PLAIN = BrushConfig(
    size=16, widths=(8, 16), blocks=1, condition_width=16, styles=("thin", "bold"), distort=0.0
)
WATCHED = dataclasses.replace(PLAIN, adversarial=0.1)


@pytest.fixture
def critic():
    torch.manual_seed(0)
    return Critic(16, 3)


def bars(count):
    """Upright bars of ink, each in a place of its own, and the same ones blurred; float32 (B, 1, 16, 16)."""
    places = torch.randint(2, 14, (count, 1))
    sharp = torch.where((torch.arange(16) - places).abs() < 2, 1.0, -1.0)
    sharp = sharp[:, None, None].expand(-1, 1, 16, -1).contiguous()
    return sharp, functional.avg_pool2d(sharp + 1, 3, 1, 1) - 1


def batch(count=8):
    image = torch.randint(0, 256, (count, 1, 16, 16), dtype=torch.uint8)
    other = torch.randint(0, 256, (count, 1, 16, 16), dtype=torch.uint8)
    return {"image": image, "draft": other, "own_draft": other, "face": torch.zeros(count, dtype=torch.int64)}


def test_it_learns_to_tell_soft_edges_from_sharp_ones_wherever_they_are(critic):
    optimizer = torch.optim.Adam(critic.parameters(), lr=2e-3, betas=(0.0, 0.99))
    style = torch.zeros(32, dtype=torch.int64)
    for _ in range(60):
        sharp, soft = bars(32)
        margin, penalty = (judge(sharp, soft, soft, style) for judge in (critic.margin, critic.penalty))
        optimizer.zero_grad()
        (functional.softplus(-margin).mean() + penalty).backward()
        optimizer.step()
    sharp, soft = bars(200)
    assert (critic.margin(sharp, soft, soft, torch.zeros(200, dtype=torch.int64)) > 0).float().mean() > 0.95


def test_the_margin_of_a_pair_is_the_difference_of_its_scores(critic):
    sharp, soft = bars(5)
    style = torch.arange(5) % 3
    expected = critic(sharp, soft, style) - critic(soft, soft, style)
    torch.testing.assert_close(critic.margin(sharp, soft, soft, style), expected)


def test_the_style_tilts_the_score(critic):
    sharp, soft = bars(4)
    with torch.no_grad():
        critic.suits.weight[1] = 1.0
    mean = critic.places(torch.cat([sharp, soft], 1)).mean((2, 3)).sum(1)
    one, other = (critic(sharp, soft, torch.full((4,), style)) for style in (1, 0))
    torch.testing.assert_close(one - other, mean)


def test_the_penalty_is_that_of_a_score_with_a_known_gradient(critic, monkeypatch):
    """Of a score 3 Σ x the gradient is 3 at each of 256 pixels."""
    monkeypatch.setattr(
        Critic, "forward", lambda _self, pictures, _drafts, _style: 3 * pictures.sum((1, 2, 3))
    )
    sharp, soft = bars(PENALISED + 5)
    penalty = critic.penalty(sharp, soft, soft, torch.zeros(len(sharp), dtype=torch.int64))
    assert penalty.item() == pytest.approx(PENALTY * 9 * 256)


def test_critic_and_brush_are_trained_in_turn_and_apart():
    torch.manual_seed(0)
    brush = Brush(WATCHED)
    assert brush.critic is not None
    optimizers = brush.optimizers(Recipe())
    held = {name: {id(p) for g in o.param_groups for p in g["params"]} for name, o in optimizers.items()}
    assert held["critic"] == {id(parameter) for parameter in brush.critic.parameters()}
    assert held["main"] | held["critic"] == {id(parameter) for parameter in brush.parameters()}
    assert not held["main"] & held["critic"]
    steps = list(brush.training_step(batch(), 0))
    assert [losses.optimizer for losses in steps] == ["critic", "main"]
    shared = torch.autograd.grad(steps[0].total, list(brush.unet.parameters()), allow_unused=True)
    assert all(gradient is None for gradient in shared)


def test_the_brush_is_charged_for_what_the_critic_can_tell():
    losses = []
    for config in (PLAIN, WATCHED):
        torch.manual_seed(0)
        brush = Brush(config)
        torch.manual_seed(1)
        brush.load_state_dict(Brush(PLAIN).state_dict())
        given = batch()
        torch.manual_seed(2)
        losses.append(list(brush.training_step(given, 0))[-1])
    plain, watched = losses
    assert "fooling" not in plain.parts
    assert (watched.total - plain.total).item() == pytest.approx(
        0.1 * watched.parts["fooling"].item(), rel=1e-4
    )


def test_weights_with_a_critic_and_without_one_are_read_by_either(tmp_path):
    torch.manual_seed(0)
    plain, watched, other = Brush(PLAIN), Brush(WATCHED), Brush(WATCHED)
    assert watched.critic is not None
    assert other.critic is not None
    plain.load_state_dict(watched.state_dict())
    torch.testing.assert_close(plain.unet.state_dict(), watched.unet.state_dict())
    begun = {name: value.clone() for name, value in other.critic.state_dict().items()}
    other.load_state_dict(plain.state_dict())
    torch.testing.assert_close(other.critic.state_dict(), begun, rtol=0, atol=0)
    torch.testing.assert_close(other.unet.state_dict(), watched.unet.state_dict())
    watched.save(tmp_path / "watched.safetensors")
    opened = Brush.open(tmp_path / "watched.safetensors")
    assert opened.critic is not None
    torch.testing.assert_close(
        opened.critic.state_dict(), watched.critic.state_dict(), rtol=0, atol=1e-3, check_dtype=False
    )


def test_a_negative_weight_is_refused():
    with pytest.raises(TenshoError, match="adversarial"):
        dataclasses.replace(PLAIN, adversarial=-1.0)
