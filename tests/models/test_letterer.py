import dataclasses
from itertools import pairwise

import numpy as np
import pytest
import torch

from tensho.datasets.letters.fonts import build_letter_fonts
from tensho.datasets.letters.groups import LetterGroups, training_groups
from tensho.errors import TenshoError
from tensho.models import letterer
from tensho.models.letterer import UNKNOWN, Letterer, LettererConfig, Request
from tensho.models.trainable import Recipe
from tensho.nn.letter_group_net import LetterGroupNet, Task
from tensho.seeds import SampleNoise
from tensho.text.ascii_grid import COLUMNS, MASK, PAD, ROWS
from tensho.train.loop import fresh_model, train
from tensho.train.settings import RunSettings

TINY = LettererConfig(widths=(16, 16), symbol_width=8, condition_width=16, evaluations=3)


@pytest.fixture(scope="module")
def groups():
    return LetterGroups(
        build_letter_fonts(fonts=("big", "doom", "slant", "standard", "small"), synthetic=2), "train"
    )


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Letterer(TINY).eval()


def request_of(groups, indices=(0, 40), given=3):
    batch = groups.batch(np.array(indices))
    shown = batch["grids"].clone()
    shown[:, given:] = PAD
    return Request(**{name: shown if name == "given" else batch[name] for name in Request._fields}), batch[
        "grids"
    ]


def last(model, request, seed=0):
    *_, drawn = model.uncover(request, SampleNoise(seed, range(len(request.letters))))
    return drawn


def test_drawn_letters_fill_their_boxes_and_given_ones_stay(model, groups):
    request, _ = request_of(groups)
    drawn = last(model, request)
    assert drawn.shape == (2, 8, ROWS, COLUMNS)
    assert (drawn != MASK).all()
    assert torch.equal(drawn[:, :3], request.given[:, :3].long())
    inside = drawn != PAD
    assert (inside.any(-1).sum(-1) == request.height[:, None]).all()
    assert (inside.sum((-1, -2)) == inside.any(-1).sum(-1) * inside.any(-2).sum(-1)).all()


def test_widths_are_guessed_without_a_look_at_them(groups):
    model = Letterer(dataclasses.replace(TINY, drop_neighbour=0.0))
    batch = groups.batch(np.array([0, 40]))
    wider = {**batch, "grids": batch["grids"].clone()}
    tall = int(batch["height"].min())
    wider["grids"][:, -1] = PAD
    wider["grids"][:, -1, :tall, :COLUMNS] = 1  # of eight letters, the last is never given
    told = []
    model.columns.register_forward_pre_hook(lambda _, inputs: told.append(inputs))
    for one in (batch, wider):
        torch.manual_seed(0)
        list(model.training_step(one, 0))
    assert all(torch.equal(one, other) for one, other in zip(*told, strict=True))


def test_what_is_uncovered_stays(model, groups):
    request, _ = request_of(groups)
    stages = list(model.uncover(request, SampleNoise(0, [0, 1]), steps=5))
    assert len(stages) == 6
    assert (stages[0][:, 3:] >= MASK).all()
    for before, after in pairwise(stages):
        known = before != MASK
        assert torch.equal(before[known], after[known])
        assert (after == MASK).sum() < (before == MASK).sum()


def test_a_group_does_not_depend_on_the_others(model, groups):
    request, _ = request_of(groups, (0, 40, 300))
    alone = Request(*(field[1:2] for field in request))
    together = last(model, request)
    *_, single = model.uncover(alone, SampleNoise(0, [1]))
    assert (together[1:2] == single).float().mean() > 0.99


def test_the_same_seed_draws_the_same(model, groups):
    request, _ = request_of(groups)
    assert torch.equal(last(model, request), last(model, request))
    assert not torch.equal(last(model, request), last(model, request, seed=1))


def test_every_parameter_gets_a_finite_gradient(groups):
    torch.manual_seed(1)
    model = Letterer(TINY)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    (losses,) = model.training_step(groups.batch(np.arange(0, 600, 60)), 0)
    losses.total.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@pytest.mark.slow
def test_the_loss_falls(groups):
    torch.manual_seed(0)
    model = Letterer(dataclasses.replace(TINY, permuted=0.0))
    batch = groups.batch(np.arange(0, len(groups), 200))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    told = []
    for step in range(15):
        (losses,) = model.training_step(batch, step)
        optimizer.zero_grad()
        losses.total.backward()
        optimizer.step()
        told.append(losses.parts["cells"].item())
    assert np.mean(told[-5:]) < 0.7 * told[0]


def test_a_resumed_run_ends_as_one_that_never_stopped(groups, tmp_path):
    recipe = Recipe(steps=4, batch_size=4, anneal=0.0, ema=0.5)
    settings = RunSettings(precision="fp32", device="cpu", sample_every=0, save_every=2, log_every=2)
    shorter = dataclasses.replace(recipe, steps=2)
    whole = train(fresh_model(Letterer, TINY, 0), groups, recipe, settings, tmp_path / "whole")
    train(fresh_model(Letterer, TINY, 0), groups, shorter, settings, tmp_path / "parts")
    again = train(fresh_model(Letterer, TINY, 0), groups, recipe, settings, tmp_path / "parts")
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name]), name


def test_to_rename_the_symbols_renames_the_prediction():
    """With base vectors all alike, symbols are told apart by their roles alone."""
    torch.manual_seed(0)
    net = LetterGroupNet((8, 8), 8, 8)
    with torch.no_grad():
        net.base.weight[1:MASK] = net.base.weight[1]
    codes = torch.randint(0, MASK, (1, 2, 4, 8))
    codes[..., ::3] = MASK
    order = torch.cat(
        [torch.zeros(1, dtype=torch.long), torch.randperm(MASK - 1) + 1, torch.tensor([MASK, PAD])]
    )
    content, condition = torch.rand(1, 2, 4, 4, 8), torch.randn(1, 2, 8)
    none = torch.full_like(codes, PAD)
    plain = net(Task(codes, none, content, condition))
    renamed = net(Task(order[codes], none, content, condition))
    torch.testing.assert_close(renamed[..., order[:MASK]], plain, atol=1e-4, rtol=1e-4)


def test_hidden_shares_are_spread_evenly():
    shares = letterer._stratified(64, torch.device("cpu")).sort().values
    assert ((shares * 64).floor() == torch.arange(64)).all()


def test_letters_that_are_not_ascii_are_drawn(model, groups):
    request, _ = request_of(groups)
    unknown = request._replace(letters=torch.full_like(request.letters, UNKNOWN))
    assert (last(model, unknown) != MASK).all()


@pytest.mark.parametrize(
    "change",
    [{"widths": (16,)}, {"widths": (16, 12)}, {"temperature": 0.0}, {"evaluations": 0}, {"permuted": 1.5}],
)
def test_settings_that_make_no_sense_are_refused(change):
    with pytest.raises(TenshoError):
        dataclasses.replace(TINY, **change)


def test_requests_that_make_no_sense_are_refused(model, groups):
    with pytest.raises(TenshoError):
        list(model.uncover(request_of(groups)[0], SampleNoise(0, [0, 1]), steps=0))
    with pytest.raises(TenshoError, match="lettering"):
        training_groups("glyphs")


def test_saved_weights_draw_the_same(model, groups, tmp_path):
    model.load_state_dict(
        {k: v.half().float() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    )
    model.save(tmp_path / "w.safetensors")
    request, _ = request_of(groups)
    assert torch.equal(last(Letterer.open(tmp_path / "w.safetensors"), request), last(model, request))
