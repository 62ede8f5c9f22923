"""The fine-tuning of Stable Diffusion as a task of the training loop: the U-Net learns, text encoder and VAE stay.

Before every forward pass torch's generators are seeded with (seed, step, pass), and the pairs of the pass are a
function of the same numbers.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tensho.finetune.checkpoint import StableDiffusion
from tensho.finetune.learner import Learner
from tensho.finetune.objective import Objective
from tensho.finetune.output import LORA, PIPELINE, save_adapters, save_pipeline
from tensho.finetune.pairs import Pairs, digest
from tensho.finetune.recipes import FineTuning
from tensho.finetune.sampling import draw
from tensho.seeds import SampleNoise, derived_seed
from tensho.sheet import Sheet
from tensho.train.batches import batch_indices
from tensho.train.processes import Processes
from tensho.train.run_folder import RunFolder
from tensho.train.settings import RunSettings
from tensho.train.task import State, TrainingTask

__all__ = ["PROMPTS", "VALIDATED", "FineTuningTask"]

PROMPTS = (
    "electricity",
    "a Chinese character that means robot",
    "the internet",
    "homesick, in Japanese serif type",
)
"""What is drawn as the run goes on, besides four captions of the validation split: meanings that had no character."""

VALIDATED = 64
"""Pairs of the validation split whose loss is measured, each at a time and with noise of its own that never change."""


class FineTuningTask(TrainingTask):
    """Trains the U-Net of ``model``, or adapters on it, on the pairs of ``train``.

    Attributes:
        output: the folder of the result.
        validated: loss of the averaged weights on ``validation``, before the first step and when it was last measured.
    """

    family = "stable-diffusion"
    recipe: FineTuning

    def __init__(
        self,
        model: StableDiffusion,
        train: Pairs,
        validation: Pairs,
        tuning: FineTuning,
        settings: RunSettings,
        files: RunFolder,
        processes: Processes,
    ) -> None:
        super().__init__(tuning, settings, files, processes)
        self.recipe = tuning
        self.model = model
        self.train = train
        self.validation = validation
        self.fingerprint = model.fingerprint
        self.objective = Objective(model.scheduler, tuning.min_snr)
        for part in (model.text_encoder, model.vae):
            part.to(self.device).eval().requires_grad_(False)
        model.unet.to(self.device).train()
        if tuning.gradient_checkpointing:
            model.unet.enable_gradient_checkpointing()
        self.learner = Learner(model.unet, tuning, settings.seed, processes)
        if settings.compile:
            model.unet.compile()
        self.output: Path = files.path / (LORA if tuning.lora else PIPELINE)
        self.validated: tuple[float, float] | None = None

    @property
    def images_per_step(self) -> int:
        """See `TrainingTask.images_per_step`."""
        return self.recipe.batch_size * self.recipe.accumulate * self.processes.count

    def take_step(self, step: int, factor: float) -> Iterator[Mapping[str, float]]:
        """See `TrainingTask.take_step`: the passes' mean loss, then the one update."""
        seed, rank, count = self.settings.seed, self.processes.rank, self.processes.count
        passes = self.recipe.accumulate
        mean = torch.zeros(1, device=self.device)
        for number in range(passes):
            indices = batch_indices(
                len(self.train),
                self.recipe.batch_size,
                seed=seed,
                step=step * passes + number,
                rank=rank,
                processes=count,
            )
            # Numbered over all processes: two of them do what one does with twice the passes.
            torch.manual_seed(derived_seed("finetune", seed, step, number * count + rank))
            loss = self._loss_of_batch(indices)
            (loss / passes).backward()
            mean += loss.detach() / passes
        self.processes.average([mean])
        yield {"loss/train": mean.item()}
        yield self.learner.update(factor)

    def report(self, seconds_per_step: float) -> Mapping[str, float]:
        """See `TrainingTask.report`."""
        measured = {} if self.validated is None else {"loss/validation": self.validated[1]}
        return {
            **measured,
            "skipped updates": self.learner.skipped,
            "seconds per step": seconds_per_step,
            "memory in GB": self.most_memory() / 1e9,
        }

    def depends_on(self) -> Mapping[str, Any]:
        """See `TrainingTask.depends_on`: base, pairs, and what of it learns."""
        return {
            "base weights": self.fingerprint,
            "accumulate": self.recipe.accumulate,
            "lora": self.recipe.lora,
            "size": self.train.size,
            "data set": digest(self.train, self.validation),
        }

    def origin(self) -> Mapping[str, Any]:
        """See `TrainingTask.origin`."""
        return {"base": self.model.name, **self.identity()}

    def state(self) -> State:
        """See `TrainingTask.state`."""
        tensors, values = self.learner.state()
        return tensors, {"validated": self.validated, "learner": values}

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """See `TrainingTask.restore`."""
        self.learner.restore(tensors, values["learner"])
        before, after = values["validated"]
        self.validated = (before, after)

    def evaluate(self) -> None:
        """See `TrainingTask.evaluate`."""
        measured = self._validation_loss()
        self.validated = (measured if self.validated is None else self.validated[0], measured)

    def told(self) -> str:
        """See `TrainingTask.told`."""
        return "" if self.validated is None else f"validation loss {self.validated[1]:.4g}"

    def draw_samples(self, step: int) -> None:
        """See `TrainingTask.draw_samples`."""
        prompts = [*PROMPTS, *self.validation.captions[:4]]
        with self.learner.averaged(), self.autocast():
            images = draw(self.model, prompts, size=self.train.size)
        Sheet.from_tensor(images).save(self.files.sample(step))

    def save_weights(self, step: int, images_seen: int) -> None:
        """See `TrainingTask.save_weights`; a pipeline takes gigabytes, so that it is written at the end alone."""

    def finish(self, step: int, images_seen: int) -> None:
        """See `TrainingTask.finish`: the pipeline or the adapters, with their card."""
        record = {**self.about(), "steps": step, "images seen": images_seen}
        save = save_adapters if self.recipe.lora else save_pipeline
        with self.learner.averaged():
            save(self.model, self.output, record)

    def most_memory(self) -> int:
        """The most bytes that were held so far, on the GPU if there is one."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

    def _loss_of_batch(self, indices: NDArray[np.int64]) -> Tensor:
        images = self.train.images(indices).to(self.device)
        length = len(indices)
        dropped = torch.rand(length) < self.recipe.drop_captions
        captions = ["" if drop else self.train.captions[i] for i, drop in zip(indices, dropped, strict=True)]
        # One time in each of B equal spans, so that every batch sees the whole range.
        spans = (torch.randperm(length) + torch.rand(length)) / length
        t = (spans * self.objective.times).long().clamp(max=self.objective.times - 1).to(self.device)
        with self.autocast():
            with torch.no_grad():
                latents = (
                    self.model.vae.encode(images).latent_dist.sample() * self.model.vae.config.scaling_factor
                )
                texts = self._texts(captions)
            noise = torch.randn(latents.shape).to(self.device)
            return self._losses(latents.float(), noise, t, texts).mean()

    @torch.no_grad()
    def _validation_loss(self) -> float:
        """The loss of the averaged weights on the first pairs of the shuffled validation split."""
        count = min(VALIDATED, len(self.validation))
        indices = np.random.default_rng(0).permutation(len(self.validation))[:count]
        losses = []
        with self.learner.averaged(), self.autocast():
            for rows in np.array_split(np.arange(count), -(-count // self.recipe.batch_size)):
                images = self.validation.images(indices[rows]).to(self.device)
                latents = (
                    self.model.vae.encode(images).latent_dist.mode() * self.model.vae.config.scaling_factor
                )
                noise = SampleNoise(0, rows.tolist(), self.device).normal(*latents.shape[1:])
                t = torch.from_numpy((rows + 0.5) / count * self.objective.times).long().to(self.device)
                texts = self._texts([self.validation.captions[i] for i in indices[rows]])
                losses.append(self._losses(latents.float(), noise, t, texts))
        return float(torch.cat(losses).mean())

    def _losses(self, latents: Tensor, noise: Tensor, t: Tensor, texts: Tensor) -> Tensor:
        noised = self.objective.noised(latents, noise, t)
        predicted = self.model.unet(noised, t, encoder_hidden_states=texts).sample
        return self.objective.loss(predicted, self.objective.target(latents, noise, t), t)

    @torch.no_grad()
    def _texts(self, captions: list[str]) -> Tensor:
        tokenizer = self.model.tokenizer
        ids: Tensor = tokenizer(
            captions,
            padding="max_length",
            truncation=True,
            max_length=tokenizer.model_max_length,
            return_tensors="pt",
        ).input_ids
        states: Tensor = self.model.text_encoder(ids.to(self.device))[0]
        return states
