from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.pens.freetypePen import FreeTypePen
from fontTools.svgLib.path import parse_path

from tensho.export.lettering import html_page, lettering_picture, lettering_svg

LINES = ["/_\\ |#  ", "█▀ ⡇ 漢字".ljust(6), "<&>'\"   "]
INKS = np.zeros((8, 3), np.uint8)
WHITE = (255, 255, 255)


def ink_of(lines):
    """Share of ink in each cell, without the margin."""
    grey = np.asarray(lettering_picture(lines, np.zeros((len(lines[0]), 3), np.uint8), WHITE).convert("L"))
    inside = 1 - grey[32:-32, 32:-32] / 255
    return inside.reshape(len(lines), 32, -1, 16).mean((1, 3))


def test_every_symbol_stands_in_its_cell():
    ink = ink_of(["# #", "  #"])
    assert (ink > 0.05).tolist() == [[True, False, True], [False, False, True]]
    assert ink_of(["█▀ "])[0].tolist() == pytest.approx([1, 0.5, 0], abs=0.06)


def test_lines_meet_from_cell_to_cell():
    """As in a terminal: bars from row to row, block elements on all sides."""
    picture = lettering_picture(["|█", "|█"], np.zeros((2, 3), np.uint8), WHITE)
    ink = np.asarray(picture.convert("L"))[32:-32, 32:-32] < 128
    assert ink[6:-2, :16].any(1).all()
    assert ink[:, 17:31].all()


def test_wide_characters_take_two_cells():
    picture = lettering_picture(["漢#"], np.zeros((3, 3), np.uint8), WHITE)
    assert picture.size == (3 * 16 + 64, 32 + 64)
    ink = np.asarray(picture.convert("L"))[:, 32:-32] < 128
    assert ink[:, :28].any(0).sum() > 20
    assert ink[:, 34:46].any(0).sum() > 8


def test_braille_is_drawn_as_dots_and_what_no_face_has_as_a_frame():
    picture = lettering_picture(["⡀😀"], np.zeros((3, 3), np.uint8), WHITE)
    ink = np.asarray(picture.convert("L"))[32:-32, 32:-32] < 128
    rows, columns = np.nonzero(ink[:, :16])
    assert (rows >= 24).all()
    assert (columns < 8).all()
    assert ink[:, 16:].any()


def test_columns_have_their_colours():
    inks = np.array([(255, 0, 0), (0, 0, 255)], np.uint8)
    picture = lettering_picture(["██"], inks, (0, 0, 0))
    assert [picture.getpixel((x, 48)) for x in (40, 56)] == [(255, 0, 0), (0, 0, 255)]


def test_the_drawing_shows_what_the_picture_shows():
    root = ElementTree.fromstring(lettering_svg(LINES, INKS, WHITE, "a <b> & c\x07"))
    path = root.find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    pen = FreeTypePen(None)
    parse_path(path.get("d", ""), pen)
    height = (len(LINES) + 2) * 32
    cover = pen.array(8 * 16 + 64, height, transform=(0.032, 0, 0, -0.032, 0, height), contain=False)
    grey = np.asarray(lettering_picture(LINES, INKS, WHITE).convert("L"))
    assert np.abs(cover - (1 - grey / 255)).mean() < 0.01
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "a <b> & c"


def test_the_page_holds_the_text():
    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.text: list[str] = []
            self.label = ""

        def handle_starttag(self, tag, attributes):
            if tag == "pre":
                self.text, self.label = [], dict(attributes)["aria-label"]

        def handle_endtag(self, tag):
            if tag == "pre":
                self.shown = "".join(self.text)

        def handle_data(self, data):
            self.text.append(data)

    reader = Reader()
    reader.feed(html_page(LINES, INKS, WHITE, 'a "b"\n<c>'))
    assert reader.shown.strip("\n") == "\n".join(line.rstrip() for line in LINES)
    assert reader.label == 'a "b" <c>'
