from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import ots
import pytest
import uharfbuzz
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from fontTools.ufoLib import UFOReader
from PIL import ImageFont

from tensho.errors import TenshoError
from tensho.export.font import write_font
from tensho.export.typeface import FontInfo, Typeface, private_code_points, typeface
from tensho.export.ufo import write_ufo
from tensho.fonts.placed_outline import PlacedOutline
from tensho.sheet import Glyph

from .conftest import Draw

KINDS = (".ttf", ".otf")


@pytest.fixture(scope="module")
def files(made: Typeface, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("fonts")
    for kind in KINDS:
        write_font(made, folder / f"dreams{kind}")
    return {kind: folder / f"dreams{kind}" for kind in KINDS}


def shaped(path: Path, text: str, direction: str = "ltr") -> list[str]:
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
    font, buffer = uharfbuzz.Font(face), uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    uharfbuzz.shape(font, buffer)
    return [font.glyph_to_string(info.codepoint) for info in buffer.glyph_infos]


@pytest.mark.parametrize("kind", KINDS)
def test_the_sanitizer_of_browsers_passes_it(files: dict[str, Path], kind: str) -> None:
    verdict = ots.sanitize(str(files[kind]), capture_output=True)
    assert (verdict.returncode, verdict.stderr) == (0, b"")


@pytest.mark.parametrize("kind", KINDS)
def test_typed_descriptions_become_their_glyph(files: dict[str, Path], kind: str) -> None:
    for direction in ("ltr", "ttb"):
        assert shaped(files[kind], "⿰氵龍", direction) == ["uniE000"]
        assert shaped(files[kind], "⿱艹⿰氵龍", direction) == ["uniE001"]
    assert shaped(files[kind], "⿴囗馬⿰氵") == ["uniE02F", "uni2FF0", "uni6C35"]


@pytest.mark.parametrize("kind", KINDS)
def test_marks_change_their_form_in_vertical_lines(files: dict[str, Path], kind: str) -> None:
    assert shaped(files[kind], "。「") == ["uni3002", "uni300C"]
    assert shaped(files[kind], "。「", "ttb") == ["uni3002.vert", "uni300C.vert"]


@pytest.mark.parametrize("kind", KINDS)
def test_pillow_draws_what_the_model_drew(
    files: dict[str, Path], glyphs: list[Glyph], draw: Draw, kind: str
) -> None:
    assert ImageFont.truetype(str(files[kind]), 40).getname() == ("Dreams", "Regular")
    for place in (0, 7, 30):
        drawn = draw(files[kind], chr(0xE000 + place), 64, 15 / 16)
        expected = glyphs[place].array
        assert np.minimum(drawn, expected).sum() / np.maximum(drawn, expected).sum() > 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_tables_hold_what_cjk_programs_ask_for(files: dict[str, Path], kind: str) -> None:
    with TTFont(files[kind]) as font:
        assert font["head"].unitsPerEm == 1000
        assert (font["OS/2"].sTypoAscender, font["OS/2"].sTypoDescender) == (880, -120)
        assert (font["hhea"].ascent, font["hhea"].descent) == (880, -120)
        assert {59, 60} <= font["OS/2"].getUnicodeRanges()
        assert font["OS/2"].getCodePageRanges() >= {17, 18, 20}
        assert {height for height, _ in font["vmtx"].metrics.values()} == {1000}
        assert {width for width, _ in font["hmtx"].metrics.values()} == {1000}
        assert {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord} == {
            "ccmp", "liga", "vert",
        }  # fmt: skip
        assert "Licence of the test." in str(font["name"].getDebugName(13))
        assert "walkback, seed 3" in str(font["name"].getDebugName(10))
        assert font.getBestCmap()[0xE000] == "uniE000"
        assert font.getGlyphOrder()[0] == ".notdef"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_glyphs_give_the_same_bytes(
    made: Typeface, files: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    write_font(made, tmp_path / f"again{kind}")
    assert (tmp_path / f"again{kind}").read_bytes() == files[kind].read_bytes()


def test_ufo_sources_hold_the_outlines_of_the_font(
    made: Typeface, files: dict[str, Path], tmp_path: Path
) -> None:
    write_ufo(made, tmp_path / "dreams.ufo")
    write_ufo(made, tmp_path / "dreams.ufo")  # replaces
    with UFOReader(tmp_path / "dreams.ufo") as reader, TTFont(files[".otf"]) as font:
        assert reader.readFeatures() == made.features
        theirs, ours = reader.getGlyphSet(), font.getGlyphSet()
        assert set(theirs.keys()) == set(ours.keys())
        for name in ("uniE000", "uniE010", "uni3002", ".notdef"):
            pens = RecordingPen(), RecordingPen()
            theirs[name].draw(pens[0])
            ours[name].draw(pens[1])
            assert pens[0].value == pens[1].value

        class Read:
            unicodes: list[int]

        read = Read()
        theirs.readGlyph("uniE000", read)
        assert read.unicodes == [0xE000]
    with pytest.raises(TenshoError, match="rename it"):
        write_ufo(made, tmp_path / "dreams")
    (tmp_path / "other.ufo").mkdir()
    with pytest.raises(TenshoError, match="no UFO"):
        write_ufo(made, tmp_path / "other.ufo")


def points_of(outline: PlacedOutline) -> int:
    pen = RecordingPen()
    outline.draw(pen)
    return sum(len(points) for _, points in pen.value)


def test_parts_are_drawn_as_the_sheet_or_a_face_has_them(glyphs: list[Glyph], faces: dict[str, Path]) -> None:
    water = replace(glyphs[5], character="氵")
    own = typeface([*glyphs[:2], water], code_points=[0xE000, 0xE001, 0xE002])
    by_code = {glyph.code_point: glyph.outline for glyph in own.glyphs}
    assert by_code[ord("氵")] == by_code[0xE002]
    empty_frame = by_code[ord("龍")]
    borrowed = typeface(glyphs[:2], parts_face=faces["sans"])
    dragon = next(glyph.outline for glyph in borrowed.glyphs if glyph.code_point == ord("龍"))
    assert points_of(dragon) > 60 > points_of(empty_frame)


def test_code_points_follow_characters_and_then_private_use(glyphs: list[Glyph]) -> None:
    known = [replace(glyphs[3], character="龘"), glyphs[4], replace(glyphs[5], character="龘")]
    assert typeface(known).drawn == (ord("龘"), 0xE000, 0xE001)
    assert sum(1 for _ in private_code_points()) == 6400 + 2 * 65534
    assert typeface(glyphs[:2], code_points=[0x10FFFD, 0xF0000]).drawn == (0x10FFFD, 0xF0000)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([0xE000, 0xE000], "given twice"),
        ([0xE000, 0x110000], "no code point"),
        ([0xE000, -1], "no code point"),
        ([0xE000, 0xD800], "no code point"),
        ([0xE000, 0xFFFE], "no code point"),
        ([0xE000, 0x1F], "no code point"),
        ([0xE000], "one for each"),
    ],
)
def test_bad_code_points_are_refused(glyphs: list[Glyph], codes: list[int], words: str) -> None:
    with pytest.raises(TenshoError, match=words):
        typeface(glyphs[:2], code_points=codes)


@pytest.mark.parametrize("family", ["", "  ", "a\nb", "a\0", "\ud800", "x" * 32])
def test_names_that_no_font_can_hold_are_refused(family: str) -> None:
    with pytest.raises(TenshoError, match="name"):
        FontInfo(family=family)


@pytest.mark.parametrize("family", ["天書", "A(b)/c%d", "Ünï", "-", "x" * 31])
def test_any_visible_name_makes_a_font_that_opens(glyphs: list[Glyph], tmp_path: Path, family: str) -> None:
    write_font(typeface(glyphs[:1], info=FontInfo(family=family)), tmp_path / "named.otf")
    assert ImageFont.truetype(str(tmp_path / "named.otf"), 20).getname()[0] is not None
    assert ots.sanitize(str(tmp_path / "named.otf"), capture_output=True).returncode == 0
    with TTFont(tmp_path / "named.otf") as font:
        assert font["name"].getDebugName(1) == family


def test_what_cannot_be_a_font_is_refused(made: Typeface, glyphs: list[Glyph], tmp_path: Path) -> None:
    with pytest.raises(TenshoError, match="at least one"):
        typeface([])
    with pytest.raises(TenshoError, match=r"glyph 1: .*no ink"):
        typeface([glyphs[0], Glyph(np.zeros((64, 64), np.float32))])
    with pytest.raises(TenshoError, match="expected 1 more part"):
        typeface([replace(glyphs[0], ids="⿰氵")])
    with pytest.raises(TenshoError, match="version"):
        FontInfo(version="one")
    with pytest.raises(TenshoError, match=r"\.ttf or \.otf"):
        write_font(made, tmp_path / "dreams.woff")
    (tmp_path / "file").touch()
    with pytest.raises(TenshoError, match="cannot write"):
        write_font(made, tmp_path / "file" / "dreams.ttf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
  xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
  xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
  office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles><style:style style:name="P" style:family="paragraph"><style:text-properties
  style:font-name="Dreams" fo:font-family="Dreams" style:font-family-asian="Dreams"
  style:font-family-complex="Dreams" fo:font-size="48pt" style:font-size-asian="48pt"/></style:style>
</office:automatic-styles>
<office:body><office:text><text:p text:style-name="P">{text}</text:p></office:text></office:body>
</office:document>"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_embeds_it(files: dict[str, Path], tmp_path: Path) -> None:
    fonts = tmp_path / "home" / ".fonts"
    fonts.mkdir(parents=True)
    shutil.copy(files[".ttf"], fonts)
    page = tmp_path / "page.fodt"
    page.write_text(DOCUMENT.format(text="\ue000\ue005⿱艹⿰氵龍"), encoding="utf-8")
    home = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "FONTCONFIG_PATH": "/etc/fonts"}
    convert = [
        "soffice",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
    ]
    subprocess.run([*convert, str(page)], check=True, capture_output=True, env=home, timeout=180)
    listing = subprocess.run(
        ["pdffonts", str(tmp_path / "page.pdf")], check=True, capture_output=True, text=True
    )
    assert "Dreams" in listing.stdout
