"""A folder of images as a sample set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensho.errors import TenshoError
from tensho.fonts.image_folder import load_images

__all__ = ["read_folder"]


def read_folder(folder: Path | str, size: int) -> NDArray[np.uint8]:
    """The images of a folder as a sample set, uint8 (N, size, size), ink = 255 on 0, ordered by file name.

    Dark ink is recognised by the borders, larger images are scaled down, as in `tensho data build --images`.

    Raises:
        TenshoError: the folder is missing, has no image, or one of its images has no ink or cannot be read.
    """
    source = load_images(folder)
    renderer = source.renderer(size)
    drawn = []
    for file in sorted(source.files):
        image = renderer.render(file)
        if image is None:
            raise TenshoError(f"{Path(folder) / file} is blank or cannot be read; remove it")
        drawn.append(image)
    return np.stack(drawn)
