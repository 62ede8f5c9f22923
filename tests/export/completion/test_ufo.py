import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from fontTools.ufoLib import UFOReader

from tensho.errors import TenshoError
from tensho.export.completion.glyph_registration import IdeographMetrics
from tensho.export.completion.ufo import SourceGlyph, write_completion_ufo
from tensho.export.part_components import PartLibrary
from tensho.fonts.outline_geometry import OutlinePen
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import CUBIC, Outline, joined
from tensho.fonts.placed_part import PlacedPart
from tests.ideograph_fonts import frame_outline, outline_in, round_outline, write_ideographs

METRICS = IdeographMetrics(1000, 1000, 880, -120)
DISC = round_outline(CUBIC, radius=150)
GLYPHS = [
    SourceGlyph(0x6F22, round_outline(CUBIC), 0.9, "漢: same slot"),
    SourceGlyph(0x5B57, joined([DISC, DISC.moved(np.add(DISC.points, (0, 300)))]), 0.5, "", (
        PlacedPart("口", "日", (0,), 0, (0, 0)), PlacedPart("口", "日", (0,), 1, (0, 300)),
    )),
    SourceGlyph(0x2000B, joined([frame_outline(3), DISC]), 0.1, "", (PlacedPart("⿰木木", "林", (2, 3), 0, (5, -7)),)),
]  # fmt: skip
DISC_PART, FRAME_PART = "part.u53E3.u65E5.0", "part.u2FF0_u6728_u6728.u6797.2"


@pytest.fixture
def folder(tmp_path):
    write_ideographs(tmp_path / "a.otf", quadratic=False)
    with TTFont(tmp_path / "a.otf") as font:
        write_completion_ufo(GLYPHS, font, METRICS, tmp_path / "a.ufo", ligatures={0x5B57: "漢𠀋"})
    return tmp_path / "a.ufo"


def test_each_part_is_drawn_once_and_referred_to(folder):
    class Read:
        note: str
        lib: dict[str, object]
        unicodes: list[int]

    with UFOReader(folder) as reader:
        glyphs = reader.getGlyphSet()
        assert set(glyphs.keys()) == {
            ".notdef",
            "space",
            DISC_PART,
            FRAME_PART,
            "uni6F22",
            "uni5B57",
            "u2000B",
        }
        assert "".join(glyphs.getComponentReferences(["uni5B57"])["uni5B57"]) == DISC_PART * 2
        assert glyphs.getComponentReferences(["uni6F22"])["uni6F22"] == []
        read = Read()
        glyphs.readGlyph("uni6F22", read)
        assert (read.note, read.unicodes) == ("漢: same slot", [0x6F22])
        assert read.lib["public.verticalOrigin"] == 880
        assert reader.readLib()["public.skipExportGlyphs"] == [FRAME_PART, DISC_PART]
        assert "sub uni6F22 u2000B by uni5B57" in reader.readFeatures()


def flattened(glyphs, name) -> Outline:
    """A glyph with its components drawn in place."""
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    drawn = OutlinePen()
    pen.replay(drawn)
    return drawn.outline()


def same(one, other):
    """Whether two outlines have the same contours, in whatever order."""

    def key(contour):
        return len(contour.points), *np.round(contour.points.min(0), 1)

    pairs = zip(sorted(one, key=key), sorted(other, key=key), strict=True)
    return all(np.allclose(mine.points, theirs.points, atol=0.02) for mine, theirs in pairs)


def test_flattened_the_glyphs_are_the_outlines(folder):
    with UFOReader(folder) as reader:
        glyphs = reader.getGlyphSet()
        for source, name in zip(GLYPHS, ("uni6F22", "uni5B57", "u2000B"), strict=True):
            assert same(flattened(glyphs, name), source.outline)


def test_a_part_of_the_same_name_and_another_form_is_no_component():
    library = PartLibrary()
    part = PlacedPart("口", "日", (0,), 0, (0, 0))
    assert library.taken_apart(DISC, (part,)) == ([(part.name, (0, 0))], [])
    larger = round_outline(CUBIC, radius=151)
    assert library.taken_apart(larger, (part,)) == ([], [0])


def test_something_else_in_its_place_is_not_touched(folder, tmp_path):
    (tmp_path / "b.ufo").mkdir()
    (tmp_path / "b.ufo" / "diary.txt").write_text("mine")
    with TTFont(tmp_path / "a.otf") as font:
        with pytest.raises(TenshoError, match="no UFO"):
            write_completion_ufo(GLYPHS, font, METRICS, tmp_path / "b.ufo")
        with pytest.raises(TenshoError, match="rename it"):
            write_completion_ufo(GLYPHS, font, METRICS, tmp_path / "b")
    assert [path.name for path in (tmp_path / "b.ufo").iterdir()] == ["diary.txt"]


@pytest.mark.slow
@pytest.mark.skipif(find_spec("fontmake") is None, reason="fontmake is not installed")
@pytest.mark.parametrize("kind", ["ttf", "otf"])
def test_fontmake_builds_it(folder, tmp_path, kind):
    out = tmp_path / f"made.{kind}"
    command = [sys.executable, "-m", "fontmake", "-u", str(folder), "-o", kind, "--output-path", str(out)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    reader = OutlineReader(out)
    assert reader.characters >= {"漢", "字", "𠀋"}
    assert len(outline_in(out, "字")) in (1, 2)  # the discs overlap by nothing, or are one
    with TTFont(out) as font:
        assert not {DISC_PART, FRAME_PART} & set(font.getGlyphOrder())
        assert font["vmtx"]["uni6F22"] == (1000, 200)
