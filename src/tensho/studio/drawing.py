"""What each tab of the studio draws, glyph by glyph."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensho.api.ascii import NAMED_STYLES, ascii
from tensho.api.compose import compose_in_chunks
from tensho.api.draw_options import DEFAULT_BRUSH, OUTLINES, DrawOptions
from tensho.api.dream import DEFAULT_WALKER, dream_in_chunks, walk_cycles
from tensho.api.load import shipped
from tensho.api.lookup import places
from tensho.api.preview import MAX_LENGTH, check_description
from tensho.api.styles import REFERENCE_STYLE, STYLE_NAMES, styles
from tensho.api.train import FAMILIES
from tensho.api.write import write_in_chunks
from tensho.errors import TenshoError
from tensho.sheet import Glyph
from tensho.studio.fields import SEED, Choice, Field, Number, Refusal, Text, read
from tensho.studio.job_queue import Job, Send
from tensho.studio.pictures import Recent, shown

__all__ = ["DrawingService", "Tab"]

LETTERER = "letterer"
STYLED = "brush"
"""The family that draws in styles."""

OUTLINES_SUMMARY = "Composes characters of a font's own outlines; a brush paints what a style has none of."

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
        at_hand = {weights.name: weights for weights in shipped()}
        self._summaries = {OUTLINES: OUTLINES_SUMMARY} | {
            name: FAMILIES[weights.family].summary
            for name, weights in sorted(at_hand.items(), key=lambda item: (item[0] != DEFAULT_BRUSH, item[0]))
            if FAMILIES[weights.family].draws
        }
        self.models = tuple(self._summaries)
        self.styled = [name for name in self.models if name == OUTLINES or at_hand[name].family == STYLED]
        self.can_letter = LETTERER in at_hand
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
            check_description(ids)
        except TenshoError as error:
            raise Refusal(str(error), field="ids") from error

    def _dream(self, settings: Settings, send: Send) -> None:
        self._dreams(settings["n"], _options(settings), send)

    def _write(self, settings: Settings, send: Send) -> None:
        for glyph in write_in_chunks(settings["meaning"], settings["n"], _options(settings)):
            self._show(glyph, send)

    def _compose(self, settings: Settings, send: Send) -> None:
        for glyph in compose_in_chunks([settings["ids"]], _options(settings)):
            self._show(glyph, send)

    def _compare(self, settings: Settings, send: Send) -> None:
        for model in self.models:
            send({"event": "group", "group": model, "summary": self._summaries[model]})
            options = _options({"seed": settings["seed"], "model": model})
            self._dreams(settings["n"], options, send, group=model)

    def _dreams(self, n: int, options: DrawOptions, send: Send, *, group: str | None = None) -> None:
        for glyph in dream_in_chunks(n, options):
            self._show(glyph, send, group=group)

    def _ascii(self, settings: Settings, send: Send) -> None:
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

    def _walk(self, settings: Settings, send: Send) -> None:
        for cycle, walked in enumerate(walk_cycles(settings["cycles"], seed=settings["seed"])):
            outputs = walked.outputs[:, 0].mean(1).cpu().numpy()
            inputs = walked.inputs[:, 0].mean(1).cpu().numpy()
            for step, (level, place) in enumerate(zip(walked.levels, places(outputs), strict=True)):
                frame = {"cycle": cycle, "step": step, "level": level, "place": place}
                pixels = {"noisy": _pixels(inputs[step]), "clean": _pixels(outputs[step])}
                send({"event": "frame", **frame, **pixels})
        self._show(Glyph(outputs[-1], model=DEFAULT_WALKER, seed=settings["seed"]), send)

    def _show(self, glyph: Glyph, send: Send, *, group: str | None = None) -> None:
        send({"event": "glyph", "id": self._recent.add(glyph), "group": group, **shown(glyph)})

    def _lettering_styles(self) -> tuple[str, ...]:
        if not self.can_letter:
            return EXACT
        return ("by seed", *NAMED_STYLES, *EXACT)


def _options(settings: Settings) -> DrawOptions:
    """How a tab's settings say that it is drawn; a style without outlines is painted."""
    chosen = {name: settings[name] for name in ("style", "seed", "model") if name in settings}
    return DrawOptions(**{name: value for name, value in chosen.items() if value != OUTLINES})


def _style_names() -> tuple[str, ...]:
    """Styles by what designers call them, where they do, the default first."""
    default = next(name for name, face in STYLE_NAMES.items() if face == REFERENCE_STYLE)
    plain = [name for name in styles() if name not in {*STYLE_NAMES, *STYLE_NAMES.values()}]
    return tuple(dict.fromkeys([default, *STYLE_NAMES, *plain]))


def _pixels(ink: NDArray[np.float32]) -> str:
    """Ink (S, S) as base64 of a byte for each pixel; what lies outside [0, 1] is cut off."""
    return base64.b64encode(np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8).tobytes()).decode()
