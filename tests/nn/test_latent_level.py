import pytest
import torch
from torch import distributions

from tensho.nn.latent_level import LatentLevel, gaussian_divergence
from tensho.nn.scaling import group_norm


def test_the_divergence_is_that_of_two_gaussians():
    q, p = ((torch.randn(3, 4, 2, 2), torch.randn(3, 4, 2, 2)) for _ in range(2))
    ours, theirs = (distributions.Normal(mean, (log / 2).exp()) for mean, log in (q, p))
    expected = distributions.kl_divergence(ours, theirs).flatten(1).sum(1)
    torch.testing.assert_close(gaussian_divergence(q, p), expected)


def test_a_new_level_knows_nothing_and_costs_nothing():
    level = LatentLevel(16, 3, group_norm)
    features, divergence = level.encode(torch.randn(2, 16, 4, 4), torch.randn(2, 16, 4, 4))
    assert features.shape == (2, 16, 4, 4)
    torch.testing.assert_close(divergence, torch.zeros(2))


def test_what_is_drawn_has_the_priors_moments():
    level, features = LatentLevel(16, 1, group_norm), torch.randn(1, 16, 1, 1)
    assert level.prior.bias is not None
    assert level.taken_in.bias is not None
    with torch.no_grad():
        level.prior.bias.copy_(torch.tensor([2.0, 2 * torch.tensor(0.5).log()]))
        level.prior.weight.zero_()
        level.taken_in.weight.fill_(1.0)
        level.taken_in.bias.zero_()
        many = features.expand(20_000, -1, -1, -1)
        taken = (level.draw(many, torch.randn(20_000, 1, 1, 1), temperature=2.0) - many)[:, 0]
        mean = (level.draw(many, None, temperature=2.0) - many)[:, 0]
    assert taken.mean().item() == pytest.approx(2, abs=0.05)
    assert taken.std().item() == pytest.approx(1.0, abs=0.05)  # twice the deviation
    torch.testing.assert_close(mean, torch.full_like(mean, 2.0))
