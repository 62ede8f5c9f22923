from __future__ import annotations

import pytest
import torch

from tensho.errors import TenshoError
from tensho.finetune.objective import Objective

diffusers = pytest.importorskip("diffusers")


def scheduler(prediction, **options):
    schedule = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    return diffusers.DDPMScheduler(prediction_type=prediction, **schedule, **options)


@pytest.fixture
def tensors():
    generator = torch.Generator().manual_seed(0)
    latents, noise = torch.randn(2, 5, 4, 8, 8, generator=generator)
    return latents, noise, torch.tensor([0, 10, 250, 700, 999])


def test_noise_and_velocity_are_those_of_diffusers(tensors):
    latents, noise, t = tensors
    theirs = scheduler("v_prediction")
    ours = Objective(theirs, 5)
    torch.testing.assert_close(ours.noised(latents, noise, t), theirs.add_noise(latents, noise, t))
    torch.testing.assert_close(ours.target(latents, noise, t), theirs.get_velocity(latents, noise, t))


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
def test_every_prediction_weighs_an_error_in_x0_by_the_limited_signal_to_noise_ratio(tensors, prediction):
    latents, noise, t = tensors
    objective = Objective(scheduler(prediction), 5.0)
    alpha_bar = scheduler(prediction).alphas_cumprod[t].double()[:, None, None, None]
    signal, spread = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
    noised = signal * latents.double() + spread * noise.double()
    # A U-Net that is off by a known amount in x0 says this in its own terms.
    believed = latents.double() + 0.1 * torch.randn(latents.shape, generator=torch.Generator().manual_seed(1))
    believed_noise = (noised - signal * believed) / spread
    said = {
        "epsilon": believed_noise,
        "v_prediction": signal * believed_noise - spread * believed,
        "sample": believed,
    }
    loss = objective.loss(said[prediction], objective.target(latents, noise, t), t)
    snr = (alpha_bar / (1 - alpha_bar)).flatten()
    expected = snr.clamp(max=5) * (believed - latents).square().mean(dim=(1, 2, 3))
    torch.testing.assert_close(loss.double(), expected, rtol=2e-3, atol=1e-7)


def test_without_a_limit_every_time_counts_the_same():
    assert (Objective(scheduler("epsilon"), 0).weights == 1).all()


def test_a_schedule_that_ends_in_pure_noise_has_finite_weights():
    ending = scheduler("epsilon", rescale_betas_zero_snr=True)
    assert Objective(ending, 5).weights.isfinite().all()


def test_other_predictions_are_refused():
    unknown = scheduler("epsilon")
    unknown.register_to_config(prediction_type="flow")
    with pytest.raises(TenshoError, match="'flow'"):
        Objective(unknown, 5)
