import ots
import pytest
import uharfbuzz
from fontTools.pens.areaPen import AreaPen
from fontTools.ttLib import TTFont, newTable

from tensho.errors import TenshoError
from tensho.export.completion.font import Addition, completed_fonts
from tensho.fonts.coverage.completable import open_completable
from tensho.fonts.coverage.repertoires import repertoire
from tensho.fonts.outline_raster import raster
from tensho.fonts.outlines import CUBIC, QUADRATIC
from tests.ideograph_fonts import (
    CHARACTERS,
    frame_outline,
    outline_in,
    resaved,
    round_outline,
    write_cid_keyed,
    write_ideographs,
)

KINDS = ("glyf", "cff", "cid")
ADDED = {"漢": round_outline(QUADRATIC), "字": round_outline(CUBIC), "𠀋": frame_outline(3)}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fonts")
    write_ideographs(folder / "glyf.ttf")
    write_ideographs(folder / "cff.otf", quadratic=False)
    write_cid_keyed(folder / "cid.otf")
    names = {"glyf": "glyf.ttf", "cff": "cff.otf", "cid": "cid.otf"}
    return {kind: open_completable(folder / name, folder) for kind, name in names.items()}


def additions(outlines=ADDED, **descriptions):
    return [Addition(ord(char), outline, descriptions.get(char)) for char, outline in outlines.items()]


def save(completion, path):
    completion.save(path)
    return path


@pytest.fixture(scope="module")
def completed(sources, tmp_path_factory):
    folder = tmp_path_factory.mktemp("completed")
    paths = {}
    for kind, source in sources.items():
        (completion,) = completed_fonts(source, additions(字="⿱一木"))
        paths[kind] = save(completion, folder / source.path.name)
    return paths


def shaped(path, text, direction="ltr"):
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path)))
    font, buffer = uharfbuzz.Font(face), uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    uharfbuzz.shape(font, buffer)
    return [
        (info.codepoint, place.x_advance, place.y_advance, place.x_offset, place.y_offset)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_sanitizer_of_browsers_passes_it(completed, kind):
    verdict = ots.sanitize(str(completed[kind]), capture_output=True)
    assert (verdict.returncode, verdict.stderr) == (0, b"")


@pytest.mark.parametrize("kind", KINDS)
def test_new_glyphs_are_the_outlines_that_were_given(completed, kind):
    for char, outline in ADDED.items():
        theirs = raster(outline_in(completed[kind], char), 200, scale=0.2, bottom=-120)
        ours = raster(outline, 200, scale=0.2, bottom=-120)
        assert abs(theirs.astype(int) - ours).sum() < 0.005 * ours.sum(dtype=int)
        # TrueType's outer contours run clockwise, PostScript's the other way.
        pen = AreaPen(None)
        outline_in(completed[kind], char).draw(pen)
        assert (pen.value < 0) == (kind == "glyf")


@pytest.mark.parametrize("kind", KINDS)
def test_old_glyphs_and_tables_stay(sources, completed, kind):
    for char in CHARACTERS:
        before, after = outline_in(sources[kind].path, char), outline_in(completed[kind], char)
        assert (before.points == after.points).all()
    with TTFont(sources[kind].path) as old, TTFont(completed[kind]) as new:
        assert set(old.keys()) - {"DSIG"} <= set(new.keys())
        for tag in {"GPOS", "GDEF", "BASE", "gasp", "prep", "fpgm", "cvt "} & set(old.keys()):
            assert old.getTableData(tag) == new.getTableData(tag)
        assert new.getGlyphOrder()[: len(old.getGlyphOrder())] == old.getGlyphOrder()
        assert old["head"].unitsPerEm == new["head"].unitsPerEm
        for name in ("ascent", "descent", "lineGap"):
            assert getattr(old["hhea"], name) == getattr(new["hhea"], name)
        for name in ("sTypoAscender", "sTypoDescender", "usWinAscent", "usWinDescent", "fsType"):
            assert getattr(old["OS/2"], name) == getattr(new["OS/2"], name)
        assert old["OS/2"].getUnicodeRanges() <= new["OS/2"].getUnicodeRanges()
        for record in old["name"].names:
            assert str(record) in str(new["name"].getName(*key(record)))


def key(record):
    return record.nameID, record.platformID, record.platEncID, record.langID


@pytest.mark.parametrize("kind", KINDS)
def test_new_glyphs_stand_as_the_old_ones_do_across_and_down(completed, kind):
    for direction in ("ltr", "ttb"):
        old, new = (shaped(completed[kind], text, direction)[0][1:] for text in ("木", "漢"))
        assert old == new
    (_, _, _, x, y) = shaped(completed[kind], "漢", "ttb")[0]
    assert (x, y) == (-500, -880)


@pytest.mark.parametrize("kind", KINDS)
def test_tables_count_and_bound_what_they_hold(completed, kind):
    with TTFont(completed[kind]) as font:
        count = len(font.getGlyphOrder())
        assert font["maxp"].numGlyphs == count
        glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
        name = cmap[ord("漢")]
        assert name == ("uni6F22" if kind != "cid" else "cid" + name[3:])
        assert cmap[0x2000B] == ("u2000B" if kind != "cid" else "cid" + cmap[0x2000B][3:])
        assert font["hmtx"][name] == (1000, 200)
        assert font["vmtx"][name] == (1000, 200)
        pen = AreaPen(glyphs)
        glyphs[name].draw(pen)
        assert abs(pen.value) == pytest.approx(3.14159 * 300**2, rel=0.005)
        formats = {(t.platformID, t.platEncID): t.format for t in font["cmap"].tables}
        assert formats[3, 10] == 12
        for table in font["cmap"].tables:
            if table.isUnicode() and table.format in (4, 12):
                assert table.cmap[ord("漢")] == name
        assert 59 in font["OS/2"].getUnicodeRanges()
        assert font["OS/2"].usLastCharIndex == 0xFFFF  # there are some above
        assert font["post"].formatType == (3.0 if kind != "glyf" else 2.0)
        if kind == "cid":
            top = font["CFF "].cff.topDictIndex[0]
            assert len(top.FDSelect) == count
            ids = font.getReverseGlyphMap()
            assert top.FDSelect[ids[name]] == top.FDSelect[ids[cmap[ord("木")]]]
            assert top.CIDCount > int(name[3:])


def test_descriptions_turn_into_their_glyph_and_features_stay(sources, completed):
    for kind in ("glyf", "cff"):
        glyph = shaped(completed[kind], "字")[0][0]
        assert [g[0] for g in shaped(completed[kind], "⿱一木")] == [glyph]
        assert [g[0] for g in shaped(completed[kind], "⿱一木", "ttb")] == [glyph]
        assert len(shaped(completed[kind], "一木")) == 2
    # The operators are not in this one, its own features are.
    cid = completed["cid"]
    with TTFont(sources["cid"].path) as old, TTFont(cid) as new:
        tags = [[r.FeatureTag for r in f["GSUB"].table.FeatureList.FeatureRecord] for f in (old, new)]
        assert tags[0] == tags[1]
    assert shaped(sources["cid"].path, "「。", "ttb") == shaped(cid, "「。", "ttb")


def test_a_ligature_is_added_to_features_that_are_there(sources, tmp_path):
    (completion,) = completed_fonts(sources["cid"], additions(漢="木言", 字="森一言"))
    path = save(completion, tmp_path / "ligated.otf")
    assert completion.ligatures == 2
    assert [g[0] for g in shaped(path, "木言森一言")] == [g[0] for g in shaped(path, "漢字")]
    assert [g[0] for g in shaped(path, "fi")] == [g[0] for g in shaped(sources["cid"].path, "fi")]
    assert shaped(sources["cid"].path, "「。", "ttb") == shaped(path, "「。", "ttb")
    assert ots.sanitize(str(path), capture_output=True).returncode == 0
    with TTFont(path) as font:
        tags = [record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord]
        assert tags == sorted(tags)
        assert font["OS/2"].usMaxContext >= 3


def test_names_say_where_it_comes_from(completed, sources, tmp_path):
    with TTFont(completed["glyf"]) as font:
        assert font["name"].getDebugName(1) == "Small Song"
        assert "tensho" in font["name"].getDebugName(5)
        assert "3 characters" in font["name"].getDebugName(10)
    (completion,) = completed_fonts(sources["cff"], additions(), family="天 Song")
    with TTFont(save(completion, tmp_path / "named.otf")) as font:
        names = {record.nameID: str(record) for record in font["name"].names}
        assert (names[1], names[4], names[6]) == ("天 Song", "天 Song", "u5929Song-Regular")
        assert "Small" not in names[3]
        assert font["CFF "].cff.fontNames == ["u5929Song-Regular"]
    assert ots.sanitize(str(tmp_path / "named.otf"), capture_output=True).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_room_goes_into_a_second_font(sources, tmp_path, kind):
    with TTFont(sources[kind].path) as font:
        count = len(font.getGlyphOrder())
    files = list(completed_fonts(sources[kind], additions(), most=count + 1))
    assert [completion.added for completion in files] == [(ord("漢"),), (ord("字"), 0x2000B)]
    assert files[1].family == files[0].family + " 2"
    paths = [save(completion, tmp_path / f"{kind}{k}") for k, completion in enumerate(files)]
    for path in paths:
        assert ots.sanitize(str(path), capture_output=True).returncode == 0
    with TTFont(paths[1]) as font:
        assert len(font.getGlyphOrder()) <= count + 1
        assert font["OS/2"].sTypoAscender == 880
    assert shaped(paths[1], "𠀋", "ttb")[0][1:] == shaped(paths[0], "木", "ttb")[0][1:]


def test_a_glyph_that_is_there_and_empty_is_drawn_anew(tmp_path):
    write_ideographs(tmp_path / "a.ttf")

    def empty(font):
        for char in "果東":
            font["glyf"][f"uni{ord(char):04X}"].numberOfContours = 0
            del font["glyf"][f"uni{ord(char):04X}"].coordinates

    source = open_completable(resaved(tmp_path / "a.ttf", empty), tmp_path)
    assert source.missing("木果東") == ["果", "東"]
    (completion,) = completed_fonts(source, additions({"果": frame_outline(1)}))
    path = save(completion, tmp_path / "b.ttf")
    assert len(outline_in(path, "果").points) == 8
    with TTFont(path) as font:
        assert font.getBestCmap()[ord("果")] == "uni679C.1"


def test_device_metrics_grow_with_the_font(tmp_path):
    write_ideographs(tmp_path / "a.ttf")

    def add(font):
        font["hdmx"], font["LTSH"] = newTable("hdmx"), newTable("LTSH")
        order = font.getGlyphOrder()
        font["hdmx"].hdmx = {12: dict.fromkeys(order, 12), 17: dict.fromkeys(order, 17)}
        font["LTSH"].yPels = dict.fromkeys(order, 40)

    source = open_completable(resaved(tmp_path / "a.ttf", add), tmp_path)
    (completion,) = completed_fonts(source, additions())
    path = save(completion, tmp_path / "b.ttf")
    with TTFont(path) as font:
        assert (font["hdmx"].hdmx[17]["uni6F22"], font["hdmx"].hdmx[12]["uni6728"]) == (17, 12)
        assert (font["LTSH"].yPels["uni6F22"], font["LTSH"].yPels["uni6728"]) == (1, 40)
    assert ots.sanitize(str(path), capture_output=True).returncode == 0


def test_numbers_of_a_standard_collection_are_given_up_where_it_has_none(tmp_path):
    write_cid_keyed(tmp_path / "a.otf")

    def number(font):
        font["CFF "].cff.topDictIndex[0].ROS = ("Adobe", "Japan1", 6)

    source = open_completable(resaved(tmp_path / "a.otf", number), tmp_path)
    (completion,) = completed_fonts(source, additions())
    assert any("Adobe-Japan1-6" in note for note in completion.notes)
    with TTFont(save(completion, tmp_path / "b.otf")) as font:
        assert font["CFF "].cff.topDictIndex[0].ROS == ("Adobe", "Identity", 0)


@pytest.mark.slow
def test_code_pages_are_named_once_their_characters_are_there(tmp_path):
    write_ideographs(tmp_path / "a.ttf")
    source = open_completable(tmp_path / "a.ttf", tmp_path)
    level = {
        char: frame_outline(1) for char in repertoire("jis1").characters if char not in source.characters
    }
    for left_out, pages in (("亜", set()), ("", {17})):
        chosen = {char: outline for char, outline in level.items() if char not in left_out}
        (completion,) = completed_fonts(source, additions(chosen))
        assert completion.font["OS/2"].getCodePageRanges() & {17, 18, 20} == pages


def test_a_font_without_vertical_metrics_gets_none(tmp_path):
    write_ideographs(tmp_path / "a.otf", quadratic=False, vertical=False)
    (completion,) = completed_fonts(open_completable(tmp_path / "a.otf", tmp_path), additions())
    with TTFont(save(completion, tmp_path / "b.otf")) as font:
        assert not {"vmtx", "vhea", "VORG"} & set(font.keys())


def test_the_same_additions_give_the_same_bytes(sources, tmp_path):
    for name in ("a", "b"):
        (completion,) = completed_fonts(sources["cid"], additions())
        save(completion, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_nothing_to_add_is_refused(sources):
    with pytest.raises(TenshoError, match="nothing to add"):
        list(completed_fonts(sources["glyf"], []))
