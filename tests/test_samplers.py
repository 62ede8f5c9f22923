import pytest
import torch

from tensho.samplers import euler, linear_times

diffusers = pytest.importorskip("diffusers")


def gaussian_denoiser(mean, deviation):
    """Posterior mean of x_0 ~ N(mean, deviation²) given x_t = t x_0 + (1 - t) ε, in closed form."""

    def denoise(x, t):
        t = t[:, None]
        gain = t * deviation**2 / (t**2 * deviation**2 + (1 - t) ** 2)
        return mean + gain * (x - t * mean)

    return denoise


def test_times_run_from_noise_to_image():
    assert linear_times(4) == [0, 0.25, 0.5, 0.75, 1]


def test_euler_is_that_of_diffusers_on_the_same_noise():
    denoise = gaussian_denoiser(0.7, 0.3)
    noise = torch.randn(64, 5, generator=torch.Generator().manual_seed(0))
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
    noise = torch.randn(20_000, 1, generator=torch.Generator().manual_seed(1))
    *_, last = euler(gaussian_denoiser(-1.0, 0.5), noise, linear_times(200))
    assert last.clean.mean() == pytest.approx(-1.0, abs=0.02)
    assert last.clean.std() == pytest.approx(0.5, abs=0.02)
