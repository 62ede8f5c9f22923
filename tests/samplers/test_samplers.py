import functools

import pytest
import torch

from tensho.samplers import ancestral, ddim, dpm_solver, euler, linear_times
from tensho.samplers.noise_schedule import SCHEDULES, Schedule

diffusers = pytest.importorskip("diffusers")

STEPS = 1024
"""Of the noising chain."""


def gaussian_denoiser(mean, deviation):
    """Posterior mean of x_0 ~ N(mean, deviation²) given x_t = t x_0 + (1 - t) ε, in closed form."""

    def denoise(x, t):
        t = t[:, None]
        gain = t * deviation**2 / (t**2 * deviation**2 + (1 - t) ** 2)
        return mean + gain * (x - t * mean)

    return denoise


def chain_denoiser(schedule, mean, deviation):
    """The same given x_t = α_t x_0 + σ_t ε."""

    def denoise(x, t):
        alpha, sigma = (value[:, None] for value in schedule.at(t))
        gain = alpha * deviation**2 / (alpha**2 * deviation**2 + sigma**2)
        return mean + gain * (x - alpha * mean)

    return denoise


def schedule_of(name):
    return Schedule(SCHEDULES[name](STEPS))


def noise_of(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_times_run_from_noise_to_image():
    assert linear_times(4) == [0, 0.25, 0.5, 0.75, 1]


def test_euler_is_that_of_diffusers_on_the_same_noise():
    denoise = gaussian_denoiser(0.7, 0.3)
    noise = noise_of(0, 64, 5).float()
    steps = 8
    *_, last = euler(denoise, noise, linear_times(steps))

    scheduler = diffusers.FlowMatchEulerDiscreteScheduler(shift=1.0)
    scheduler.set_timesteps(sigmas=[1 - t for t in linear_times(steps)[:-1]])
    x = noise
    for timestep, sigma in zip(scheduler.timesteps, scheduler.sigmas, strict=False):
        # diffusers calls σ = 1 - t what we call t, and its velocity points from image to noise.
        clean = denoise(x, torch.full((len(x),), 1 - float(sigma)))
        x = scheduler.step((x - clean) / sigma, timestep, x).prev_sample
    torch.testing.assert_close(last.clean, x, rtol=1e-5, atol=1e-5)


def test_many_small_steps_reach_the_distribution():
    *_, last = euler(gaussian_denoiser(-1.0, 0.5), noise_of(1, 20_000, 1), linear_times(200))
    assert last.clean.mean() == pytest.approx(-1.0, abs=0.02)
    assert last.clean.std() == pytest.approx(0.5, abs=0.02)


def walked_by_diffusers(scheduler, schedule, denoise, noise, evaluations, **step):
    """What the scheduler makes of the same estimates; also what it gave the denoiser at each step."""
    scheduler.alphas_cumprod = schedule.alpha.square()  # its own are float32, whose rounding adds up
    scheduler.set_timesteps(evaluations)
    x, seen = noise, []
    for timestep in scheduler.timesteps:
        seen.append(x)
        clean = denoise(x, torch.full((len(x),), int(timestep)))
        x = scheduler.step(clean, timestep, x, **step).prev_sample
    return x, seen


def assert_same_walk(frames, walked):
    end, seen = walked
    torch.testing.assert_close(
        torch.stack([f.noisy for f in frames]), torch.stack(seen), rtol=1e-5, atol=1e-5
    )
    torch.testing.assert_close(frames[-1].clean, end, rtol=1e-5, atol=1e-5)


def saturating(denoise):
    """An estimate that bends, as a network's does: for one that is linear, different solvers can agree by chance."""
    return lambda x, t: torch.tanh(denoise(x, t) + 0.3 * x.square())


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("evaluations", [1, 8, 32])  # diffusers goes astray where the chain is no multiple
def test_ddim_is_that_of_diffusers_on_the_same_noise(name, evaluations):
    schedule = schedule_of(name)
    denoise, noise = saturating(chain_denoiser(schedule, 0.7, 0.3)), noise_of(0, 64, 5)
    frames = list(ddim(denoise, noise, schedule.levels(evaluations)))
    scheduler = diffusers.DDIMScheduler(
        STEPS,
        clip_sample=False,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
        prediction_type="sample",
    )
    assert_same_walk(frames, walked_by_diffusers(scheduler, schedule, denoise, noise, evaluations))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # diffusers' own
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("evaluations", [1, 7, 28])
def test_dpm_solver_is_that_of_diffusers_on_the_same_noise(name, evaluations):
    schedule = schedule_of(name)
    denoise, noise = saturating(chain_denoiser(schedule, 0.7, 0.3)), noise_of(0, 64, 5)
    frames = list(dpm_solver(denoise, noise, schedule.levels(evaluations)))
    scheduler = diffusers.DPMSolverMultistepScheduler(
        STEPS,
        algorithm_type="dpmsolver++",
        solver_order=2,
        solver_type="midpoint",
        final_sigmas_type="zero",
        timestep_spacing="trailing",
        prediction_type="sample",
    )
    assert_same_walk(frames, walked_by_diffusers(scheduler, schedule, denoise, noise, evaluations))


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("evaluations", [1, 64, STEPS])
def test_ancestral_steps_are_those_of_diffusers_on_the_same_noise(name, evaluations):
    schedule = schedule_of(name)
    denoise, noise = saturating(chain_denoiser(schedule, 0.7, 0.3)), noise_of(0, 4, 5)
    generator = torch.Generator().manual_seed(3)
    normal = functools.partial(torch.randn, 4, 5, generator=generator, dtype=torch.float64)
    frames = list(ancestral(denoise, noise, schedule.levels(evaluations), normal))
    scheduler = diffusers.DDPMScheduler(
        STEPS,
        variance_type="fixed_small",
        clip_sample=False,
        timestep_spacing="trailing",
        prediction_type="sample",
    )
    same = torch.Generator().manual_seed(3)
    assert_same_walk(
        frames, walked_by_diffusers(scheduler, schedule, denoise, noise, evaluations, generator=same)
    )


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("sampler", [ddim, dpm_solver, ancestral])
def test_the_exact_denoiser_leads_to_the_distribution(sampler, name):
    schedule = schedule_of(name)
    noise = noise_of(1, 5_000, 1)
    if sampler is ancestral:
        sampler = functools.partial(ancestral, normal=functools.partial(torch.randn_like, noise))
    torch.manual_seed(2)
    *_, last = sampler(chain_denoiser(schedule, -0.5, 0.2), noise, schedule.levels(STEPS))
    assert last.clean.mean() == pytest.approx(-0.5, abs=0.01)
    assert last.clean.std() == pytest.approx(0.2, abs=0.01)


def test_dpm_solver_needs_fewer_evaluations_than_ddim():
    """Its error falls with the square of the step, that of ddim with the step."""
    schedule = schedule_of("cosine")
    denoise, noise = chain_denoiser(schedule, -0.5, 0.2), noise_of(1, 1000, 1)
    *_, exact = ddim(denoise, noise, schedule.levels(STEPS))
    errors = {}
    for sampler in (ddim, dpm_solver):
        *_, last = sampler(denoise, noise, schedule.levels(32))
        errors[sampler] = (last.clean - exact.clean).abs().mean()
    assert errors[dpm_solver] < errors[ddim] / 3
