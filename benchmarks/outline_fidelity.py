"""How true are traced outlines? Real glyphs at 128 px are traced, drawn again at 512 px and compared.

The face's own 512-px picture is the truth, its own outline the measure of how many points are needed. Two
tracers stand beside ours: vtracer (MIT; ``pip install vtracer``), on the glyph as it is and on the glyph
enlarged four times, and the plain polygon at grey level one half.

    python benchmarks/outline_fidelity.py --glyphs 100
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import contourpy
import numpy as np
import pylopdf_fonts_jp
import pylopdf_fonts_zh_cn
import vtracer
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.roundingPen import RoundingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tensho.export.font import write_font
from tensho.export.typeface import FontInfo, Typeface, TypefaceGlyph
from tensho.fonts.placed_outline import EmBox, traced
from tensho.fonts.tracing.outline import ASCENDER, UNITS_PER_EM, Contour, TracedOutline, trace

FACES = {
    "Sans JP": pylopdf_fonts_jp.sans_path(),
    "Serif JP": pylopdf_fonts_jp.serif_path(),
    "Sans SC": pylopdf_fonts_zh_cn.sans_path(),
    "Serif SC": pylopdf_fonts_zh_cn.serif_path(),
}
TRACED, JUDGED, LARGE = 128, 512, 2048

Bitmap = NDArray[np.float32]


def outline_of(path: str, size: int, x: float, y: float) -> list[Contour]:
    """The closed contours of an SVG path that is moved by (x, y) in a picture ``size`` pixels high."""
    scale = UNITS_PER_EM / size
    pen = RoundingPen(recorded := RecordingPen())
    parse_path(path, TransformPen(pen, (scale, 0, 0, -scale, x * scale, ASCENDER - y * scale)))
    contours: list[Contour] = []
    for command, points in recorded.value:
        if command == "moveTo":
            start, segments = points[0], []
        elif command in {"lineTo", "curveTo"}:
            segments.append(points)
        elif segments:
            contours.append(Contour(start, tuple(segments)))
    return contours


def by_tensho(bitmap: Bitmap) -> TracedOutline:
    return trace(bitmap, em_fraction=1)


def by_vtracer(bitmap: Bitmap) -> TracedOutline:
    size = len(bitmap)
    grey = np.rint((1 - bitmap) * 255).astype(np.uint8)
    pixels = np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=-1).reshape(-1, 4)
    drawing = vtracer.convert_pixels_to_svg(
        [tuple(pixel) for pixel in pixels.tolist()], (size, size), colormode="binary", filter_speckle=2
    )
    contours: list[Contour] = []
    for path, x, y in re.findall(r'<path d="([^"]*)"[^>]*translate\(([^,]*),([^)]*)\)', drawing):
        contours += outline_of(path, size, float(x), float(y))
    return TracedOutline(tuple(contours))


def by_vtracer_enlarged(bitmap: Bitmap) -> TracedOutline:
    image = Image.fromarray(np.rint(bitmap * 255).astype(np.uint8))
    large = image.resize((4 * len(bitmap), 4 * len(bitmap)), Image.Resampling.BICUBIC)
    return by_vtracer(np.asarray(large, np.float32) / np.float32(255))


def by_polygon(bitmap: Bitmap) -> TracedOutline:
    contours = []
    for line in contourpy.contour_generator(z=np.pad(bitmap, 1)).lines(0.5):
        points = np.rint(
            [0, ASCENDER]
            + (np.asarray(line) - 0.5) * [UNITS_PER_EM / len(bitmap), -UNITS_PER_EM / len(bitmap)]
        )
        corners = [(int(x), int(y)) for x, y in points[::-1]]
        contours.append(Contour(corners[0], tuple((corner,) for corner in corners[1:])))
    return TracedOutline(tuple(contours))


TRACERS: dict[str, Callable[[Bitmap], TracedOutline]] = {
    "tensho": by_tensho,
    "vtracer": by_vtracer,
    "vtracer, enlarged 4×": by_vtracer_enlarged,
    "polygon at one half": by_polygon,
}


def picture(font: ImageFont.FreeTypeFont, character: str, size: int) -> Bitmap:
    """As the outlines have it where the font is large, else with the hinter's stems."""
    large = int(font.size)
    image = Image.new("L", (large, large))
    ImageDraw.Draw(image).text(
        (0, round(large * ASCENDER / UNITS_PER_EM)), character, font=font, fill=255, anchor="ls"
    )
    part = large // size
    return np.asarray(np.asarray(image, np.float32).reshape(size, part, size, part).mean(axis=(1, 3)) / 255)


def opened(path: str | Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def overlap(a: Bitmap, b: Bitmap) -> float:
    return float(np.minimum(a, b).sum() / np.maximum(a, b).sum())


def control_points(font: TTFont, character: str) -> int:
    pen = RecordingPen()
    font.getGlyphSet()[font.getBestCmap()[ord(character)]].draw(pen)
    return sum(len(arguments) for _, arguments in pen.value)


def redrawn(outlines: list[TracedOutline], folder: Path) -> list[Bitmap]:
    glyphs = [TypefaceGlyph("space", traced(TracedOutline(()), EmBox()), 0x20)]
    glyphs += [
        TypefaceGlyph(f"uni{0xE000 + i:04X}", traced(outline, EmBox()), 0xE000 + i)
        for i, outline in enumerate(outlines)
    ]
    notdef = TypefaceGlyph(".notdef", traced(TracedOutline(()), EmBox()))
    write_font(Typeface(FontInfo(), (notdef, *glyphs), "", (), EmBox()), folder / "traced.otf")
    font = opened(folder / "traced.otf", LARGE)
    return [picture(font, chr(0xE000 + place), JUDGED) for place in range(len(outlines))]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--glyphs", type=int, default=100)
    parser.add_argument("--size", type=int, default=TRACED)
    parser.add_argument(
        "--hinted", action="store_true", help="trace what Pillow draws at that size, hinted stems"
    )
    options = parser.parse_args()
    print(
        "| face | tracer | mean IoU | worst | points / original | ms per glyph |\n|---|---|---|---|---|---|"
    )
    for name, path in FACES.items():
        with TTFont(path, lazy=True) as face:
            ideographs = [chr(code) for code in sorted(face.getBestCmap()) if 0x4E00 <= code <= 0x9FFF]
            chosen = np.random.default_rng(0).choice(len(ideographs), options.glyphs, replace=False)
            characters = [ideographs[i] for i in chosen]
            original = sum(control_points(face, character) for character in characters)
        large = opened(path, LARGE)
        truth = [picture(large, character, JUDGED) for character in characters]
        source = opened(path, options.size) if options.hinted else large
        bitmaps = [picture(source, character, options.size) for character in characters]
        if options.hinted:
            same = [overlap(b.repeat(JUDGED // options.size, 0).repeat(JUDGED // options.size, 1), t)
                    for b, t in zip(bitmaps, truth, strict=True)]  # fmt: skip
            print(f"| {name} | the pixels themselves | {np.mean(same):.3f} | {min(same):.3f} | | |")
        for tracer, function in TRACERS.items():
            started = time.process_time()
            outlines = [function(bitmap) for bitmap in bitmaps]
            seconds = time.process_time() - started
            with tempfile.TemporaryDirectory() as folder:
                results = redrawn(outlines, Path(folder))
            scores = [overlap(a, b) for a, b in zip(results, truth, strict=True)]
            points = sum(outline.control_points for outline in outlines) / original
            print(
                f"| {name} | {tracer} | {np.mean(scores):.3f} | {min(scores):.3f} | {points:.2f} "
                f"| {1000 * seconds / options.glyphs:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
