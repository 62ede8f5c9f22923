r"""Brush: from a draft to a fair copy, by flow matching.

A draft d shows where each part of a character goes, in the parts of the wanted face itself; what it lacks is how a type
designer fits parts to each other. Glyph x_0 and d lie in [-1, 1]. The flow does not start from pure noise but from the
draft, roughened,

    x_t = t x_0 + (1 - t) (d + σ ε),   ε ~ N(0, I),   t in [0, 1],

a coupling that depends on the data (Albergo et al. 2023, arXiv 2310.03725). The network sees x_t, t, d, the style s
and a second draft r of the reference face's parts, which says what was meant where the face's own parts could not be had
cleanly. Its estimate of x_0 moves the draft's ink and then mends it,

    D(x_t, t, d, r, s) = d ∘ (id + u) + v,

with a displacement u (as in the spatial transformer, Jaderberg et al. 2015, arXiv 1506.02025) and a residual v. Both are
zero at first, so an untrained brush returns the draft; and a stroke that is moved stays as sharp as it was. The loss is
that of the velocity (x_0 - x_t)/(1 - t), clipped,

    L = E Σ ρ(D(x_t, t, d, r, s) - x_0) / max(1 - t, 1/2),   ρ(e) = √(e² + c²) - c

(Lipman et al. 2023, arXiv 2210.02747). The distance ρ, with c = 0.1, is the pseudo-Huber one (Charbonnier et al. 1994)
instead of the square: where a stroke may lie here or there, the square asks for the grey mean of both, and ρ nearly for
the median, which is ink or paper. Nearly: what is as likely ink as paper would still be grey, and a thin stroke that lies
in no place more often than not would be none. So copies also pay, with weight λ, for the ink a of
neighbourhoods, means over squares of 8, 16, 32 and 64 pixels, and for the grey g(x) = 1 - x² of the smallest,

    λ E [|a(D) - a(x_0)| + max(0, g(D) - g(x_0))],

and the network has to draw as much as there is, somewhere, in ink. A `Critic`, where there is one, charges with weight
`BrushConfig.adversarial` for whatever else gives copies away.

With so little noise x_t gives x_0 away at any t well above σ, and a network that learns at such times learns to read the
answer and not to find it. So most samples have t = 0, the time of the first step of every drawing, and the others
t = sigmoid(N(-2, 1)).

s is a face by name or "as the draft", half and half, so a face that was never trained on is continued. There are few
faces, so samples are often bent, glyph and drafts alike, into faces that do not exist.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from tensho.datasets.base import Dataset
from tensho.datasets.drafted_glyphs import DraftedGlyphs
from tensho.models.base import Losses, Model, Preset, Recipe, Spec
from tensho.models.brush.augmentation import distorted
from tensho.models.brush.base import BLANK, CONDITIONS, BrushBase, BrushConfig
from tensho.models.brush.critic import Critic
from tensho.models.config import Config
from tensho.models.trainable import Trainable
from tensho.models.trajectory import StepwiseSampler, Trajectory
from tensho.nn.embeddings import Sinusoidal
from tensho.nn.unet import UNet
from tensho.nn.warping import warped
from tensho.samplers import Step, euler, last_step, linear_times
from tensho.seeds import SampleNoise

__all__ = ["PRESETS", "Brush", "BrushConfig"]


SOFTNESS = 0.1
"""c of the loss: errors much smaller count by their square, larger ones by their size."""

FIRST_STEPS = 0.7
"""Share of training samples at t = 0."""

OF_EACH_STYLE = {"style.weight", "critic.suits.weight"}
"""Weights with a row for each style, and a last one for `BrushBase.as_the_draft`."""

SHOWN_STEPS = 4
"""Network evaluations of a trajectory that is shown, more than a drawing takes."""

SIDES = (8, 16, 32, 64)
"""Of neighbourhoods, in pixels; the largest is a whole glyph of the small preset."""

REACH = 0.1
"""Displacement, in half sides of the glyph, for an output of 1 of the network."""


PRESETS: Mapping[str, Preset[BrushConfig]] = {
    "small": Preset(
        BrushConfig(), Recipe(steps=20_000, batch_size=64, learning_rate=1e-3, weight_decay=0.01)
    ),
    "full": Preset(
        BrushConfig(size=128, widths=(96, 192, 256, 320), condition_width=256),
        Recipe(steps=60_000, batch_size=256, learning_rate=1e-3, weight_decay=0.01, ema=0.9995),
    ),
}
"""Sizes of the family, each with the recipe that trains it."""


class Brush(Model[BrushConfig], StepwiseSampler, BrushBase):
    """Turns a draft into a fair copy, in a named style or in the draft's own."""

    config_class: ClassVar[type[Config]] = BrushConfig
    chunk: ClassVar[int] = BrushBase.chunk
    style_of_face: Tensor

    def __init__(self, config: BrushConfig) -> None:
        super().__init__(config)
        width = config.condition_width
        self.time = nn.Sequential(Sinusoidal(128), nn.Linear(128, width), nn.SiLU(), nn.Linear(width, width))
        self.style = nn.Embedding(len(config.styles) + 1, width)
        # Which style each face of the data is, by the data's own numbers; until `prepare` it is told, face k is style k.
        self.register_buffer("style_of_face", torch.arange(len(config.styles) + 1), persistent=False)
        pixels = config.block**2
        self.unet = UNet(3 * pixels, 2 + pixels, config.widths, config.blocks, width)
        self.critic = Critic(config.size, len(config.styles) + 1) if config.adversarial > 0 else None
        self.register_load_state_dict_pre_hook(_with_or_without_critic)

    @property
    def spec(self) -> Spec:
        """One glyph, from drafts, in a style."""
        return Spec((1, self.config.size, self.config.size), CONDITIONS)

    def config_for(self, dataset: Dataset) -> BrushConfig:
        """The settings with the data's faces as the styles."""
        if isinstance(dataset, DraftedGlyphs):
            return dataclasses.replace(self.config, styles=dataset.faces)
        return self.config

    def prepare(self, dataset: Dataset) -> None:
        """Tell the styles that the data's faces are by their names; a face that is none of them is `as_the_draft`."""
        super().prepare(dataset)
        if isinstance(dataset, DraftedGlyphs):
            found = [self.style_index(face) for face in dataset.faces]
            self.style_of_face = torch.tensor(found, device=self.device)

    def begin_with(self, other: Trainable[Any]) -> None:
        """Take weights of another brush, what it knows of each style by its name; a style new to it begins as the draft is."""
        assert isinstance(other, Brush)
        state = other.state_dict()
        rows = torch.tensor([*map(other.style_index, self.config.styles), other.as_the_draft])
        for name in state.keys() & OF_EACH_STYLE:
            state[name] = state[name][rows.to(state[name].device)]
        self.load_state_dict(state)

    def drawing_condition(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The style of each example, which a batch tells by the face that it is in."""
        return {"style": self.style_of_face[batch["face"].to(self.device)]} if "face" in batch else {}

    def optimizers(self, recipe: Recipe) -> dict[str, torch.optim.Optimizer]:
        """One AdamW, and one without momentum for the critic if there is one."""
        drawing = (self.time, self.style, self.unet)
        parameters = (parameter for network in drawing for parameter in network.parameters())
        found: dict[str, torch.optim.Optimizer] = {"main": recipe.optimizer(parameters)}
        if self.critic is not None:
            found["critic"] = recipe.optimizer(self.critic.parameters(), beta1=0.0)
        return found

    def forward(
        self, noisy: Tensor, t: Tensor, drafts: Tensor, style: Tensor, fine: Tensor | None = None
    ) -> Tensor:
        """Estimate the glyph, as fine as a draft is.

        Args:
            noisy: x_t, float (B, 1, S, S).
            t: times in [0, 1], float (B,).
            drafts: d and r, float (B, 2, S, S) in [-1, 1]; -1 everywhere is none.
            style: int64 (B,), an index into the styles or `as_the_draft`.
            fine: d at another resolution, float (B, 1, F, F) in [-1, 1]; u and v are then stretched to it.

        Returns:
            The estimate of x_0, float32 (B, 1, S, S), or (B, 1, F, F) where ``fine`` is given, about [-1, 1].
        """
        condition = functional.silu(self.time(t) + self.style(style))
        blocks = functional.pixel_unshuffle(torch.cat([noisy, drafts], 1), self.config.block)
        moving, mending = (
            self.unet(blocks.contiguous(memory_format=torch.channels_last), condition)
            .float()
            .split([2, self.config.block**2], 1)
        )
        mended = functional.pixel_shuffle(mending, self.config.block)
        if fine is None:
            fine = drafts[:, :1]
        else:
            mended = functional.interpolate(mended, fine.shape[-2:], mode="bicubic", align_corners=False)
        return warped(fine - BLANK, REACH * moving) + BLANK + mended

    def training_step(self, batch: Mapping[str, Tensor], step: int) -> Iterator[Losses]:  # noqa: ARG002
        """The weighted loss of the module's docstring.

        Args:
            batch: ``image``, ``draft`` (of the reference face's parts) and ``own_draft`` (of the face's own), uint8
                (B, 1, S, S); ``face``, int64 (B,), an index into the faces of the data that `prepare` was told.
            step: not used.
        """
        glyphs = torch.cat([_signed(batch[name]) for name in ("image", "own_draft", "draft")], 1)
        size, device, drop = len(glyphs), glyphs.device, self.config.drop

        def chosen(share: float) -> Tensor:
            return torch.rand(size, device=device) < share

        bent = chosen(self.config.distort)
        glyphs = torch.where(bent[:, None, None, None], distorted(glyphs), glyphs)
        x0, own, reference = glyphs.split(1, 1)
        drafts = torch.cat([own, reference.masked_fill(chosen(drop)[:, None, None, None], BLANK)], 1)
        # A bent glyph is in no face that has a name.
        style = self.style_of_face[batch["face"]].masked_fill(bent | chosen(0.5), self.as_the_draft)
        t = torch.sigmoid(torch.randn(size, device=device) - 2).masked_fill(chosen(FIRST_STEPS), 0)
        start = drafts[:, :1] + self.config.roughness * torch.randn_like(x0)
        noisy = start.lerp(x0, t[:, None, None, None])
        copy = self(noisy, t, drafts, style)
        distance, ink, grey = _distance(copy, x0), *_around(copy, x0)
        weighted = (distance + self.config.neighbourhood * (ink + grey)) / (1 - t).clamp_min(0.5)
        total, first = weighted.mean(), t == 0
        parts = {
            "first step": _mean(distance, first),
            "draft": _mean(_distance(own, x0), first),
            "ink": _mean(ink, first),
            "grey": _mean(grey, first),
        }
        if self.critic is not None:
            shown = (x0, copy.clamp(-1, 1), drafts[:, :1], style)
            yield from self._criticised(*shown)
            parts["fooling"] = functional.softplus(self.critic.margin(*shown)).mean()
            total = total + self.config.adversarial * parts["fooling"]
        yield Losses(total, parts)

    def _criticised(self, glyphs: Tensor, copies: Tensor, drafts: Tensor, style: Tensor) -> Iterator[Losses]:
        """One update of the critic."""
        assert self.critic is not None
        shown = (glyphs, copies.detach(), drafts, style)
        margin, penalty = self.critic.margin(*shown), self.critic.penalty(*shown)
        yield Losses(
            functional.softplus(-margin).mean() + penalty,
            {"told": (margin > 0).float().mean(), "penalty": penalty},
            optimizer="critic",
        )

    def draw(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Paint drafts.

        Args:
            noise: one row for each glyph.
            steps: network evaluations; default `BrushConfig.evaluations`.
            condition: see `BrushBase.sample`.
        """
        last = last_step(self._steps(noise, steps or self.config.evaluations, condition or {}))
        return _unsigned(self.config.contrast * last.clean)

    @torch.no_grad()
    def sample_at(
        self,
        indices: Sequence[int],
        *,
        seed: int = 0,
        steps: int | None = None,
        condition: Mapping[str, Any] | None = None,
    ) -> Tensor:
        """Paint a chunk; see `BrushBase.sample_at`."""
        was_training = self.training
        self.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        try:
            given = {
                name: torch.as_tensor(value).to(self.device) for name, value in (condition or {}).items()
            }
            noise = SampleNoise(seed, indices, self.device)
            return self.draw(noise, steps=steps, condition=given).float().cpu()
        finally:
            self.train(was_training)

    def trajectory(
        self, noise: SampleNoise, *, steps: int | None = None, condition: Mapping[str, Tensor] | None = None
    ) -> Trajectory:
        """Every step of a drawing, of four where no number is given; levels are 1 - t."""
        given = {name: value for name, value in (condition or {}).items() if name != "fine"}
        frames = list(self._steps(noise, steps or SHOWN_STEPS, given))
        return Trajectory(
            tuple(1 - frame.t for frame in frames),
            torch.stack([(frame.noisy + 1) / 2 for frame in frames]),
            torch.stack([_unsigned(frame.clean) for frame in frames]),
        )

    def _steps(self, noise: SampleNoise, steps: int, condition: Mapping[str, Tensor]) -> Iterator[Step]:
        roughening = self.config.roughness * noise.normal(*self.spec.shape)
        blank = torch.full_like(roughening, BLANK)
        own, reference = (
            _signed(condition[name]) if name in condition else blank for name in ("own_draft", "draft")
        )
        drafts = torch.cat([own, reference], 1)
        fine = _signed(condition["fine"]) if "fine" in condition else None
        style = condition.get("style", torch.full((len(noise),), self.as_the_draft, device=noise.device))
        times = linear_times(steps)
        last = times[-2]

        def denoise(noisy: Tensor, t: Tensor) -> Tensor:
            estimate: Tensor = self(noisy, t, drafts, style, fine if t[0] == last else None)
            return estimate.clamp(-1, 1)

        return euler(denoise, own + roughening, times)


def _with_or_without_critic(brush: nn.Module, state: dict[str, Tensor], prefix: str, *_: object) -> None:
    """Let weights with a critic be read by a brush without one, and the other way round, where it begins anew."""
    assert isinstance(brush, Brush)
    own = {} if brush.critic is None else brush.critic.state_dict(prefix=f"{prefix}critic.")
    found = [name for name in state if name.startswith(f"{prefix}critic.")]
    if not own:
        for name in found:
            del state[name]
    elif not found:
        state.update(own)


def _signed(image: Tensor) -> Tensor:
    return image.float() / 127.5 - 1


def _unsigned(image: Tensor) -> Tensor:
    return ((image + 1) / 2).clamp(0, 1)


def _distance(a: Tensor, b: Tensor) -> Tensor:
    """Mean of ρ over the pixels of each sample, (B,)."""
    return (((a - b).square() + SOFTNESS**2).sqrt() - SOFTNESS).mean((1, 2, 3))


def _around(copy: Tensor, glyph: Tensor) -> tuple[Tensor, Tensor]:
    """Means over the neighbourhoods of each sample, (B,): |a(copy) - a(glyph)| and max(0, g(copy) - g(glyph))."""
    pair = torch.cat([copy.clamp(-1, 1), glyph])

    def differences(image: Tensor, side: int) -> Tensor:
        ours, theirs = functional.avg_pool2d(image, side, side // 2).chunk(2)
        return ours - theirs

    sides = [side for side in SIDES if side <= copy.shape[-1]]
    ink = torch.stack([differences(pair, side).abs().mean((1, 2, 3)) for side in sides]).mean(0)
    grey = functional.relu(differences(1 - pair.square(), SIDES[0])).mean((1, 2, 3))
    return ink, grey


def _mean(values: Tensor, where: Tensor) -> Tensor:
    """Mean of (B,) values where a (B,) mask holds; 0 where it nowhere does."""
    return (values * where).sum() / where.sum().clamp_min(1)
