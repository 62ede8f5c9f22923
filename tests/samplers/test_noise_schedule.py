import pytest
import torch

from tensho.errors import TenshoError
from tensho.samplers.noise_schedule import SCHEDULES, Level, Schedule, stratified


@pytest.mark.parametrize(("name", "theirs"), [("linear", "linear"), ("cosine", "squaredcos_cap_v2")])
def test_schedules_are_those_of_diffusers(name, theirs):
    diffusers = pytest.importorskip("diffusers")
    scheduler = diffusers.DDPMScheduler(1000, beta_schedule=theirs)
    betas = SCHEDULES[name](1000)
    torch.testing.assert_close(betas.float(), scheduler.betas, rtol=1e-4, atol=1e-7)
    alpha = Schedule(betas).alpha.float()
    torch.testing.assert_close(alpha, scheduler.alphas_cumprod.sqrt(), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [4, 100, 1024])
def test_an_image_turns_into_noise(name, steps):
    schedule = Schedule(SCHEDULES[name](steps))
    assert len(schedule) == steps
    torch.testing.assert_close(schedule.alpha**2 + schedule.sigma**2, torch.ones(steps, dtype=torch.float64))
    assert (schedule.alpha.diff() < 0).all()
    assert schedule.sigma[0] < 0.7
    assert schedule.alpha[-1] < 0.05


def test_the_cosine_schedule_leaves_no_mean_at_the_end_and_the_linear_one_a_trace():
    """Of an image of 64×64 whose pixels are all -1; the mean of 64² noises has a deviation of 1/64."""
    left = {name: Schedule(betas(1024)).alpha[-1].item() for name, betas in SCHEDULES.items()}
    assert left["cosine"] < 0.01 / 64
    assert 0.1 / 64 < left["linear"] < 0.5 / 64


def test_one_step_adds_the_noise_of_its_beta():
    betas = SCHEDULES["linear"](50)
    schedule = Schedule(betas)
    ratio = (schedule.alpha[1:] / schedule.alpha[:-1]).square()
    torch.testing.assert_close(1 - ratio, betas[1:])


def test_levels_run_from_the_last_step_to_the_image():
    schedule = Schedule(SCHEDULES["cosine"](10))
    levels = schedule.levels(4)
    assert [level.t for level in levels] == [9, 7, 4, 1, -1]
    assert levels[-1] == Level(-1, 1.0, 0.0)
    alpha, sigma = schedule.at(torch.tensor([9, 4]))
    assert [level.alpha for level in levels[0:4:2]] == pytest.approx(alpha.tolist())
    assert [level.sigma for level in levels[0:4:2]] == pytest.approx(sigma.tolist())


def test_all_steps_are_the_most():
    schedule = Schedule(SCHEDULES["linear"](6))
    assert [level.t for level in schedule.levels(6)] == [5, 4, 3, 2, 1, 0, -1]
    with pytest.raises(TenshoError, match="has 6"):
        schedule.levels(7)


def test_stratified_steps_cover_the_chain():
    torch.manual_seed(0)
    t = torch.stack([stratified(8, 24, torch.device("cpu")) for _ in range(3000)])
    assert (t // 3 == torch.arange(8)).all()
    counts = torch.bincount(t.flatten(), minlength=24)
    assert len(counts) == 24
    assert (counts - 1000).abs().max() < 150
