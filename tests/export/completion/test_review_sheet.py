import re
from html.parser import HTMLParser

import pytest
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.svgLib.path import parse_path

from tensho.export.completion.review_sheet import Reading, ReviewedGlyph, SheetFacts, facts_json, review_page
from tensho.export.outline_paths import path_data
from tensho.fonts.outlines import CUBIC, QUADRATIC
from tests.ideograph_fonts import frame_outline, round_outline

FACTS = SheetFacts(
    font="a<b>.ttf", family="Song & <Son>", licence="OFL-1.1", repertoire="jis2", wanted=5, missing=5,
    left_out=("龍",), refused=(("龘", "no donor of 龍"), ("齉", "no donor of 龍")), files=("out.ttf",), notes=("A note.",),
    units_per_em=1000, advance=1000, bottom=-120,
)  # fmt: skip
GLYPHS = [
    ReviewedGlyph("漢", 0x6F22, round_outline(), "same slot", 0.9, ("難", "海"), ("湖",), Reading("漢", 0.99, True)),
    ReviewedGlyph("字", 0x5B57, frame_outline(1), "other slot", 0.3, ("宇",), (), Reading("", 0, False)),
    ReviewedGlyph("水", 0x6C34, round_outline(CUBIC), "same slot", 0.95, (), (), Reading("氷", 0.8, True)),
    ReviewedGlyph("⿰言森", 0xE000, frame_outline(2), "<brush>", 0.6, ("言", "無")),
]  # fmt: skip


def outline_of(char):
    return None if char == "無" else frame_outline(ord(char) % 20)


class Parsed(HTMLParser):
    """Elements with their attributes, and that they are closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page():
    return review_page(GLYPHS, FACTS, outline_of)


def test_the_page_is_whole_and_asks_for_nothing(page):
    elements = Parsed(page).elements
    drawn = {attrs["id"] for tag, attrs in elements if tag == "path"}
    used = {str(attrs["href"])[1:] for tag, attrs in elements if tag == "use"}
    assert used == drawn
    assert not re.search(r"https?:|url\(|@import|src=", page)
    assert "Song &amp; &lt;Son&gt;" in page
    assert "<brush>" not in page


def test_the_most_doubtful_come_first(page):
    cards = [attrs["data-c"] for tag, attrs in Parsed(page).elements if tag == "article"]
    assert cards == ["水", "字", "⿰言森", "漢"]  # what is misread before what is unsure
    assert facts_json(GLYPHS, FACTS)["glyphs"][0]["character"] == "水"


def test_the_json_says_what_the_page_says():
    told = facts_json(GLYPHS, FACTS)
    assert told["rungs"] == {"same slot": 2, "other slot": 1, "<brush>": 1}
    assert told["refused"][0] == {"character": "龘", "reason": "no donor of 龍"}
    assert (told["added"], told["missing"], told["left_out"]) == (4, 5, ["龍"])
    first = told["glyphs"][0]
    assert first["ocr"] == {"character": "氷", "confidence": 0.8, "known": True}
    assert (first["code_point"], first["confidence"], first["rung"]) == ("U+6C34", 0.95, "same slot")
    assert "ocr" not in next(glyph for glyph in told["glyphs"] if glyph["code_point"] == "U+E000")


def test_a_thousand_refusals_are_told_by_their_reason(page):
    assert page.count("no donor of 龍") == 1
    assert "龘 齉" in page


@pytest.mark.parametrize(
    "outline", [frame_outline(0), round_outline(CUBIC), round_outline(QUADRATIC)], ids=str
)
def test_paths_draw_the_outline_upside_down(outline):
    """As fontTools reads SVG."""
    drawn = []
    for draw in (outline.draw, lambda pen: parse_path(path_data(outline), pen)):
        area, bounds = AreaPen(None), BoundsPen(None)
        draw(area)
        draw(bounds)
        drawn.append((area.value, *bounds.bounds))
    (area, left, bottom, right, top), below = drawn
    assert below == pytest.approx((-area, left, -top, right, -bottom), abs=1, rel=1e-3)  # whole units
