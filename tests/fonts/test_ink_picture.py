import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tensho.errors import TenshoError
from tensho.fonts import ink_picture
from tensho.fonts.faces import default_faces
from tensho.fonts.ink_picture import ink_of, names_folder, names_picture, read_ink

SIDE = 240


@pytest.fixture(scope="module")
def glyph():
    face = next(face for face in default_faces() if face.name == "serif-sc")
    drawn = face.renderer(SIDE).render("繭")
    assert drawn is not None
    return drawn / 255


def picture(values):
    return Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))


def mixed(glyph, ink, paper):
    """A glyph in one colour on another."""
    share = glyph[..., None]
    return np.array(ink) / 255 * share + np.array(paper) / 255 * (1 - share)


def light(strength):
    """Light that falls off towards one corner, (SIDE, SIDE)."""
    y, x = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    return 1 - strength * (0.6 * x + 0.4 * y * y)


def jpeg(image):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=40)
    return Image.open(io.BytesIO(buffer.getvalue()))


def transparent(glyph, value):
    pixels = np.full((SIDE, SIDE, 4), value, np.uint8)
    pixels[..., 3] = np.rint(glyph * 255)
    return Image.fromarray(pixels)


KINDS = {
    "black on white": lambda g: picture(1 - g),
    "white on black": lambda g: picture(g),
    "grey on grey": lambda g: picture(0.7 - 0.3 * g),
    "red on a blue of the same grey": lambda g: picture(mixed(g, (200, 0, 0), (40, 40, 255))),
    "yellow on brown": lambda g: picture(mixed(g, (255, 240, 120), (90, 60, 30))),
    "ink on nothing": lambda g: transparent(g, 0),
    "white on nothing": lambda g: transparent(g, 255),
    "sixteen bits": lambda g: Image.fromarray(np.rint((1 - g) * 65535).astype(np.uint16)),
    "palette": lambda g: picture(mixed(g, (20, 20, 20), (250, 240, 200))).convert("P"),
    "light from a corner": lambda g: picture((0.95 - 0.75 * g) * light(0.7)),
    "photograph": lambda g: jpeg(
        picture(mixed(g, (60, 50, 60), (230, 220, 190)) * light(0.5)[..., None]).filter(
            ImageFilter.GaussianBlur(1.2)
        )
    ),
    "grain": lambda g: picture(0.9 - 0.7 * g + 0.08 * np.random.default_rng(0).standard_normal(g.shape)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_ink_is_found_whatever_the_picture(kind, glyph):
    ink = ink_of(KINDS[kind](glyph))
    assert ink.shape == glyph.shape
    assert ink.dtype == np.uint8
    likeness = np.corrcoef(ink.ravel(), glyph.ravel())[0, 1]
    assert likeness > 0.93
    # Paper is blank where no ink is near, so that the ink's box is that of the glyph.
    far = np.asarray(picture(glyph).filter(ImageFilter.MaxFilter(9))) == 0
    assert (ink[far] > 96).mean() < 1e-3


def test_clean_ink_stays_as_it_is(glyph):
    ink = ink_of(picture(1 - glyph).resize((120, 120), Image.Resampling.BOX))
    small = np.asarray(picture(glyph).resize((120, 120), Image.Resampling.BOX))
    assert np.abs(ink.astype(int) - small).mean() < 3


def test_a_photograph_is_turned_as_the_camera_was_and_made_smaller(glyph, tmp_path):
    large = picture(1 - glyph).resize((900, 900)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    large.save(tmp_path / "photo.jpg", exif=exif, quality=90)
    ink = read_ink(tmp_path / "photo.jpg")
    assert ink.shape == (512, 512)
    upright = np.asarray(picture(glyph).resize((512, 512)))
    assert np.corrcoef(ink.ravel(), upright.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("value", [0, 255, 128])
def test_a_picture_of_nothing_is_refused(value, tmp_path):
    Image.new("L", (64, 64), value).save(tmp_path / "blank.png")
    with pytest.raises(TenshoError, match=r"blank\.png shows nothing"):
        read_ink(tmp_path / "blank.png")


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(TenshoError, match="cannot be read"):
        read_ink(tmp_path / "text.png")
    with pytest.raises(TenshoError, match="no file"):
        read_ink(tmp_path / "nowhere.png")


def test_a_picture_larger_than_pillow_reads_is_read(glyph, tmp_path, monkeypatch):
    picture(1 - glyph).resize((100, 100)).save(tmp_path / "large.png")
    usual = read_ink(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert np.array_equal(read_ink(tmp_path / "large.png"), usual)
    assert Image.MAX_IMAGE_PIXELS == 1000
    monkeypatch.setattr(ink_picture, "MOST_PIXELS", 9999)
    with pytest.raises(TenshoError, match="100 × 100 pixels; make it smaller, 9,999 are read at most"):
        read_ink(tmp_path / "large.png")


def test_folders(tmp_path):
    with pytest.raises(TenshoError, match="is a folder"):
        read_ink(tmp_path)
    assert names_folder(str(tmp_path))
    assert not names_folder("⿰氵胡")
    assert not names_folder("x" * 5000)


def test_names_of_pictures(tmp_path):
    (tmp_path / "file").write_text("")
    assert names_picture(str(tmp_path / "file"))
    assert names_picture("nowhere.PNG")
    assert not names_picture("湖")
    assert not names_picture("⿰氵胡")
    assert not names_picture("x" * 5000)
