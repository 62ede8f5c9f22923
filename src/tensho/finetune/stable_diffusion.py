"""Fine-tunes a Stable Diffusion checkpoint on pictures with captions.

As in `tensho.train.loop`, a run is a function of its base, pairs, recipe and seed: before every forward pass torch's
generators are seeded with (seed, step, pass), the pairs of the pass are a function of the same numbers, and the checkpoint
holds the rest, so that a run that was killed and started again ends with the same weights, bit for bit, as one that
was not. Text encoder and VAE stay as they are.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tensho.errors import TenshoError
from tensho.finetune.checkpoint import StableDiffusion, open_checkpoint
from tensho.finetune.learner import Learner
from tensho.finetune.objective import Objective
from tensho.finetune.output import LORA, PIPELINE, save_adapters, save_pipeline
from tensho.finetune.pairs import Pairs, digest, open_pairs
from tensho.finetune.recipes import FineTuning
from tensho.finetune.sampling import draw
from tensho.seeds import SampleNoise, derived_seed
from tensho.sheet import Sheet
from tensho.train.batches import batch_indices
from tensho.train.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from tensho.train.interrupt import Interrupt, interrupts
from tensho.train.learning_rate import learning_rate_factor
from tensho.train.precision import has_bfloat16, repeatable
from tensho.train.processes import Processes
from tensho.train.run_folder import RunFolder
from tensho.train.run_log import RunLog, RunningMeans
from tensho.train.settings import RunSettings
from tensho.version import __version__

__all__ = ["PROMPTS", "FineTuned", "finetune"]

PROMPTS = (
    "electricity",
    "a Chinese character that means robot",
    "the internet",
    "homesick, in Japanese serif type",
)
"""What is drawn as the run goes on, besides four captions of the validation split: meanings that had no character."""

_SPLITS: tuple[Literal["train"], Literal["validation"]] = ("train", "validation")

VALIDATED = 64
"""Pairs of the validation split whose loss is measured, each at a time and with noise of its own that never change."""


@dataclasses.dataclass(frozen=True)
class FineTuned:
    """What a finished run leaves.

    folder: that of the pipeline or of the adapters. steps and images_seen count from the run's first start.
    loss: (before, after) on the validation split. seconds_per_step; memory: the most that was held, in bytes,
    on the GPU if there is one.
    """

    folder: Path
    steps: int
    images_seen: int
    loss: tuple[float, float]
    seconds_per_step: float
    memory: int


def finetune(base: str, data: Path, tuning: FineTuning, settings: RunSettings, folder: Path) -> FineTuned:
    """Fine-tune ``base`` on the pairs in ``data``, in ``folder``, from its checkpoint if it has one.

    The folder gets ``pipeline`` (all weights) or ``lora`` (adapters), which hold the moving average, and
    ``checkpoint.safetensors``, ``log.jsonl``, TensorBoard scalars and the validation prompts drawn every
    ``sample_every`` steps. Started by ``accelerate launch`` or ``torchrun``, all processes train one model; they
    must all be able to read the folder.

    Args:
        base: a folder in the layout of diffusers, or a name on the hub.
        data: an image folder with the splits train and validation, see `tensho.datasets.pairs`.
        tuning: may be changed between the parts of a run, except for what it takes in and what it trains.
        settings: how to run; ``seed`` and ``precision`` stay those of the first part.
        folder: made if it is not there.

    Raises:
        TenshoError: base or data cannot be used, the checkpoint is damaged or of another run, the folder cannot be
            written, or the gradient stays non-finite.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, when the step is finished and saved.
    """
    if settings.threads > 0:
        torch.set_num_threads(settings.threads)
    # Cheap checks come first: a base may take minutes to download.
    for split in _SPLITS:
        open_pairs(data, split, size=tuning.size)
    processes = Processes(settings.device)
    model = open_checkpoint(base)
    size = tuning.size or model.size
    if size % model.factor:
        raise TenshoError(f"--size is {size}, but {base} draws multiples of {model.factor} pixels")
    train, validation = (open_pairs(data, split, size=size) for split in _SPLITS)
    files = RunFolder(folder)
    with (
        repeatable(processes.device),
        files.claimed() if processes.rank == 0 else nullcontext(),
        interrupts() as interrupt,
    ):
        run = _Run(model, train, validation, tuning, settings, files, processes)
        run.start()
        if processes.rank == 0:
            with RunLog(folder, run.step, tuning.steps, run.progress) as run_log:
                run.go(interrupt, run_log)
        else:
            run.go(interrupt, None)
    return FineTuned(
        run.output, run.step, run.images_seen, run.validated, run.seconds_per_step, run.most_memory()
    )


class _Run:
    """One process's part in a run. Public attributes are what a checkpoint holds, and what it depends on."""

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
        self.model = model
        self.train = train
        self.validation = validation
        self.tuning = tuning
        self.settings = settings
        self.files = files
        self.processes = processes
        self.fingerprint = model.fingerprint
        self.device = processes.device
        automatic = "bf16" if has_bfloat16(self.device) else "fp32"
        self.precision = automatic if settings.precision == "auto" else settings.precision
        self.objective = Objective(model.scheduler, tuning.min_snr)
        for part in (model.text_encoder, model.vae):
            part.to(self.device).eval().requires_grad_(False)
        model.unet.to(self.device).train()
        if tuning.gradient_checkpointing:
            model.unet.enable_gradient_checkpointing()
        self.learner = Learner(model.unet, tuning, settings.seed, processes)
        if settings.compile:
            model.unet.compile()
        self.means = RunningMeans()
        self.step = 0
        self.images_seen = 0
        self.elapsed = 0.0
        self.seconds_per_step = 0.0
        self.validated = (float("nan"), float("nan"))

    @property
    def output(self) -> Path:
        """Where the result goes."""
        return self.files.path / (LORA if self.tuning.lora else PIPELINE)

    @property
    def progress(self) -> float:
        """The share of the run that is over; see `RunSettings.progress`."""
        return self.settings.progress(self.step, self.tuning.steps, self.elapsed)

    def start(self) -> None:
        """Go back to the checkpoint, or write the first one, which also shows that the folder takes it."""
        checkpoint = read_checkpoint(self.files.checkpoint)
        if checkpoint is not None:
            checkpoint.check_identity(self._identity(), self.files.checkpoint)
            self._restore(checkpoint)
        elif self.processes.rank == 0:
            self.validated = (self._validation_loss(),) * 2
            write_checkpoint(self.files.checkpoint, self._checkpoint())
        self.processes.check_same_step(self.step, self.files.path)

    def go(self, interrupt: Interrupt, run_log: RunLog | None) -> None:
        """Train to the end, or to the step at which any process is interrupted; ``run_log`` is rank 0's."""
        if run_log is not None:
            so_far = f"going on after step {self.step}" if self.step else "before the first step"
            run_log.print_line(f"{so_far}  validation loss {self.validated[1]:.4g}")
        started = time.monotonic() - self.elapsed
        busy, stepped = 0.0, 0
        while not self._agree_to_stop(interrupt, time.monotonic() - started) and self.progress < 1:
            before = time.monotonic()
            self._take_step()
            busy, stepped = busy + time.monotonic() - before, stepped + 1
            self.seconds_per_step = busy / stepped
            if run_log is None:
                continue
            run_log.advance(self.step, self.progress)
            if self.step % self.settings.log_every == 0:
                run_log.write(self.step, self._report())
                busy, stepped = 0.0, 0
            if self.progress < 1:
                self._show_and_save(run_log)
        if run_log is not None:
            self._save(run_log)
            if self.settings.sample_every > 0:
                self._draw_samples()
            self._write_output()
        self.processes.wait()
        if self.progress < 1:
            raise KeyboardInterrupt(f"stopped after step {self.step}; the same command goes on from there")

    def _show_and_save(self, run_log: RunLog) -> None:
        if self.settings.sample_every > 0 and self.step % self.settings.sample_every == 0:
            self._draw_samples()
        if self.step % self.settings.save_every == 0:
            self._save(run_log)

    def _take_step(self) -> None:
        seed, rank, count = self.settings.seed, self.processes.rank, self.processes.count
        passes = self.tuning.accumulate
        mean = torch.zeros(1, device=self.device)
        for number in range(passes):
            indices = batch_indices(
                len(self.train),
                self.tuning.batch_size,
                seed=seed,
                step=self.step * passes + number,
                rank=rank,
                processes=count,
            )
            # Numbered over all processes: two of them do what one does with twice the passes.
            torch.manual_seed(derived_seed("finetune", seed, self.step, number * count + rank))
            loss = self._loss_of_batch(indices)
            (loss / passes).backward()
            mean += loss.detach() / passes
        self.processes.average([mean])
        self.means.add({"loss/train": mean.item()})
        factor = learning_rate_factor(self.tuning, self.step, self.progress)
        self.means.add(self.learner.update(factor))
        self.step += 1
        self.images_seen += self.tuning.batch_size * passes * count

    def _loss_of_batch(self, indices: NDArray[np.int64]) -> Tensor:
        images = self.train.images(indices).to(self.device)
        length = len(indices)
        dropped = torch.rand(length) < self.tuning.drop_captions
        captions = ["" if drop else self.train.captions[i] for i, drop in zip(indices, dropped, strict=True)]
        # One time in each of B equal spans, so that every batch sees the whole range.
        spans = (torch.randperm(length) + torch.rand(length)) / length
        t = (spans * self.objective.times).long().clamp(max=self.objective.times - 1).to(self.device)
        with self._arithmetic():
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
        with self.learner.averaged(), self._arithmetic():
            for rows in np.array_split(np.arange(count), -(-count // self.tuning.batch_size)):
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

    def _arithmetic(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def _agree_to_stop(self, interrupt: Interrupt, elapsed: float) -> bool:
        """Whether any process was asked to stop; all take the same answer and the same ``elapsed`` seconds."""
        stop, self.elapsed = self.processes.agree_to_stop(interrupt.requested, elapsed)
        return stop

    def _report(self) -> dict[str, float]:
        per_step = self.tuning.batch_size * self.tuning.accumulate * self.processes.count
        return {
            "images": self.images_seen,
            **self.means.take(),
            "loss/validation": self.validated[1],
            "skipped updates": self.learner.skipped,
            "images per second": per_step / self.seconds_per_step,
            "seconds per step": self.seconds_per_step,
            "memory in GB": self.most_memory() / 1e9,
            "minutes": self.elapsed / 60,
        }

    def most_memory(self) -> int:
        """The most bytes that were held so far, on the GPU if there is one."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

    def _draw_samples(self) -> None:
        prompts = [*PROMPTS, *self.validation.captions[:4]]
        with self.learner.averaged(), self._arithmetic():
            images = draw(self.model, prompts, size=self.train.size)
        Sheet.from_tensor(images).save(self.files.sample(self.step))

    def _save(self, run_log: RunLog) -> None:
        # Not where the run was stopped by hand: the log is that of a run which never stopped.
        if self.progress >= 1 or self.step % self.settings.save_every == 0:
            self.validated = (self.validated[0], self._validation_loss())
            run_log.print_line(
                f"step {self.step}/{self.tuning.steps}  validation loss {self.validated[1]:.4g}"
            )
        run_log.sync()
        write_checkpoint(self.files.checkpoint, self._checkpoint())

    def _write_output(self) -> None:
        record = {**self._about(), "steps": self.step, "images seen": self.images_seen}
        save = save_adapters if self.tuning.lora else save_pipeline
        with self.learner.averaged():
            save(self.model, self.output, record)

    def _identity(self) -> dict[str, Any]:
        return {
            "family": "stable-diffusion",
            "base weights": self.fingerprint,
            "seed": self.settings.seed,
            "precision": self.precision,
            "processes": self.processes.count,
            "batch size": self.tuning.batch_size,
            "accumulate": self.tuning.accumulate,
            "lora": self.tuning.lora,
            "size": self.train.size,
            "data set": digest(self.train, self.validation),
        }

    def _about(self) -> dict[str, Any]:
        return {
            "base": self.model.name,
            **self._identity(),
            "recipe": json.loads(self.tuning.to_json()),
            "tensho": __version__,
        }

    def _checkpoint(self) -> Checkpoint:
        tensors, values = self.learner.state()
        state = {
            "step": self.step,
            "images seen": self.images_seen,
            "elapsed": self.elapsed,
            "validated": self.validated,
            "seconds per step": self.seconds_per_step,
            "means": self.means.sums,
            "learner": values,
        }
        return Checkpoint(identity=self._identity(), state=state, about=self._about(), tensors=tensors)

    def _restore(self, checkpoint: Checkpoint) -> None:
        state = checkpoint.state
        try:
            self.learner.restore(dict(checkpoint.tensors), state["learner"])
            self.step = state["step"]
            self.images_seen = state["images seen"]
            self.elapsed = state["elapsed"]
            before, after = state["validated"]
            self.validated = (before, after)
            self.seconds_per_step = state["seconds per step"]
            self.means = RunningMeans(state["means"])
        except (RuntimeError, KeyError) as error:
            raise TenshoError(
                f"{self.files.checkpoint} was written by another version of tensho; use another folder"
            ) from error
