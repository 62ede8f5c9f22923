import json
from dataclasses import dataclass
from typing import Any

import ots
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

import tensho
from tensho.composition.attempts import Attempt
from tensho.errors import TenshoError
from tensho.fonts.outline_reader import OutlineReader
from tests.ideograph_fonts import CHARACTERS, OFL, round_outline, write_cid_keyed, write_ideographs


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def font(tmp_path):
    write_ideographs(tmp_path / "a.ttf")
    return tmp_path / "a.ttf"


@dataclass
class Disks:
    """Draws a disk for everything but 龘; the surer, the smaller."""

    composed: list[str]

    def compose(self, text, /):
        self.composed.append(text)
        if text == "龘":
            raise TenshoError("no donor of 龍")
        radius = 150 + 10 * (len(self.composed) % 20)
        return Attempt(text, round_outline(radius=radius), "same slot", 1.5 - radius / 200, ("木", "林"))


def complete(font, out, *, composed=None, **options: Any):
    composed = [] if composed is None else composed
    options = {"to": ["漢字海龘東"], "ocr": False, **options}
    return tensho.complete(
        font, out, composer=lambda path: Disks([] if composed is None else composed), **options
    )


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_font_a_sheet_and_the_facts_are_written(font, tmp_path):
    done = complete(font, tmp_path / "out" / "b.ttf")
    assert left(tmp_path / "out") == ["b.html", "b.json", "b.ttf"]
    assert [glyph.text for glyph in done.glyphs] == ["漢", "字", "海"]
    assert (done.facts.wanted, done.facts.missing, done.facts.refused) == (5, 4, (("龘", "no donor of 龍"),))
    assert OutlineReader(tmp_path / "out" / "b.ttf").characters >= {*CHARACTERS, "漢", "字", "海"}
    assert ots.sanitize(str(tmp_path / "out" / "b.ttf"), capture_output=True).returncode == 0
    told = json.loads((tmp_path / "out" / "b.json").read_text())
    assert (told["added"], told["files"]) == (3, ["b.ttf"])


@pytest.mark.parametrize("ending", ["woff", "woff2"])
def test_web_fonts_are_written(font, tmp_path, ending):
    complete(font, tmp_path / f"b.{ending}")
    with TTFont(tmp_path / f"b.{ending}") as made:
        assert made.flavor == ending
        assert ord("漢") in made.getBestCmap()


def test_cid_keyed_fonts_and_descriptions_with_operators_of_their_own(tmp_path):
    write_cid_keyed(tmp_path / "a.otf", CHARACTERS)
    done = complete(tmp_path / "a.otf", tmp_path / "b.otf", to=["杳⿰言森"], ids_ligatures=True)
    assert [(glyph.text, glyph.code_point) for glyph in done.glyphs] == [
        ("杳", ord("杳")),
        ("⿰言森", 0xE000),
    ]
    assert any("⿰" in note and "operators" in note for note in done.facts.notes)
    assert ots.sanitize(str(tmp_path / "b.otf"), capture_output=True).returncode == 0
    import uharfbuzz

    face = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(tmp_path / "b.otf"))))
    shaped = []
    for text in ("⿰言森", "\ue000"):
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(face, buffer)
        shaped.append([info.codepoint for info in buffer.glyph_infos])
    assert shaped[0] == shaped[1] != [0]


def test_sources_are_written_for_designers(font, tmp_path):
    done = complete(font, tmp_path / "b.ufo")
    assert (tmp_path / "b.ufo" / "metainfo.plist").is_file()
    assert any("merge it" in note for note in done.facts.notes)
    assert done.files == (tmp_path / "b.ufo", tmp_path / "b.html", tmp_path / "b.json")


def test_parts_that_stand_as_in_the_font_are_components(little_face, tmp_path):
    ufo = pytest.importorskip("ufoLib2")
    texts = ["⿰言青", "⿰木青", "⿱艹青", "⿰氵果", "⿰日木", "⿰言木", "⿰木果", "⿰金木"]
    done = tensho.complete(little_face, tmp_path / "b.ufo", to=["".join(texts)], ocr=False)
    opened = ufo.Font.open(tmp_path / "b.ufo")
    outlines = {glyph.code_point: glyph.outline for glyph in done.glyphs}
    used = [component for glyph in opened if glyph.unicodes for component in glyph.components]
    assert used
    assert {component.baseGlyph for component in used} == set(opened.lib["public.skipExportGlyphs"])
    for glyph in opened:
        if glyph.unicodes and glyph.unicodes[0] in outlines:
            pen = BoundsPen(opened)
            glyph.draw(pen)
            assert pen.bounds == pytest.approx(outlines[glyph.unicodes[0]].bounds, abs=0.02)


def test_what_was_composed_is_not_composed_again(font, tmp_path):
    first, second, third = list[str](), list[str](), list[str]()
    complete(font, tmp_path / "b.ttf", composed=first, composer_version="1")
    complete(font, tmp_path / "c.ttf", composed=second, composer_version="1", to=["漢字海龘池"])
    complete(font, tmp_path / "d.ttf", composed=third, composer_version="2")
    assert first == third == [*"漢字海龘"]
    assert second == ["池"]


def test_what_is_not_sure_or_was_found_wrong_is_left_out(font, tmp_path):
    done = complete(font, tmp_path / "b.ttf", only_sure=0.6, without="字", to=["漢字海池湖"])
    assert all(glyph.confidence >= 0.6 for glyph in done.glyphs)
    assert "字" not in {*done.facts.left_out, *(glyph.text for glyph in done.glyphs)}
    assert set(done.facts.left_out) | {glyph.text for glyph in done.glyphs} == set("漢海池湖")
    with pytest.raises(TenshoError, match="as sure as 1"):
        complete(font, tmp_path / "c.ttf", only_sure=1)
    with pytest.raises(TenshoError, match="no confidence"):
        complete(font, tmp_path / "c.ttf", only_sure=1.5)


def test_the_next_list_of_the_font_s_language_is_the_default(tmp_path):
    write_ideographs(tmp_path / "cn.ttf", characters="们说这过边东车马")
    write_ideographs(tmp_path / "jp.ttf", characters="図広読応売桜")
    assert complete(tmp_path / "cn.ttf", tmp_path / "b.ttf", to=()).facts.repertoire == "tgh"
    assert complete(tmp_path / "jp.ttf", tmp_path / "b.ttf", to=()).facts.repertoire == "jis2004"


def test_a_reserved_name_is_not_kept(tmp_path):
    write_ideographs(tmp_path / "a.ttf", copyright="© A, with Reserved Font Name 'Small'.")
    done = complete(tmp_path / "a.ttf", tmp_path / "b.ttf")
    assert done.facts.family == "Tensho SS"
    assert any("Small must not name a changed font" in note for note in done.facts.notes)
    with TTFont(tmp_path / "b.ttf") as made:
        assert {str(r) for r in made["name"].names if r.nameID == 1} == {"Tensho SS"}
        assert not any("Small" in str(r) for r in made["name"].names if r.nameID in (1, 3, 4, 6, 16))
    with pytest.raises(TenshoError, match="reserved"):
        complete(tmp_path / "a.ttf", tmp_path / "b.ttf", family="Small Too")
    assert complete(tmp_path / "a.ttf", tmp_path / "b.ttf", family="Big").facts.family == "Big"
    kept = complete(tmp_path / "a.ttf", tmp_path / "b.ttf", i_have_the_right=True)
    assert kept.facts.family == "Small Song"


@pytest.mark.parametrize(
    ("licence", "fs_type"), [(OFL, 2), ("You may not modify this font.", 0)], ids=["fsType", "licence"]
)
def test_what_must_not_be_changed_is_not_unless_one_has_the_right(tmp_path, licence, fs_type):
    write_ideographs(tmp_path / "a.ttf", licence=licence, fs_type=fs_type)
    with pytest.raises(TenshoError, match="must not be completed"):
        complete(tmp_path / "a.ttf", tmp_path / "b.ttf")
    assert left(tmp_path) == ["a.ttf"]
    assert len(complete(tmp_path / "a.ttf", tmp_path / "b.ttf", i_have_the_right=True).glyphs) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"to": ["木林"]}, "has all 2 characters"),
        ({"to": ["龘"]}, "no donor of 龍"),
        ({"to": ["漢"], "without": "漢"}, "none of 0"),
        ({"to": ["nothing"]}, "no list of characters"),
        ({"out": "b.otf"}, r"end in \.ttf"),
        ({"out": "b.pdf"}, r"end in \.ttf"),
        ({"out": "a.ttf/b.ttf"}, "cannot write"),
    ],
)
def test_what_cannot_be_done_is_refused_and_leaves_nothing(font, tmp_path, options, words):
    out = tmp_path / options.pop("out", "b.ttf")
    with pytest.raises(TenshoError, match=words):
        complete(font, out, **options)
    assert left(tmp_path) == ["a.ttf"]


@pytest.mark.slow
def test_a_real_font_gets_characters_that_can_be_read(tmp_path):
    """With tensho's own composer and the text recogniser."""
    write_cid_keyed(tmp_path / "a.otf", "".join(map(chr, range(0x6C30, 0x6E80))) + "言訂計記信林森木本東")
    done = tensho.complete(tmp_path / "a.otf", tmp_path / "b.otf", to=["渱溓漌誎"])
    assert len(done.glyphs) >= 1
    assert ots.sanitize(str(tmp_path / "b.otf"), capture_output=True).returncode == 0


def test_whose_parts_are_borrowed_is_said(tmp_path):
    from tensho.api.complete import _borrowed
    from tensho.composition.attempts import Attempt

    tried = [Attempt("木", None, "same slot", 0.9, ()), Attempt("林", None, "other face", 0.5, ())]
    (note,) = _borrowed(tried)
    assert "1 of them hold parts of Noto" in note
    assert "林" in note
    assert not _borrowed(tried[:1])
