"""`Styled`: families that learn the faces of their data apart, so that a drawing can be asked for in a style.

A style is a vector, learned with the network, one row of an embedding for each face and a last one for "any". In
training some samples are not told their style (Ho and Salimans 2022, arXiv 2207.12598, section 3.2), so that the last
row learns what the faces have in common. A drawing that is asked for in no style takes one at random, as often as the
training data had it: a model that is not told draws the mean of a gothic and a mincho, which is neither.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from tensho.datasets.base import Dataset
from tensho.errors import TenshoError
from tensho.models.base import Model
from tensho.models.config import Config, setting
from tensho.models.trainable import Trainable
from tensho.seeds import SampleNoise

__all__ = ["Styled", "StyledConfig"]

SHARE_RATE = 0.005
"""Share of the newest batch in the moving average of how often each style occurs."""


@dataclasses.dataclass(frozen=True)
class StyledConfig(Config):
    """What a family with styles is set to, beside its own settings."""

    styles: tuple[str, ...] = setting((), "Names of the styles; those of the data's faces.")
    style_drop: float = setting(1.0, "Share of samples whose style is not told; 1: no styles are learned.")

    def check(self) -> None:
        """Raise `TenshoError` on a share that is none."""
        self.require(0 <= self.style_drop <= 1, f"--style-drop is {self.style_drop}, but must be from 0 to 1")


StyledConfigT = TypeVar("StyledConfigT", bound=StyledConfig)


class Styled(Model[StyledConfigT]):
    """Base of the families with styles; where the data have no faces, they are as if this class were not.

    Subclasses call `embedding` for each of their vectors of a style, name the parameters with a row for each style in
    ``of_each_style``, and take the styles of a batch from `told_styles` and those of a drawing from `wanted_styles`.
    """

    of_each_style: ClassVar[frozenset[str]] = frozenset({"style.weight"})
    style_of_face: Tensor
    style_share: Tensor

    def __init__(self, config: StyledConfigT) -> None:
        super().__init__(config)
        count = len(config.styles)
        # Which style each face of the data is, by the data's own numbers; until `prepare` it is told, face k is style k.
        self.register_buffer("style_of_face", torch.arange(count), persistent=False)
        self.register_buffer("style_share", torch.full((count,), 1 / max(count, 1)), persistent=count > 0)

    @property
    def any_style(self) -> int:
        """The style that means: not told."""
        return len(self.config.styles)

    @property
    def style_condition(self) -> tuple[str, ...]:
        """What `Spec.conditions` says of the styles: "style", int64 (n,) of `style_index`, if there are any."""
        return ("style",) if self.config.styles else ()

    def style_index(self, name: str) -> int:
        """The index of a named style.

        Raises:
            TenshoError: these weights have not seen it.
        """
        if name not in self.config.styles:
            known = ", ".join(self.config.styles) or "none"
            raise TenshoError(f"these weights of {self.family} know no style {name!r}; they know {known}")
        return self.config.styles.index(name)

    def rows_of(self, names: Sequence[str]) -> Tensor:
        """The row of each style by its name, int64 (len(names),); that of `any_style` for one that was not learned."""
        known = {name: row for row, name in enumerate(self.config.styles)}
        return torch.tensor([known.get(name, self.any_style) for name in names])

    def embedding(self, width: int) -> nn.Embedding | None:
        """Vectors (width,) of the styles and of `any_style`; None where there are no styles."""
        return nn.Embedding(len(self.config.styles) + 1, width) if self.config.styles else None

    def or_any(self, style: Tensor | None, like: Tensor) -> Tensor:
        """``style``, int64 (B,), or `any_style` for each row of ``like`` where none is given."""
        return torch.full((len(like),), self.any_style, device=like.device) if style is None else style

    def config_for(self, dataset: Dataset) -> StyledConfigT:
        """The settings with the data's faces as the styles, where it has more than one."""
        faces: tuple[str, ...] = getattr(dataset, "faces", ())
        if len(faces) < 2 or self.config.style_drop == 1:
            return self.config
        return dataclasses.replace(self.config, styles=faces)

    def prepare(self, dataset: Dataset) -> None:
        """Tell the styles which of the data's faces they are, by their names."""
        super().prepare(dataset)
        faces: tuple[str, ...] = getattr(dataset, "faces", ())
        if self.config.styles and faces:
            self.style_of_face = self.rows_of(faces).to(self.device)

    def begin_with(self, other: Trainable[Any]) -> None:
        """Take weights of another such model, what it knows of each style by its name; a new style begins as "any"."""
        assert isinstance(other, Styled)
        state = other.state_dict()
        if self.config.styles and other.config.styles:
            rows = torch.cat([other.rows_of(self.config.styles), torch.tensor([other.any_style])])
            for name in state.keys() & self.of_each_style:
                state[name] = state[name][rows.to(state[name].device)]
            state["style_share"] = self.style_share
        self.load_state_dict(state)

    def drawing_condition(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The style of each example, which a batch tells by the face that it is in."""
        if not self.config.styles or "face" not in batch:
            return {}
        return {"style": self.style_of_face[batch["face"].to(self.device)]}

    def told_styles(self, batch: Mapping[str, Tensor]) -> Tensor | None:
        """The styles of a training batch, int64 (B,), some of them `any_style`; None where there are none."""
        if not self.config.styles:
            return None
        if "face" not in batch:
            return self.or_any(None, batch["image"])
        style = self.style_of_face[batch["face"]]
        with torch.no_grad():
            seen = nn.functional.one_hot(style, len(self.config.styles) + 1)[:, :-1].float().mean(0)
            self.style_share.lerp_(seen, SHARE_RATE)
        return style.masked_fill(
            torch.rand(len(style), device=style.device) < self.config.style_drop, self.any_style
        )

    def wanted_styles(self, noise: SampleNoise, condition: Mapping[str, Tensor] | None) -> Tensor | None:
        """The styles to draw in, int64 (len(noise),): the condition's, or one drawn for each row of the noise.

        Raises:
            TenshoError: a condition that is no style, or a style where there are none.
        """
        unknown = set(condition or {}) - set(self.style_condition)
        if unknown:
            raise TenshoError(f"{self.family} cannot be conditioned on {', '.join(sorted(unknown))}")
        if not self.config.styles:
            return None
        if condition and "style" in condition:
            return condition["style"]
        edges = self.style_share.cumsum(0) / self.style_share.sum()
        return torch.searchsorted(edges, noise.uniform(1)[:, 0]).clamp_max(self.any_style - 1)
