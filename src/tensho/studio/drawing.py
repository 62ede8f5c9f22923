"""What each tab of the studio draws, glyph by glyph."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tensho.api.compose import compose_all
from tensho.api.draw_options import DEFAULT_BRUSH, DrawOptions
from tensho.api.styles import STYLE_NAMES
from tensho.api.write import DEFAULT_COMPOSER, is_worth_drawing
from tensho.composition.atlas import REFERENCE_STYLE, atlas_names
from tensho.composition.layout import layout
from tensho.errors import TenshoError
from tensho.ids.decomposition import expand
from tensho.ids.syntax import MAX_LENGTH, parse
from tensho.models import FAMILIES, loading
from tensho.models.base import Model
from tensho.models.brush.base import BrushBase
from tensho.models.brush.network import Brush
from tensho.models.composer.base import ComposerBase
from tensho.models.composer.candidates import compose_meaning, dream_structures
from tensho.models.walkback import Walkback
from tensho.seeds import SampleNoise
from tensho.sheet import Glyph, Sheet
from tensho.studio.fields import SEED, Choice, Field, Number, Refusal, Text, read
from tensho.studio.job_queue import Job, Send
from tensho.studio.landscape import places
from tensho.studio.pictures import Recent, shown

__all__ = ["DrawingService", "Tab"]

DEFAULT_WALKER = "walkback"
LETTERER = "letterer"
EXACT = ("blocks", "braille")
ASCII_NEEDS = "Weights of the letterer are not installed, so only exact lettering can be drawn: choose blocks or braille."

Settings = Mapping[str, Any]


class Tab(NamedTuple):
    """A tab that draws: its settings, the one that is at fault if drawing fails, and what draws."""

    fields: Mapping[str, Field]
    blamed: str
    draw: Callable[[Settings, Send], None]


class DrawingService:
    """Everything that the studio draws."""

    def __init__(self, recent: Recent) -> None:
        self._recent = recent
        shipped = {weights.name: weights for weights in loading.shipped()}
        self._summaries = {
            name: FAMILIES[weights.family].summary
            for name, weights in sorted(shipped.items(), key=lambda item: (item[0] != DEFAULT_BRUSH, item[0]))
            if weights.family in FAMILIES
        }
        self.models = tuple(self._summaries)
        self.styled = [name for name in self.models if shipped[name].family == BrushBase.family]
        self.can_letter = LETTERER in shipped
        style = Choice(_style_names())
        n = partial(Number, 1)
        self.tabs = {
            "dream": Tab(
                {"model": Choice(self.models), "style": style, "n": n(64, 16), "seed": SEED},
                "model",
                self._dream,
            ),
            "write": Tab(
                {"meaning": Text(200, "full moon"), "style": style, "n": n(16, 4), "seed": SEED},
                "meaning",
                self._write,
            ),
            "compose": Tab(
                {"ids": Text(MAX_LENGTH, "⿰氵龍"), "style": style, "seed": SEED}, "ids", self._compose
            ),
            "ascii": Tab(
                {
                    "text": Text(80, "Hello"),
                    "style": Choice(self._lettering_styles()),
                    "width": Number(20, 200, 80),
                    "seed": SEED,
                },
                "text",
                self._ascii,
            ),
            "compare": Tab({"n": n(8, 4), "seed": SEED}, "seed", self._compare),
            "walk": Tab({"seed": SEED, "cycles": n(20, 6)}, "seed", self._walk),
        }

    def job(self, name: str, settings: Settings) -> Job:
        """The work of a tab; its errors name the field that is to blame.

        Raises:
            Refusal: a description cannot be read, which is known before anything is drawn.
        """
        tab = self.tabs[name]
        if "ids" in settings:
            self._check(settings["ids"])

        def work(send: Send) -> None:
            try:
                tab.draw(settings, send)
            except TenshoError as error:
                raise Refusal(str(error), field=tab.blamed) from error

        return work

    def warm(self) -> None:
        """Do everything once, so that no visitor waits for a first time."""
        for tab, settings in (
            ("dream", {"n": 1}),
            ("write", {"meaning": "sky", "n": 1}),
            ("walk", {"cycles": 1}),
        ):
            fields = self.tabs[tab].fields
            self.tabs[tab].draw(read(fields, settings), lambda _: None)

    def _check(self, ids: str) -> None:
        try:
            layout(expand(parse(ids)))
        except TenshoError as error:
            raise Refusal(str(error), field="ids") from error

    def _dream(self, settings: Settings, send: Send) -> None:
        self._dreams(settings["n"], _options(settings), send)

    def _write(self, settings: Settings, send: Send) -> None:
        composer = self._composer
        found = compose_meaning(composer, settings["meaning"], settings["n"], seed=settings["seed"])
        painted = self._painted([candidate.ids for candidate in found], _options(settings))
        for glyph, candidate in zip(painted, found, strict=True):
            self._show(dataclasses.replace(glyph, explanation=candidate.explanation), send)

    def _compose(self, settings: Settings, send: Send) -> None:
        for glyph in self._painted([settings["ids"]], _options(settings)):
            self._show(glyph, send)

    def _compare(self, settings: Settings, send: Send) -> None:
        for model in self.models:
            send({"event": "group", "group": model, "summary": self._summaries[model]})
            options = DrawOptions(seed=settings["seed"], model=model, runtime="torch")
            self._dreams(settings["n"], options, send, group=model)

    def _dreams(self, n: int, options: DrawOptions, send: Send, *, group: str | None = None) -> None:
        model = loading.load_cached(options.weights, runtime=options.runtime)
        if isinstance(model, Brush):
            composer = self._composer
            for first in range(0, n, composer.chunk):
                count = min(composer.chunk, n - first)
                structures = dream_structures(
                    composer, count, seed=options.seed, first=first, accept=is_worth_drawing
                )
                for glyph in self._painted(structures, options, first=first):
                    self._show(glyph, send, group=group)
            return
        assert isinstance(model, Model)
        for first in range(0, n, model.chunk):
            images = model.sample(min(model.chunk, n - first), seed=options.seed, first=first)
            for glyph in Sheet.from_tensor(images, model=options.weights, seed=options.seed):
                self._show(dataclasses.replace(glyph, index=first + glyph.index), send, group=group)

    def _painted(
        self, descriptions: Sequence[str], options: DrawOptions, *, first: int = 0
    ) -> Iterator[Glyph]:
        # A chunk at a time, so that each is shown as soon as it is drawn.
        for start in range(0, len(descriptions), Brush.chunk):
            yield from compose_all(descriptions[start : start + Brush.chunk], options, first=first + start)

    def _ascii(self, settings: Settings, send: Send) -> None:
        from tensho.api.ascii import ascii

        style, text, width = settings["style"], settings["text"], settings["width"]
        if style in EXACT:
            art = ascii(text, exact=style, width=width)
        elif not self.can_letter:
            raise Refusal(ASCII_NEEDS, field="style")
        else:
            named = None if style == "by seed" else style
            art = ascii(text, style=named, seed=settings["seed"], width=width)
            for frame in art.frames():
                send({"event": "art", "text": "\n".join(frame)})
        send({"event": "art", "text": art.text, "style": art.style})

    @torch.no_grad()
    def _walk(self, settings: Settings, send: Send) -> None:
        sampler = loading.load_cached(DEFAULT_WALKER, runtime="torch")
        if not isinstance(sampler, Walkback):
            raise TenshoError(f"{DEFAULT_WALKER} does not walk; install tensho again")
        noise = SampleNoise(settings["seed"], range(sampler.chunk), sampler.device)
        image = noise.normal(*sampler.spec.shape)
        for cycle in range(settings["cycles"]):
            walked = sampler.walk(image, noise)
            image = walked.outputs[-1]
            outputs = walked.outputs[:, 0].mean(1).cpu().numpy()
            inputs = walked.inputs[:, 0].mean(1).cpu().numpy()
            for step, (level, place) in enumerate(zip(walked.levels, places(outputs), strict=True)):
                frame = {"cycle": cycle, "step": step, "level": level, "place": place}
                send(
                    {
                        "event": "frame",
                        **frame,
                        "noisy": _pixels(inputs[step]),
                        "clean": _pixels(outputs[step]),
                    }
                )
        self._show(Glyph(outputs[-1], model=DEFAULT_WALKER, seed=settings["seed"]), send)

    def _show(self, glyph: Glyph, send: Send, *, group: str | None = None) -> None:
        send({"event": "glyph", "id": self._recent.add(glyph), "group": group, **shown(glyph)})

    def _lettering_styles(self) -> tuple[str, ...]:
        if not self.can_letter:
            return EXACT
        from tensho.ascii_art.styles import NAMED_STYLES

        return ("by seed", *NAMED_STYLES, *EXACT)

    @property
    def _composer(self) -> ComposerBase:
        composer = loading.load_cached(DEFAULT_COMPOSER, runtime="torch")
        assert isinstance(composer, ComposerBase)
        return composer


def _options(settings: Settings) -> DrawOptions:
    """How a tab's settings say that it is drawn."""
    chosen = {name: settings[name] for name in ("style", "seed", "model") if name in settings}
    return DrawOptions(**chosen, runtime="torch")


def _style_names() -> tuple[str, ...]:
    """Styles by what designers call them, where they do, the default first."""
    default = next(name for name, face in STYLE_NAMES.items() if face == REFERENCE_STYLE)
    plain = [face for face in atlas_names() if face not in STYLE_NAMES.values()]
    return tuple(dict.fromkeys([default, *STYLE_NAMES, *plain]))


def _pixels(ink: NDArray[np.float32]) -> str:
    """Ink (S, S) as base64 of a byte for each pixel; what lies outside [0, 1] is cut off."""
    return base64.b64encode(np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8).tobytes()).decode()
