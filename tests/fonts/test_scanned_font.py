import numpy as np
import pylopdf_fonts_jp
import pytest
from PIL import Image, ImageFilter

from tensho.errors import TenshoError
from tensho.fonts.em_square import in_square
from tensho.fonts.faces import load_face
from tensho.fonts.outline_raster import raster
from tensho.fonts.outline_reader import OutlineReader
from tensho.fonts.outlines import Bounds
from tensho.fonts.scanned_font import scanned_font

EM = Bounds(0, -120, 1000, 880)
CHARACTERS = "春眠一口鳥"


@pytest.fixture(scope="module")
def reader():
    return OutlineReader(pylopdf_fonts_jp.serif_path())


def scan(outline, *, side=300, light_ink=False, tight=False):
    """A picture as a scanner would make it: soft edges, grain, paper that is not white."""
    ink = raster(outline, side, scale=side / 1000, bottom=-120)
    if tight:
        rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    soft = np.asarray(Image.fromarray(ink).filter(ImageFilter.GaussianBlur(1)), float) / 255
    grain = np.random.default_rng(0).normal(0, 5, soft.shape)
    level = 40 + 190 * soft if light_ink else 230 - 190 * soft
    return Image.fromarray(np.clip(level + grain, 0, 255).astype(np.uint8))


def difference(one, other, em=EM):
    true, drawn = (in_square(outline, em, 128).astype(float) for outline in (one, other))
    return np.abs(true - drawn).sum() / true.sum()


def drawn(outlines, char):
    found = outlines.outline(char)
    assert found is not None
    return found


@pytest.mark.parametrize("light_ink", [False, True])
def test_scans_of_cells_are_traced_where_they_stand(tmp_path, reader, light_ink):
    for k, char in enumerate(CHARACTERS):
        name = (f"{char}.png", f"U+{ord(char):04X}.png", f"uni{ord(char):04X}.webp")[k % 3]
        scan(reader.outline(char), light_ink=light_ink).save(tmp_path / name)
    face = load_face(tmp_path)
    assert face.name == tmp_path.name
    traced = face.outlines()
    assert traced.characters == set(CHARACTERS)
    for char in CHARACTERS:
        assert difference(reader.outline(char), traced.outline(char)) < 0.09
        assert len(drawn(traced, char)) == len(reader.outline(char)), "no dirt, and no hole filled"


def test_pictures_that_end_at_the_ink_keep_their_sizes(tmp_path, reader):
    for char in CHARACTERS:
        scan(reader.outline(char), tight=True).save(tmp_path / f"{char}.png")
    traced = load_face(tmp_path).outlines()
    mouth, bird, line = (drawn(traced, char).bounds for char in "口鳥一")
    assert mouth.width / bird.width == pytest.approx(
        reader.outline("口").bounds.width / reader.outline("鳥").bounds.width, abs=0.03
    )
    for box in (mouth, bird, line):
        assert (box.left + box.right) / 2 == pytest.approx(500, abs=12)
        assert (box.bottom + box.top) / 2 == pytest.approx(380, abs=12)
        assert -120 <= box.bottom < box.top <= 880


def test_the_same_folder_is_the_same_font_and_another_one_is_another(tmp_path, reader):
    scan(reader.outline("口")).save(tmp_path / "口.png")
    path = scanned_font(tmp_path)
    before = path.read_bytes()
    path.unlink()
    assert scanned_font(tmp_path).read_bytes() == before
    scan(reader.outline("鳥")).save(tmp_path / "鳥.png")
    assert scanned_font(tmp_path) != path


def test_what_is_no_scan_of_a_character_is_passed_over(tmp_path, reader):
    scan(reader.outline("口")).save(tmp_path / "口.png")
    scan(reader.outline("口")).save(tmp_path / "page 1.png")
    Image.new("L", (80, 80), 200).save(tmp_path / "鳥.png")  # blank
    (tmp_path / "notes.txt").write_text("口")
    assert load_face(tmp_path).outlines().characters == {"口"}


@pytest.mark.parametrize(
    ("names", "message"), [([], "holds no image"), (["page 1"], "named after"), (["口"], "show nothing")]
)
def test_a_folder_without_scans_is_refused(tmp_path, names, message):
    for name in names:
        Image.new("L", (80, 80), 200).save(tmp_path / f"{name}.png")
    with pytest.raises(TenshoError, match=message):
        load_face(tmp_path)
