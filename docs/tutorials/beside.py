"""What the tutorials share: a formula beside the line of code that does it, source code, rows of pictures, animations."""

from __future__ import annotations

import base64
import html
import inspect
import io
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pylopdf_fonts_jp
import pylopdf_fonts_zh_cn
from IPython.display import HTML, Code
from latex2mathml.converter import convert
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib_inline.backend_inline import set_matplotlib_formats
from numpy.typing import NDArray
from PIL import Image
from source_lines import bare_source, lines_with

import tensho

# What draws progress bars in notebooks wants more packages for it than anything here needs.
warnings.filterwarnings("ignore", message="IProgress not found")
set_matplotlib_formats("png", dpi=200)
plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})

PACKAGE = Path(tensho.__file__).parent
for path in (pylopdf_fonts_jp.sans_path(), pylopdf_fonts_zh_cn.sans_path()):
    fontManager.addfont(str(path))
HAN = FontProperties(family=["Noto Sans JP", "Noto Sans SC"])
"""For labels with Chinese characters in a figure."""


def code(of: Callable[..., Any] | type) -> Code:
    """The source of a function, without its docstring."""
    return Code(bare_source(of), language="python")


def beside(*rows: tuple[str, Callable[..., Any] | type, str]) -> HTML:
    """A table of what is said and what is done.

    Args:
        rows: text with formulas between dollar signs; the function or class; a piece of the line, or of the several lines
            in a row, that does it.

    Raises:
        ValueError: a function has no such line, or several: then the text is no longer true to the code.
    """
    cells = []
    for said, of, piece in rows:
        cells.append(f'<div class="said"><div>{_with_formulas(said)}</div></div>')
        line, number = lines_with(of, piece)
        path = Path(inspect.getsourcefile(of) or "")
        where = f"{path.relative_to(PACKAGE.parent).as_posix()}, line {number}"
        cells.append(
            f'<div class="done"><pre>{html.escape(line)}</pre><div class="where">{where}</div></div>'
        )
    return HTML(f'<div class="beside">{"".join(cells)}</div>')


def strip(
    images: Any,
    labels: Sequence[str] = (),
    *,
    rows: int = 1,
    title: str = "",
    span: tuple[float, float] = (0, 1),
) -> Figure:
    """Pictures side by side, ink black on white.

    Args:
        images: (N, H, W) or (N, 1, H, W), or glyphs.
        labels: one under each, or none.
        rows: lines of pictures.
        title: over all.
        span: the values that are white and black.
    """
    arrays = [_array(image) for image in images]
    columns = -(-len(arrays) // rows)
    height = 7.4 / columns * rows + (0.28 * rows if labels else 0.05) + (0.3 if title else 0)
    figure, axes = plt.subplots(rows, columns, figsize=(7.4, height), squeeze=False, layout="constrained")
    for axis in axes.flat:
        axis.set_axis_off()
    for k, (axis, array) in enumerate(zip(axes.flat, arrays, strict=False)):
        axis.imshow(array, cmap="gray_r", vmin=span[0], vmax=span[1], interpolation="nearest")
        if labels:
            axis.set_title(labels[k], fontsize=9, y=-0.22, fontproperties=HAN)
    if title:
        figure.suptitle(title, fontsize=11)
    plt.close(figure)
    return figure


def animation(frames: Sequence[Image.Image], *, milliseconds: int = 60, label: str = "") -> HTML:
    """Pictures one after the other, again and again; ``label`` says what they show to those who do not see them."""
    buffer = io.BytesIO()
    first, *others = frames
    first.save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=milliseconds,
        loop=0,
        quality=70,
        method=3,
    )
    data = base64.b64encode(buffer.getvalue()).decode()
    return HTML(
        f'<div class="animation"><img alt="{html.escape(label)}" src="data:image/webp;base64,{data}"></div>'
    )


def picture(figure: Figure, dpi: int = 100) -> Image.Image:
    """A figure as a picture in pixels."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=dpi, format="png")
    return Image.open(buffer).convert("RGB")


def _array(image: Any) -> NDArray[np.float32]:
    array = np.asarray(getattr(image, "array", image), np.float32)
    return array[0] if array.ndim == 3 and array.shape[0] == 1 else array


def _with_formulas(said: str) -> str:
    pieces = said.split("$")
    return "".join(convert(piece) if k % 2 else html.escape(piece) for k, piece in enumerate(pieces))
