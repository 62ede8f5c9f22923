from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageOps

from tensho.datasets.opening import training_images
from tensho.errors import TenshoError
from tensho.fonts.image_folder import load_images

SIZE = 32


@pytest.fixture
def cross():
    """A cross off its square's centre, 96×96, ink 255 on 0."""
    picture = np.zeros((96, 96), np.uint8)
    picture[20:80, 30:36] = picture[40:46, 12:72] = 255
    return Image.fromarray(picture)


def stored(image: Image.Image, form: str) -> Image.Image:
    """The cross, as people keep such pictures."""
    dark = ImageOps.invert(image)
    if form == "palette":
        return dark.convert("P")
    if form == "one bit":
        return dark.convert("1")
    if form == "colour":
        return ImageOps.colorize(image, black=(250, 240, 200), white=(120, 10, 10))
    if form == "sixteen bits":
        return Image.fromarray(np.asarray(dark).astype(np.uint16) * 257)
    if form in ("black on nothing", "white on nothing"):
        layer = Image.new("RGBA", image.size, "white" if form.startswith("white") else "black")
        layer.putalpha(image)
        return layer
    return dark if form == "dark on light" else image


FORMS = ["light on dark", "dark on light", "palette", "one bit", "colour", "sixteen bits"]
FORMS += ["black on nothing", "white on nothing"]


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_image_comes_out_as_ink_on_nothing(tmp_path, cross, form):
    stored(cross, form).save(tmp_path / "十.png")
    folder = load_images(tmp_path)
    glyph = folder.renderer(SIZE).render("十.png")
    assert glyph is not None
    assert glyph.shape == (SIZE, SIZE)
    assert glyph.dtype == np.uint8
    expected = np.asarray(cross.resize((SIZE, SIZE), Image.Resampling.LANCZOS), float)
    ink = glyph.astype(float) / glyph.max() * 255
    floor = 0.2 * 255 if form == "colour" else 6  # paper that is not white stays a little grey
    assert np.abs(ink - expected).max() <= floor


def test_the_polarity_is_a_vote_of_all_images(tmp_path, cross):
    for name in "十土王":
        ImageOps.invert(cross).save(tmp_path / f"{name}.png")
    tight = np.full((50, 50), 0, np.uint8)
    tight[5:45, 5:45] = 255  # 口 cropped to its ink: its border is dark although its paper is light
    Image.fromarray(tight).save(tmp_path / "口.png")
    folder = load_images(tmp_path)
    assert folder.describe()["ink"] == "dark on light"
    glyph = folder.renderer(SIZE).render("口.png")
    assert glyph is not None
    assert glyph[0].mean() > 200
    assert glyph[16, 16] == 0


def test_images_are_fitted_whole_and_never_stretched(tmp_path):
    wide = np.zeros((20, 80), np.uint8)
    wide[5:15, 5:75] = 255
    Image.fromarray(wide).save(tmp_path / "一.png")
    glyph = load_images(tmp_path).renderer(SIZE).render("一.png")
    assert glyph is not None
    rows, columns = np.flatnonzero(glyph.max(axis=1) > 127), np.flatnonzero(glyph.max(axis=0) > 127)
    assert (len(rows), len(columns)) == (4, 28)
    assert rows[0] + rows[-1] == SIZE - 1


def test_names_say_which_characters_the_images_show(tmp_path, cross):
    for name in (
        "永.png",
        "U+6C38.gif",
        "uni4E00.bmp",
        "u20B9F.png",
        "0x5929.tiff",
        "6c34.webp",
        "国/1.png",
        "4e8c/x.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        cross.convert("L").save(path)
    folder = load_images(tmp_path)
    assert folder.named
    assert "".join(map(chr, folder.code_points)) == "一二国天水永永𠮟"
    assert list(folder.code_points) == sorted(folder.code_points)


@pytest.mark.parametrize("stray", ["logo", "A", "0001", "41", "dead", "U+F900", "110000"])
def test_one_name_that_is_no_character_makes_a_folder_nameless(tmp_path, cross, stray):
    for name in ("永", stray):
        cross.save(tmp_path / f"{name}.png")
    folder = load_images(tmp_path)
    assert not folder.named
    assert folder.code_points == (0, 0)


def test_other_files_are_ignored_and_counted(tmp_path, cross):
    cross.save(tmp_path / "十.png")
    (tmp_path / "licence.txt").write_text("free")
    (tmp_path / "二.png").write_text("no image at all")
    (tmp_path / ".DS_Store").write_text("")
    folder = load_images(tmp_path)
    assert folder.files == ("十.png",)
    assert folder.ignored == 2


def test_damaged_and_blank_images_are_left_out(tmp_path, cross):
    for name in "一二三":
        cross.save(tmp_path / f"{name}.png")
    content = (tmp_path / "二.png").read_bytes()
    (tmp_path / "二.png").write_bytes(content[: len(content) * 2 // 3])
    Image.new("L", (30, 30)).save(tmp_path / "三.png")
    renderer = load_images(tmp_path).renderer(SIZE)
    assert [renderer.render(f"{name}.png") is not None for name in "一二三"] == [True, False, False]


def test_the_identity_follows_content_and_names(tmp_path, cross):
    cross.save(tmp_path / "十.png")
    first = load_images(tmp_path).sha256
    assert load_images(tmp_path).sha256 == first
    (tmp_path / "十.png").rename(tmp_path / "土.png")
    renamed = load_images(tmp_path).sha256
    cross.rotate(5).save(tmp_path / "土.png")
    assert len({first, renamed, load_images(tmp_path).sha256}) == 3


def test_folders_without_images(tmp_path):
    with pytest.raises(TenshoError, match="no image folder"):
        load_images(tmp_path / "nowhere")
    with pytest.raises(TenshoError, match="holds no image"):
        load_images(tmp_path)
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(TenshoError, match="holds no image"):
        load_images(tmp_path)


@pytest.mark.parametrize("ink", ["dark on light", "light on dark"])
def test_a_folder_of_small_images_is_trained_on_as_it_is(tmp_path, monkeypatch, cross, ink):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(30):
        image = stored(cross.resize((48, 48)).rotate(number), ink)
        image.save(folder / f"{number:04}.png")
    said: list[str] = []
    dataset = training_images(str(folder), (1, 64, 64), said.append)
    images = dataset.batch(np.arange(len(dataset)))["image"].numpy()
    assert 15 <= len(images) < 30
    assert images.shape[1:] == (1, 64, 64)
    assert images.max() > 200
    assert (images[:, :, [0, -1]] == 0).all(), "paper is 0"
    assert said == [f"{folder}: {ink}, fitted to 64×64; {len(images)} of 30 images are trained on"]
    assert training_images(str(folder), (1, 64, 64)).digest == dataset.digest


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("nowhere", (1, 64, 64), "no data 'nowhere'"),
        ("kmnist:.", (1, 28, 28), "unknown data 'kmnist'"),
        (".", (1, 64, 64), "holds no image"),
        ("scans", (3, 64, 64), "set --size and --channels"),
        ("scans", (1, 8, 8), "cannot be 8 pixels wide"),
    ],
)
def test_data_that_cannot_be_trained_on(tmp_path, monkeypatch, cross, name, shape, message):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    if name == "scans":
        (tmp_path / "scans").mkdir()
        cross.save(tmp_path / "scans" / "1.png")
    with pytest.raises(TenshoError, match=message):
        training_images(name, shape)
