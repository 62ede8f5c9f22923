import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.errors import TenshoError
from tensho.text.figlet_font import REQUIRED, Layout, open_figlet_font, parse_figlet_font

HEADER = "flf2a$ 2 1 9 -1 1 0 24463"


def font_of(tagged="", header=HEADER, mark="@"):
    """A font that draws each character as itself over its place in the alphabet."""
    rows = [f"{letter}${mark}\n{place % 9} {mark * 2}\n" for place, letter in enumerate(REQUIRED)]
    return f"{header}\nA comment.\n{''.join(rows)}{tagged}"


def test_the_letters_are_read():
    font = parse_figlet_font(font_of(mark="#").encode(), "mine")
    assert (font.height, font.hardblank, font.right_to_left) == (2, "$", False)
    assert font.letters["A"] == ("A$", "6 ")
    assert font.letters["ß"] == ("ß$", "2 ")
    assert font.layout == Layout(24463 & 255)


def test_fonts_are_read_as_they_are_found():
    plain = parse_figlet_font(font_of().encode(), "mine")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mine.flf", font_of())
    for content in (
        font_of().replace("\n", "\r\n").encode(),
        font_of().encode("utf-8-sig"),
        font_of().encode("latin-1"),
        packed.getvalue(),
    ):
        assert parse_figlet_font(content, "mine") == plain


def test_code_points_are_hexadecimal_decimal_or_octal():
    tags = "0x416  ZHE\nЖ@\n1@@\n233\né@\n2@@\n\n0500\nŀ@\n3@@\n-0x0005\n?@\n4@@\n"
    letters = parse_figlet_font(font_of(tags).encode(), "mine").letters
    assert letters["Ж"] == ("Ж", "1")
    assert letters["é"] == ("é", "2")
    assert letters["ŀ"] == ("ŀ", "3")
    assert len(letters) == len(REQUIRED) + 3


@pytest.mark.parametrize(
    ("old", "layout"),
    [(-1, Layout(0)), (0, Layout.KERN), (15, Layout(15) | Layout.SMUSH)],
)
def test_without_a_full_layout_the_old_one_holds(old, layout):
    font = parse_figlet_font(font_of(header=f"flf2a$ 2 1 9 {old} 1").encode(), "mine")
    assert font.layout == layout


def test_the_fonts_of_pyfiglet_have_names_here():
    assert open_figlet_font("standard").height == 6
    assert open_figlet_font("future").letters["A"][0] == "┏━┓"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no font",
        b"flf2a$ 2 1",
        b"flf2a$ 0 1 9 -1 1\n",
        b"flf2a$ 2 1 9 -1 1\n" + b"a@\n" * 50,
        b"PK\x03\x04 no zip",
        b"\xff" * 100,
        b"flf2a$ 2 1 9 -1 0\n" + b"@" * 16_000_000,
    ],
)
def test_what_is_no_font_is_refused(content):
    with pytest.raises(TenshoError, match="mine") as caught:
        parse_figlet_font(content, "mine")
    assert "\n" not in str(caught.value)


@given(st.binary(), st.integers(-9, 9), st.integers(-9, 9))
def test_any_bytes_are_read_or_refused(content, height, comments):
    with suppress(TenshoError):
        assert parse_figlet_font(content, "mine")
    with suppress(TenshoError):
        header = b"flf2a$ %d 1 9 0 %d\n" % (height, comments)
        assert parse_figlet_font(header + content * 99, "mine")


@pytest.mark.parametrize("name", ["nobody", "nowhere.flf", "../standard", "folder.flf", ""])
def test_a_font_that_is_not_there_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.flf").mkdir()
    with pytest.raises(TenshoError):
        open_figlet_font(name)


@pytest.mark.parametrize("place", ["offset", "name", "data"])
def test_a_damaged_zip_is_refused(place):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.flf", b"flf2a$ 1 1 1 0 0\n" * 100)
    content = bytearray(packed.getvalue())
    directory = content.index(b"PK\x01\x02")
    if place == "offset":
        content[-10:-6] = struct.pack("<I", 0x7FFFFFFF)
    elif place == "name":
        content[directory + 42 : directory + 46] = struct.pack("<I", 0xFFFFFF00)
    else:
        content[40:60] = b"\xff" * 20
    with pytest.raises(TenshoError, match="damaged"):
        parse_figlet_font(bytes(content), "f")


def test_a_zip_bomb_is_not_unpacked():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.flf", bytes(40_000_000))
    with pytest.raises(TenshoError, match="larger than 16 MB"):
        parse_figlet_font(packed.getvalue(), "f")
