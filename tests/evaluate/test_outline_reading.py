from pathlib import Path

import pylopdf_fonts_jp
import pytest

from tensho.evaluate.outline_reading import can_read, read_outlines
from tensho.fonts.outline_reader import OutlineReader

SERIF = Path(str(pylopdf_fonts_jp.serif_path()))


@pytest.mark.slow
@pytest.mark.skipif(not can_read(), reason="no recogniser is installed")
def test_glyphs_are_read_and_what_nobody_could_read_is_not_held_against_them():
    reader = OutlineReader(SERIF)
    texts = ["漢", "字", "水", "\U0002000b", "⿰言森", "慱"]
    shapes = ["漢", "字", "氷", "丈", "森", "慱"]
    outlines = [outline for char in shapes if (outline := reader.outline(char)) is not None]
    told = []
    found = read_outlines(
        outlines, texts, units_per_em=1000, bottom=-120, progress=lambda *at: told.append(at)
    )
    assert [(found[k].character, found[k].known) for k in range(3)] == [
        ("漢", True),
        ("字", True),
        ("氷", True),
    ]
    assert all(reading.confidence > 0.9 for reading in found[:3])
    assert not found[3].known
    assert not found[4].known
    assert not found[5].known  # is read as 愽 in Noto Sans, too
    assert told[-1][0] == told[-1][1]
