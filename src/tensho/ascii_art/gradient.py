"""Gradients of colours across a banner, blended in Oklab, where equal steps look equal.

Oklab is Björn Ottosson's ("A perceptual color space for image processing", 2020). With the cube roots of the cones'
responses to linear light, L = M₂ ∛(M₁ · rgb).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from tensho.errors import TenshoError

__all__ = ["GRADIENTS", "colour", "gradient_colours"]

GRADIENTS = {
    "fire": "#ffe066,#ff922b,#f03e3e,#c2255c",
    "forest": "#d8f5a2,#51cf66,#0b7285",
    "gold": "#fff3bf,#fcc419,#b8860b",
    "ocean": "#99e9f2,#339af0,#5f3dc4",
    "rainbow": "#ff5d5d,#ffb84d,#f7f24a,#5de06b,#4cc9f0,#7b6cf6,#f06595",
    "sunset": "#ffd166,#ef476f,#7b2cbf",
}
"""Gradients that have a name."""

_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def gradient_colours(gradient: str, columns: int) -> NDArray[np.uint8]:
    """The colour of each column, uint8 (columns, 3), sRGB.

    Args:
        gradient: a name of `GRADIENTS`, or colours with commas between them, which stand equally far apart.
        columns: how many there are, 1 or more.

    Raises:
        TenshoError: something is no colour.
    """
    stops = np.array([colour(stop) for stop in GRADIENTS.get(gradient, gradient).split(",")])
    lab = np.cbrt(_linear(stops / 255) @ _CONES.T) @ _OPPONENTS.T
    places, known = np.linspace(0, 1, columns), np.linspace(0, 1, len(stops))
    blended = np.stack([np.interp(places, known, axis) for axis in lab.T], -1)
    light = (blended @ np.linalg.inv(_OPPONENTS).T) ** 3 @ np.linalg.inv(_CONES).T
    return np.rint(_encoded(light.clip(0, 1)) * 255).astype(np.uint8)


def colour(name: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of a colour as CSS names or writes it, such as ``tomato`` or ``#ff6347``.

    Raises:
        TenshoError: it is none.
    """
    try:
        red, green, blue, *_ = ImageColor.getrgb(name.strip())
    except ValueError as error:
        raise TenshoError(
            f"{name!r} is no colour; write #ff8800 or orange, or one of the gradients {', '.join(GRADIENTS)}"
        ) from error
    return red, green, blue


def _linear(encoded: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light of sRGB values in [0, 1] (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
