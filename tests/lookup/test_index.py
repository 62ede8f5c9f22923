import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from tensho.errors import TenshoError
from tensho.fonts.coverage.blocks import RANGES
from tensho.lookup.index import SHIPPED, open_index, shipped_index
from tensho.lookup.verdict import look_up, nearest
from tensho.sheet import Glyph


@pytest.fixture(scope="module")
def drawn(glyph_set):
    """Held-out characters and their glyphs."""
    test = glyph_set.split("test")[:60]
    return glyph_set.characters[test], np.asarray(glyph_set.images[test])


def test_held_out_characters_come_first_and_exist(drawn):
    characters, images = drawn
    found = shipped_index().search(images, k=3)
    first = np.array([matches[0].character for matches in found])
    assert (first == characters).mean() > 0.97
    assert all(len({match.character for match in matches}) == 3 for matches in found)
    assert all(matches[0].distance <= matches[1].distance <= matches[2].distance for matches in found)
    assert np.mean([look_up(image, 1).verdict == "exists" for image in images]) > 0.95


def test_size_and_place_of_the_ink_do_not_count(drawn):
    _, images = drawn
    index = shipped_index()
    page = np.zeros((10, 200, 220), np.uint8)
    page[:, 5 : 5 + 128, 60 : 60 + 128] = images[:10].repeat(2, axis=1).repeat(2, axis=2)
    assert (index.embed(images[:10]) * index.embed(page)).sum(axis=1).min() > 0.95


def test_a_scrambled_character_does_not_exist(drawn):
    _, images = drawn
    mixed = np.concatenate([images[:, 32:], images[:, :32]], axis=1)
    verdicts = [look_up(image, 1).verdict for image in mixed]
    assert verdicts.count("exists") <= 3  # some of few strokes are other characters then
    assert verdicts.count("new") > 0.5 * len(verdicts)


def test_every_encoded_ideograph_is_held():
    """As far as one is not another one by definition, as compatibility ideographs are."""
    unified = [span for span in RANGES if span.block.startswith("CJK Unified")]
    missing = {chr(c) for span in unified for c in range(span.first, span.last + 1)} - shipped_index().known
    assert not missing


def test_the_index_is_small():
    """One query is one product with a matrix of so many numbers; `benchmarks/looks.py` says what that takes."""
    assert SHIPPED.stat().st_size <= 12e6
    assert shipped_index().vectors.size < 12e6


@pytest.mark.parametrize("paper", [255, 0])
def test_a_picture_of_either_polarity_is_looked_up(tmp_path, drawn, paper):
    characters, images = drawn
    picture = 255 - images[0] if paper else images[0]
    Image.fromarray(picture).resize((150, 150)).save(tmp_path / "glyph.png")
    answer = look_up(tmp_path / "glyph.png")
    assert answer.matches[0].character == characters[0]
    assert look_up(str(tmp_path / "glyph.png")) == answer


def test_a_transparent_picture_is_looked_up(tmp_path, drawn):
    characters, images = drawn
    ink = Image.new("RGBA", (64, 64), "black")
    ink.putalpha(Image.fromarray(images[1]))
    ink.save(tmp_path / "ink.png")
    assert nearest(tmp_path / "ink.png", k=1)[0][0] == characters[1]


def test_glyphs_and_arrays_are_looked_up(drawn):
    characters, images = drawn
    floats = images[2].astype(np.float32) / 255
    assert nearest(Glyph(floats)) == nearest(floats)
    assert nearest(floats)[0][0] == characters[2]
    assert len(nearest(images[2], k=7)) == 7


def test_a_description_of_an_encoded_character_exists_and_leads():
    answer = look_up("⿰女子")
    assert answer.verdict == "exists"
    assert answer.matches[0] == ("好", 0.0)


def test_a_description_that_nothing_has_is_looked_up_by_its_draft():
    answer = look_up("⿰釒⿱艹龍", k=3)
    assert len(answer.matches) == 3
    assert answer.matches[0].distance > 0


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n broken", b"hello"])
def test_a_file_that_is_no_picture_is_refused(tmp_path, content):
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(TenshoError, match="picture"):
        look_up(path)


def test_other_bad_queries_are_refused(tmp_path):
    Image.new("L", (64, 64), 255).save(tmp_path / "blank.png")
    with pytest.raises(TenshoError, match="shows nothing"):
        look_up(tmp_path / "blank.png")
    with pytest.raises(TenshoError, match="no file"):
        look_up("nowhere.png")
    with pytest.raises(TenshoError, match="expected 1 more part"):
        look_up("⿰氵")
    with pytest.raises(TenshoError, match="no ink"):
        look_up(np.zeros((64, 64), np.float32))
    with pytest.raises(TenshoError, match="shape"):
        look_up(np.zeros((3, 64, 64), np.float32))
    with pytest.raises(TenshoError, match="-k is 0"):
        look_up("好", k=0)


def test_a_damaged_index_is_refused(tmp_path):
    path = tmp_path / "index.safetensors"
    path.write_bytes(SHIPPED.read_bytes()[:5000])
    with pytest.raises(TenshoError, match="no index"):
        open_index(path)
    save_file({"weights": np.zeros(3)}, path)
    with pytest.raises(TenshoError, match="no index"):
        open_index(path)
    with pytest.raises(TenshoError, match="no index"):
        open_index(tmp_path / "absent")
