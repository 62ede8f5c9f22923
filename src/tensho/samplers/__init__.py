"""Samplers: from noise to an image by evaluating a denoiser step by step.

A sampler sees a denoiser, the posterior mean D(x_t, t) = E[x_0 | x_t], and the levels of noise to stop at; it knows no
parametrisation. It yields one `Step` for each evaluation of the denoiser; the last step's ``clean`` is the image.
"""

from tensho.samplers.diffusion import Normal, ancestral, ddim, dpm_solver
from tensho.samplers.flow import euler, linear_times
from tensho.samplers.step import Denoiser, Step, last_step

__all__ = [
    "Denoiser",
    "Normal",
    "Step",
    "ancestral",
    "ddim",
    "dpm_solver",
    "euler",
    "last_step",
    "linear_times",
]
