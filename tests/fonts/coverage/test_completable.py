import pytest
from fontTools.cffLib.CFFToCFF2 import convertCFFToCFF2
from fontTools.colorLib.builder import buildCOLR
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable
from fontTools.ttLib.tables._g_l_y_f import GlyphComponent
from fontTools.ttLib.tables.TupleVariation import TupleVariation

from tensho.errors import TenshoError
from tensho.fonts.coverage.completable import open_completable
from tensho.fonts.outline_reader import OutlineReader
from tests.ideograph_fonts import CHARACTERS, outline_in, resaved, write_ideographs


@pytest.fixture
def plain(tmp_path):
    write_ideographs(tmp_path / "a.ttf")
    return tmp_path / "a.ttf"


def refused(path, folder):
    with pytest.raises(TenshoError) as caught:
        open_completable(path, folder / "cache")
    message = str(caught.value)
    assert "\n" not in message
    assert not (folder / "cache").exists()
    return message


def name_of(char):
    return f"uni{ord(char):04X}"


def test_a_plain_font_is_taken_as_it_is(plain, tmp_path):
    source = open_completable(plain, tmp_path / "cache")
    assert source.path == plain
    assert source.characters == set(CHARACTERS)
    assert source.missing("木漢⿰") == ["漢", "⿰"]
    assert not (tmp_path / "cache").exists()


def test_many_ideographs_with_one_glyph_are_missing(plain, tmp_path):
    def share(font):
        for table in font["cmap"].tables:
            table.cmap.update(dict.fromkeys(range(0x5000, 0x5400), name_of("木")))

    source = open_completable(resaved(plain, share), tmp_path)
    # 木 has that glyph too, and is not to be told from the others.
    assert source.characters == set(CHARACTERS) - {"木"}


def test_glyphs_that_look_like_notdef_are_missing(plain, tmp_path):
    def copy(font):
        font["glyf"][name_of("果")] = font["glyf"][".notdef"]
        font["hmtx"][name_of("果")] = font["hmtx"][".notdef"]

    assert open_completable(resaved(plain, copy), tmp_path).missing("木果") == ["果"]


@pytest.mark.parametrize("flavor", ["woff", "woff2"])
def test_web_fonts_are_unpacked_once(plain, tmp_path, flavor):
    path = resaved(plain, lambda font: setattr(font, "flavor", flavor), tmp_path / f"a.{flavor}")
    source = open_completable(path, tmp_path / "cache")
    assert source.path.parent == tmp_path / "cache"
    assert OutlineReader(source.path).characters >= set(CHARACTERS)
    changed = source.path.stat().st_mtime_ns
    assert open_completable(path, tmp_path / "cache").path.stat().st_mtime_ns == changed


def test_a_collection_s_first_face_with_ideographs_is_found(plain, tmp_path):
    write_ideographs(tmp_path / "latin.ttf", characters="AB", extra="")
    collection = TTCollection()
    collection.fonts = [TTFont(tmp_path / "latin.ttf"), TTFont(plain)]
    collection.save(tmp_path / "both.ttc")
    for font in collection.fonts:
        font.close()
    source = open_completable(tmp_path / "both.ttc", tmp_path / "cache")
    assert source.characters == set(CHARACTERS)
    assert source.notes == ("Of the collection, face #1 alone is completed.",)
    assert open_completable(f"{tmp_path}/both.ttc#1", tmp_path / "cache").path == source.path
    with pytest.raises(TenshoError, match="no ideographs"):
        open_completable(f"{tmp_path}/both.ttc#0", tmp_path)
    with pytest.raises(TenshoError, match="no face #2"):
        open_completable(f"{tmp_path}/both.ttc#2", tmp_path)


@pytest.fixture
def variable(tmp_path):
    """A font whose glyphs get 200 units narrower from the right as wght goes from 400 to 900."""
    builder: FontBuilder = write_ideographs(tmp_path / "v.ttf", save=False)
    builder.setupFvar([("wght", 400, 400, 900, "Weight")], [])
    glyf = builder.font["glyf"]
    deltas = {}
    for name in builder.font.getGlyphOrder():
        points = glyf[name].coordinates if glyf[name].numberOfContours else []
        moves = [(-200 if x > 500 else 0, 0) for x, _ in points]
        deltas[name] = [TupleVariation({"wght": (0, 1, 1)}, [*moves, *[(0, 0)] * 4])] if moves else []
    builder.setupGvar(deltas)
    builder.save(tmp_path / "v.ttf")
    return tmp_path / "v.ttf"


def test_an_instance_of_a_variable_font_is_made(variable, tmp_path):
    widths = {}
    for place in ("", "#wght=900", "#wght=650"):
        source = open_completable(f"{variable}{place}", tmp_path / "cache")
        with source.read() as font:
            assert "fvar" not in font
            assert "gvar" not in font
        widths[place] = outline_in(source.path, "木").bounds.width
    assert source.notes == ("Of the variable font, the instance wght=650 alone is completed.",)
    assert widths[""] - widths["#wght=900"] == 200
    assert widths[""] - widths["#wght=650"] == 100


def test_cff2_becomes_cff(tmp_path):
    write_ideographs(tmp_path / "a.otf", quadratic=False)

    def convert(font):
        for name in font.getGlyphOrder():
            program = font["CFF "].cff.topDictIndex[0].CharStrings[name]
            program.decompile()
        convertCFFToCFF2(font)

    source = open_completable(resaved(tmp_path / "a.otf", convert), tmp_path / "cache")
    with source.read() as font:
        assert "CFF2" not in font
        assert font.sfntVersion == "OTTO"
    assert len(outline_in(source.path, "木").points) == 8


@pytest.mark.parametrize(
    ("place", "words"),
    [("#wght=950", "out of reach"), ("#opsz=3", "no axis 'opsz'"), ("#wght=bold", "names no face")],
)
def test_instances_that_do_not_exist_are_refused(variable, tmp_path, place, words):
    assert words in refused(f"{variable}{place}", tmp_path)


def test_a_static_font_has_no_instances(plain, tmp_path):
    assert "no variable font" in refused(f"{plain}#wght=700", tmp_path)


def cyclic(font):
    glyf = font["glyf"]
    for name, other in ((name_of("果"), name_of("東")), (name_of("東"), name_of("果"))):
        pen = TTGlyphPen(None)
        component = GlyphComponent()
        component.glyphName, component.x, component.y, component.flags = other, 0, 0, 0x2
        glyph = pen.glyph()
        glyph.numberOfContours, glyph.components = -1, [component]
        glyph.xMin = glyph.yMin = glyph.xMax = glyph.yMax = 0
        glyf[name] = glyph


def blank(font):
    for char in CHARACTERS:
        font["glyf"][name_of(char)] = TTGlyphPen(None).glyph()


def coloured(font):
    font["CPAL"] = newTable("CPAL")
    font["CPAL"].version, font["CPAL"].numPaletteEntries, font["CPAL"].palettes = 0, 0, []
    font["COLR"] = buildCOLR({name_of("木"): [(name_of("林"), 0)]}, version=0)


def bitmaps(font):
    for tag in ("glyf", "loca"):
        del font[tag]
    font["EBDT"] = newTable("DSIG")  # any bytes
    font["EBDT"].ulVersion, font["EBDT"].usFlag, font["EBDT"].usNumSigs, font["EBDT"].signatureRecords = (
        1,
        0,
        0,
        [],
    )


def no_cmap(font):
    del font["cmap"]


def svg(font):
    font["SVG "] = newTable("SVG ")
    font["SVG "].docList = []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (cyclic, "contains itself"),
        (blank, "no outlines of their own"),
        (coloured, "coloured"),
        (svg, "colour font"),
        (bitmaps, "no outlines"),
        (no_cmap, "no Unicode cmap"),
    ],
)
def test_bad_fonts_are_refused_in_one_line(plain, tmp_path, change, words):
    assert words in refused(resaved(plain, change), tmp_path)


def test_what_is_no_font_is_refused(plain, tmp_path):
    data = plain.read_bytes()
    (tmp_path / "half.ttf").write_bytes(data[: len(data) // 2])
    (tmp_path / "page.ttf").write_bytes(b"<!doctype html>")
    (tmp_path / "empty.ttf").touch()
    (tmp_path / "noise.ttf").write_bytes(data[:300] + bytes(range(256)) * (len(data) // 256))
    write_ideographs(tmp_path / "latin.ttf", characters="ABC", extra="")
    assert "truncated" in refused(tmp_path / "half.ttf", tmp_path)
    assert "not a font" in refused(tmp_path / "page.ttf", tmp_path)
    assert "not a font" in refused(tmp_path / "empty.ttf", tmp_path)
    assert "damaged" in refused(tmp_path / "noise.ttf", tmp_path)
    assert "no ideographs" in refused(tmp_path / "latin.ttf", tmp_path)
    assert "no font file" in refused(tmp_path / "none.ttf", tmp_path)
    assert "no image" in refused(tmp_path, tmp_path)  # a folder is one of scans


def test_woff2_needs_brotli(plain, tmp_path, monkeypatch):
    path = resaved(plain, lambda font: setattr(font, "flavor", "woff2"), tmp_path / "a.woff2")
    monkeypatch.setattr("tensho.fonts.coverage.completable.find_spec", lambda name: None)
    assert "pip install brotli" in refused(path, tmp_path)
