r"""A student of ddpm: draws in a few evaluations of the network what its teacher draws in many.

Let t_0 > t_1 > … > t_E = -1 be the levels of a drawing in E evaluations, the last of them the image. From x_t at a level
t = t_k, made of an image and noise, the teacher goes to the next level, s = t_{k+1}, in ``substeps`` small steps of DDIM.
There is one estimate of the image with which a single step of DDIM ends at the same x_s; that, and not the image, is
what the student learns to tell (progressive distillation: Salimans and Ho 2022, arXiv 2202.00512, algorithm 2 and
appendix G; there the steps are halved again and again, here the teacher stays the same):

    D* = (x_s - (σ_s/σ_t) x_t) / (α_s - (σ_s/σ_t) α_t),     v* = (α_t x_t - D*) / σ_t,     L = E ‖F(x_t, t) - v*‖².

The student is the teacher's network, and begins with its weights.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import ClassVar

import torch
from torch import Tensor

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models.base import Losses, Preset, Recipe
from tensho.models.config import Config, setting
from tensho.models.ddpm import Ddpm, DdpmConfig
from tensho.models.loading import load
from tensho.samplers.diffusion import step_to

__all__ = ["PRESETS", "DdpmStudent", "DdpmStudentConfig"]


@dataclasses.dataclass(frozen=True)
class DdpmStudentConfig(DdpmConfig):
    """What a student is set to beside the settings of its teacher's network."""

    teacher: str = setting(
        "ddpm", "Weights of the ddpm that it learns from: a name, a file or a run's folder."
    )
    substeps: int = setting(6, "Steps that the teacher takes in the place of one of the student's.")

    def check(self) -> None:
        """Raise `TenshoError` on drawings that cannot be learned."""
        super().check()
        self.require(
            self.evaluations >= 1, "--evaluations must be at least 1: a student learns so many steps"
        )
        self.require(self.substeps >= 1, f"--substeps is {self.substeps}, but must be at least 1")
        self.require(
            self.sampler == "ddim", f"--sampler is {self.sampler!r}, but a student learns ddim's steps"
        )


_FEW = DdpmStudentConfig(
    widths=(40, 80, 160, 192), attention=2, contrast=1.08, style_drop=0.1, sampler="ddim", evaluations=4
)

PRESETS: Mapping[str, Preset[DdpmStudentConfig]] = {
    "small": Preset(_FEW, Recipe(steps=4_000, batch_size=32, learning_rate=2e-4, ema=0.995)),
    "full": Preset(
        dataclasses.replace(_FEW, substeps=16),
        Recipe(steps=40_000, batch_size=128, learning_rate=2e-4, ema=0.9995),
    ),
}
"""One size, that of the shipped teacher; the full one learns from smaller steps, and longer."""


class DdpmStudent(Ddpm):
    """A ddpm whose steps are as long as many of its teacher's."""

    family: ClassVar[str] = "ddpm-student"
    config_class: ClassVar[type[Config]] = DdpmStudentConfig
    config: DdpmStudentConfig

    _teacher: tuple[Ddpm, Tensor]
    """The teacher, and its row for each of this network's styles and for any; in a tuple, since it is no part of this network."""

    def prepare(self, dataset: Dataset) -> None:
        """Open the teacher, and begin with its weights.

        Raises:
            TenshoError: there is no such teacher, or its network is another one.
        """
        super().prepare(dataset)
        teacher, name = load(self.config.teacher, runtime="torch"), self.config.teacher
        if not isinstance(teacher, Ddpm):
            raise TenshoError(f"{name} holds weights of {teacher.family}, but a student learns from ddpm")
        try:
            self.learn_from(teacher)
        except RuntimeError as error:
            raise TenshoError(
                f"the network of {name} is another one; give --widths and the like as it has them"
            ) from error

    def learn_from(self, teacher: Ddpm) -> None:
        """Make a ddpm with the same network the teacher, and begin with its weights.

        Raises:
            RuntimeError: its network is another one.
        """
        self.begin_with(teacher)
        self._teacher = (teacher.eval().requires_grad_(False), teacher.rows_of((*self.config.styles, "")))

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The loss of the module's docstring, over levels that each occur equally often.

        Args:
            batch: as of `Ddpm.training_step`.
            step: not used.
        """
        teacher, rows = self._teacher[0].to(self.device), self._teacher[1].to(self.device)
        x0, style = batch["image"].float() / 127.5 - 1, self.told_styles(batch)
        theirs = None if style is None else rows[style]
        ends = torch.tensor([level.t for level in self.schedule.levels(self.config.evaluations)])
        now = torch.randperm(len(x0)) % self.config.evaluations
        t, s = ends[now].to(self.device), ends[now + 1].to(self.device)
        (alpha, sigma), (alpha_s, sigma_s) = self._at(t), self._at(s)
        x = alpha * x0 + sigma * torch.randn_like(x0)
        with torch.no_grad():
            x_s = _walk(teacher, x, t, s, theirs, self.config.substeps)
            kept = sigma_s / sigma
            clean = (x_s - kept * x) / (alpha_s - kept * alpha)
        error = self(x, t, style) - (alpha * x - clean) / sigma
        loss = error.square().mean()
        yield Losses(loss, {"velocity": loss})


def _walk(teacher: Ddpm, x: Tensor, t: Tensor, s: Tensor, style: Tensor | None, substeps: int) -> Tensor:
    """x_s from x_t by DDIM with the teacher's estimates; t and s are int64 (B,), and differ from row to row."""
    for k in range(substeps):
        now = (t + (s - t) * (k / substeps)).round().long()
        after = (t + (s - t) * ((k + 1) / substeps)).round().long()
        (alpha, sigma), (alpha_s, sigma_s) = teacher._at(now), teacher._at(after)
        x = step_to(x, teacher.posterior_mean(x, now, style), alpha, sigma, alpha_s, sigma_s)
    return x
