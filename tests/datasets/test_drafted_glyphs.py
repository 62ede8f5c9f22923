import numpy as np
import pytest

from tensho.composition.bitmaps.draft import Drafter, drafter
from tensho.composition.bitmaps.inventory import MissingPartError
from tensho.datasets.building import build
from tensho.datasets.drafted_glyphs import REFERENCE, DraftedGlyphs, DraftSource, build_drafts
from tensho.datasets.opening import training_drafts, training_images
from tensho.errors import TenshoError
from tensho.fonts.faces import default_faces
from tensho.ids.syntax import parse
from tensho.split import split_of

TEXT = "一明海花國語森林道福"  # 一 has no parts


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    faces = [face for face in default_faces() if face.name in ("sans-jp", "serif-jp")]
    glyphs = build(faces, size=32, folder=folder / "few", characters=TEXT, processes=1)
    return glyphs, build_drafts(glyphs, faces, folder / "few-drafts", processes=1), faces


def test_there_is_a_reference_draft_and_one_of_each_face(sets):
    glyphs, drafts, _ = sets
    assert drafts.faces == (REFERENCE, "sans-jp", "serif-jp")
    assert "一" not in drafts.characters
    assert {"明", "福"} <= set(drafts.characters[drafts.face_index == 0])
    assert drafts.shape == glyphs.shape


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_batch_holds_a_glyph_beside_the_drafts_of_the_same_character(sets, split):
    glyphs, drafts, faces = sets
    data = DraftedGlyphs(glyphs, drafts, split)
    assert len(data) == 2 * sum(split_of(char) == split for char in TEXT[1:])
    if len(data) == 0:
        return
    batch = data.batch(np.arange(len(data)))
    for k, row in enumerate(data.rows):
        char, face = str(glyphs.characters[row]), faces[int(glyphs.face_index[row])]
        assert split_of(char) == split
        assert np.array_equal(batch["image"][k, 0].numpy(), glyphs.images[row])
        assert np.array_equal(batch["draft"][k, 0].numpy(), drafts.images[drafts.index(char, REFERENCE)])
        assert np.array_equal(batch["own_draft"][k, 0].numpy(), drafts.images[drafts.index(char, face.name)])


def test_a_draft_holds_nothing_of_its_own_character(sets):
    _, drafts, faces = sets
    from tensho.ids.decomposition import expand

    drawn = drafter(faces[1]).draft(expand("海"), 32, without="海")
    assert np.array_equal(drafts.images[drafts.index("海", "serif-jp")], drawn)


def test_training_data_with_and_without_drafts(sets):
    glyphs, *_ = sets
    plain = training_images(str(glyphs.folder), (1, 32, 32))
    drafted = training_drafts(str(glyphs.folder), (1, 32, 32))
    assert set(plain.batch(np.arange(1))) == {"image", "face"}
    assert set(drafted.batch(np.arange(1))) == {"image", "face", "draft", "own_draft"}


@pytest.mark.parametrize("name", ["nowhere", "mnist:nowhere", "cifar10:nowhere", "celeba:x"])
def test_data_that_is_not_there_is_refused(name):
    with pytest.raises(TenshoError):
        training_images(name, (1, 32, 32))
    with pytest.raises(TenshoError):
        training_drafts(name, (1, 32, 32))


def test_images_of_another_size_are_refused(sets):
    with pytest.raises(TenshoError, match="1×32×32"):
        training_images(str(sets[0].folder), (1, 64, 64))


def test_a_description_can_be_drafted_that_no_character_has(sets):
    draft = drafter().draft(parse("⿰氵龍"), 32)
    assert draft[:, :10].any()
    assert draft[:, 12:].any()


@pytest.mark.parametrize(
    ("error", "caught"), [(MissingPartError("no 龍"), True), (TenshoError("no atlas"), False)]
)
def test_only_a_missing_part_leaves_a_character_without_a_draft(sets, monkeypatch, error, caught):
    def refuse(*_, **__):
        raise error

    renderer = DraftSource(None, "海").renderer(32)
    assert renderer.render("海") is not None
    monkeypatch.setattr(Drafter, "draft", refuse)
    if caught:
        assert renderer.render("海") is None
    else:
        with pytest.raises(TenshoError, match="no atlas"):
            renderer.render("海")
