import numpy as np
import pylopdf_fonts_jp
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tensho.errors import TenshoError
from tensho.fonts.ink_picture import read_ink
from tensho.lookup.page import characters_on
from tensho.lookup.verdict import look_up, look_up_all

PAPER, INK = (235, 232, 220), (30, 28, 40)


def page(text, *, size=96, gap=12, paper=PAPER, ink=INK, vertical=False, margin=30):
    """Lines of text, drawn with spaces between characters, twice as wide between lines."""
    font = ImageFont.truetype(pylopdf_fonts_jp.serif_path(), size)
    lines = text.split()
    long, wide = max(map(len, lines)), len(lines)
    step, feed = size + gap, size + 2 * gap
    extent = (wide * feed, long * step) if vertical else (long * step, wide * feed)
    picture = Image.new("RGB", (2 * margin + extent[0], 2 * margin + extent[1]), paper)
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        for place, char in enumerate(line):
            x, y = ((wide - 1 - row) * feed, place * step) if vertical else (place * step, row * feed)
            pen.text((margin + x, margin + y - size // 8), char, font=font, fill=ink)
    return picture


def read(picture, tmp_path, name="page.png"):
    picture.save(tmp_path / name)
    return "".join(found.result.matches[0].character for found in look_up_all(tmp_path / name))


@pytest.mark.parametrize(
    ("text", "vertical"),
    [
        ("山川湖海", False),
        ("山川湖海", True),
        ("春眠不覺曉 處處聞啼鳥", False),
        ("春眠不覺曉 處處聞啼鳥", True),
        ("一二三十龍 川三言品器", False),
        ("湖海門 山川龍", False),
    ],
)
def test_a_page_is_read_in_order(tmp_path, text, vertical):
    assert read(page(text, vertical=vertical, gap=30), tmp_path) == text.replace(" ", "")


@pytest.mark.parametrize("char", "三川二八品器龍言小心門湖森")
def test_a_character_in_pieces_is_one(tmp_path, char):
    page(char, size=160).save(tmp_path / "one.png")
    [spot] = characters_on(tmp_path / "one.png")
    assert look_up(tmp_path / "one.png").matches[0].character == char
    assert spot.ink.max() == 255


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((255, 255, 255), (0, 0, 0)),
        ((0, 0, 0), (255, 255, 255)),
        ((20, 30, 60), (200, 190, 120)),
        ((0, 130, 0), (223, 30, 30)),  # of nearly the same brightness
        ((200, 200, 255), (255, 90, 90)),
    ],
)
def test_ink_of_any_colour(tmp_path, paper, ink):
    assert read(page("湖", paper=paper, ink=ink), tmp_path) == "湖"


@pytest.mark.parametrize("ink", ["black", "white"])
def test_ink_on_nothing(tmp_path, ink):
    alpha = page("湖", paper=(0, 0, 0), ink=(255, 255, 255)).convert("L")
    picture = Image.new("RGBA", alpha.size, ink)
    picture.putalpha(alpha)
    assert read(picture, tmp_path) == "湖"


def test_a_photograph_of_a_page(tmp_path):
    """Light that falls off, a shadow, noise, blur and JPEG."""
    sharp = np.asarray(page("山川湖海 龍門言語", size=120, gap=40), np.float32)
    height, width, _ = sharp.shape
    y, x = np.mgrid[0:height, 0:width]
    light = 1.1 - 0.7 * x / width - 0.2 * y / height
    noise = np.random.default_rng(0).normal(0, 5, sharp.shape)
    photo = Image.fromarray(np.uint8(np.clip(sharp * light[..., None] + noise, 0, 255)))
    photo = photo.filter(ImageFilter.GaussianBlur(1.2))
    photo.save(tmp_path / "photo.jpg", quality=60)
    found = look_up_all(tmp_path / "photo.jpg")
    assert "".join(one.result.matches[0].character for one in found) == "山川湖海龍門言語"
    boxes = [one.box for one in found if one.box is not None]
    assert len(boxes) == 8
    assert boxes == sorted(boxes, key=lambda box: (box[1] > height / 2, box[0]))


def test_dirt_is_no_character(tmp_path):
    picture = page("山川", gap=40)
    ImageDraw.Draw(picture).ellipse((4, 4, 9, 9), fill=INK)
    assert read(picture, tmp_path) == "山川"


def test_boxes_are_those_of_the_file(tmp_path):
    large = page("山川湖海", size=800, gap=100)
    large.save(tmp_path / "large.png")
    spots = characters_on(tmp_path / "large.png")
    assert len(spots) == 4
    for place, spot in enumerate(spots):
        middle = (spot.box[0] + spot.box[2]) / 2
        assert abs(middle - (30 + 400 + place * 900)) < 120


@pytest.mark.parametrize("colour", ["white", "black", (120, 130, 140)])
def test_nothing_is_refused(tmp_path, colour):
    Image.new("RGB", (64, 64), colour).save(tmp_path / "blank.png")
    with pytest.raises(TenshoError, match="shows nothing"):
        read_ink(tmp_path / "blank.png")
