"""Gradients go where they belong, and what is not finite goes nowhere."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.base import Losses, Recipe
from tensho.train.processes import Processes
from tensho.train.updates import PATIENCE, Updates
from tests.train.toy import ToyConfig, ToyDenoiser, ToyGan, run


@pytest.fixture
def updates_of():
    return lambda model, **recipe: Updates(model, Recipe(**recipe), Processes("cpu"))


def test_only_the_named_optimizer_moves_and_nothing_leaks(tmp_path, monkeypatch):
    phases = []

    def look(model, phase):
        state = {name: value.detach().clone() for name, value in model.named_parameters()}
        phases.append((phase, state))
        assert all(parameter.grad is None for parameter in model.parameters())

    monkeypatch.setattr(ToyGan, "between", staticmethod(look))
    run(tmp_path, family="toygan", steps=2)
    assert [phase for phase, _ in phases] == ["critic", "critic", "generator"] * 2
    for (phase, before), (_, after) in pairwise(phases):
        moved = {name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])}
        assert moved == ({"generator"} if phase == "generator" else {"inner", "outer"})


def test_an_update_is_the_optimizers_own(updates_of):
    """Two AdamW steps, with clipping, against plain torch."""
    ours, theirs = ToyGan(ToyConfig()), ToyGan(ToyConfig())
    theirs.load_state_dict(ours.state_dict())
    updates = updates_of(ours, clip=0.01, learning_rate=0.1)
    plain = theirs.optimizers(Recipe(learning_rate=0.05))["critic"]
    x0 = torch.rand(5, 1, 8, 8)
    for _ in range(2):
        logged = updates.apply(Losses(ours.critic(x0).square().sum(), optimizer="critic"), 0.5)
        plain.zero_grad()
        loss = theirs.critic(x0).square().sum()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(theirs.critic_parameters(), 0.01)
        plain.step()
        assert logged == pytest.approx({"loss/critic": loss.item(), "gradient/critic": norm.item()})
    for parameter, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(parameter, expected)
    assert updates.learning_rates()["learning rate/critic"] == 0.05


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_changes_nothing(updates_of, value):
    model = ToyDenoiser(ToyConfig())
    updates = updates_of(model)
    weight = model.first.weight
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    poisons = (
        weight.sum() * value,
        (weight.sum() - weight.sum().detach()).sqrt() * 0 + 1,  # a finite loss with a gradient that is not
    )
    for poison in poisons:
        assert updates.apply(Losses(poison), 1.0) == {}
    assert (updates.skipped, updates.in_a_row) == (2, {"main": 2})
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    updates.apply(Losses(weight.sum()), 1.0)
    assert (updates.skipped, updates.in_a_row) == (2, {"main": 0})


def test_too_many_in_a_row_end_the_run(updates_of):
    model = ToyDenoiser(ToyConfig())
    updates = updates_of(model)
    for _ in range(PATIENCE - 1):
        updates.apply(Losses(model.first.weight.sum() * math.nan), 1.0)
    with pytest.raises(TenshoError, match="not finite 20 times in a row; lower --learning-rate"):
        updates.apply(Losses(model.first.weight.sum() * math.nan), 1.0)


def test_a_bad_step_is_told_and_leaves_batch_norm_as_it_was(tmp_path, monkeypatch):
    step_of = ToyDenoiser.training_step

    def poisoned(self, batch, step):
        if step == 3:
            self.first.weight.data, good = self.first.weight * math.nan, self.first.weight.data
            yield from step_of(self, batch, step)
            self.first.weight.data = good
        else:
            yield from step_of(self, batch, step)

    monkeypatch.setattr(ToyDenoiser, "training_step", poisoned)
    trained = run(tmp_path)
    assert trained.skipped == 1
    assert all(tensor.isfinite().all() for tensor in trained.model.state_dict().values())
    assert trained.model.state_dict()["norm.num_batches_tracked"] == 11
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["skipped updates"] for line in lines] == [0, 0, 0, *[1] * 9]
    assert "loss/main" not in lines[3]


def test_a_parameter_that_the_loss_does_not_reach_has_no_gradient_but_a_state(updates_of):
    model = ToyDenoiser(ToyConfig())
    updates = updates_of(model)
    before = model.last.weight.detach().clone()
    updates.apply(Losses(model.first.weight.sum()), 1.0)
    assert torch.equal(model.last.weight, before)
    assert not updates.optimizers["main"].state[model.last.weight]["exp_avg"].any()


def test_gradients_that_share_memory_are_clipped_once(updates_of):
    model = ToyGan(ToyConfig())
    weights = [layer.weight for layer in (model.inner, model.outer)]
    updates = updates_of(model, clip=0.5, learning_rate=1.0)
    shared = weights[0].sum() + weights[1].sum() * 1
    updates.optimizers["critic"] = torch.optim.SGD(model.critic_parameters(), lr=1.0)
    before = [weight.detach().clone() for weight in weights]
    updates.apply(Losses(shared, optimizer="critic"), 1.0)
    norm = math.sqrt(sum(weight.numel() for weight in weights))
    for weight, old in zip(weights, before, strict=True):
        torch.testing.assert_close(old - weight.detach(), torch.full_like(old, 0.5 / norm))
