"""The moving average against its closed form."""

from __future__ import annotations

import math

import pytest
import torch

from tensho.train.ema import MovingAverage
from tests.train.toy import ToyConfig, ToyDenoiser


def test_it_is_the_weighted_sum_of_all_weights():
    model = ToyDenoiser(ToyConfig())
    average = MovingAverage(model, 0.5)
    weight = model.first.weight
    history = [weight.detach().clone()]
    for step in range(30):
        with torch.no_grad():
            weight.copy_(torch.randn_like(weight))
        history.append(weight.detach().clone())
        average.update(model, step)
    decays = [min(0.5, (1 + step) / (10 + step)) for step in range(30)]
    assert decays[0] == 0.1
    assert decays[-1] == 0.5
    expected = math.prod(decays) * history[0].double()
    for step in range(30):
        expected += (1 - decays[step]) * math.prod(decays[step + 1 :]) * history[step + 1].double()
    torch.testing.assert_close(
        average.model.state_dict()["first.weight"].double(), expected, rtol=1e-5, atol=1e-6
    )


def test_buffers_are_copied():
    model = ToyDenoiser(ToyConfig()).train()
    average = MovingAverage(model, 0.9)
    model(torch.randn(4, 1, 8, 8))
    average.update(model, 0)
    assert torch.equal(average.model.state_dict()["norm.running_var"], model.state_dict()["norm.running_var"])
    assert average.model.state_dict()["norm.num_batches_tracked"] == 1
    assert not average.model.training


@pytest.mark.parametrize("step", [0, 1000])
def test_without_decay_it_is_the_weights(step):
    model = ToyDenoiser(ToyConfig())
    average = MovingAverage(model, 0.0)
    with torch.no_grad():
        model.first.weight.add_(1)
    average.update(model, step)
    assert torch.equal(average.model.state_dict()["first.weight"], model.first.weight)
    assert average.model.state_dict()["first.weight"] is not model.first.weight
