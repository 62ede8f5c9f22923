from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tensho.datasets.building import build
from tensho.datasets.glyph_set import glyphs_folder, open_glyphs
from tensho.errors import TenshoError
from tensho.fonts.coverage.code_point_ranges import decode, encode
from tensho.fonts.faces import default_faces, load_face
from tensho.fonts.image_folder import load_images
from tensho.split import SPLITS, split_of

BODY = (100, 0, 900, 760)
TEXT = "一二三天地玄黄宇宙洪荒日月盈昃辰宿列張𠮟々"


@pytest.fixture(scope="module")
def faces():
    return default_faces()[:3]


@pytest.fixture(scope="module")
def glyphs(faces, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set") / "glyphs"
    return build(faces, size=32, folder=folder, characters=TEXT, processes=1)


@pytest.fixture
def face(make_font):
    return load_face(make_font("small.ttf", {"一": BODY, "二": (100, 0, 500, 760), "三": None}))


@given(st.characters(codec="utf-8"))
def test_the_split_is_the_remainder_of_the_hash(character):
    remainder = int.from_bytes(hashlib.sha256(character.encode()).digest(), "big") % 10
    assert split_of(character) == {0: "test", 1: "validation"}.get(remainder, "train")


@given(st.lists(st.integers(0, 0x10FFFF) | st.integers(0x4E00, 0x4E20)))
def test_coverage_survives_being_written(code_points):
    ordered = np.sort(np.array(code_points, np.uint32))
    assert np.array_equal(decode(encode(ordered)), ordered)


def test_coverage_is_compact():
    assert encode(np.array([0x3005, 0x3006, 0x3007, 0x4E00, 0x4E00], np.uint32)) == "3005-3007 4e00*2"


def test_a_set_holds_what_the_faces_draw(glyphs, faces):
    assert glyphs.shape == (1, 32, 32)
    assert glyphs.images.dtype == np.uint8
    for number, face in enumerate(faces):
        renderer = face.renderer(32)
        mine = np.flatnonzero(glyphs.face_index == number)
        assert list(glyphs.characters[mine]) == sorted(glyphs.characters[mine])
        for index in mine:
            assert np.array_equal(glyphs.images[index], renderer.render(str(glyphs.characters[index])))
    assert set(glyphs.characters) == set(TEXT)


def test_the_array_is_plain_numpy(glyphs):
    assert np.array_equal(np.load(glyphs.folder / "glyphs.npy"), glyphs.images)


def test_the_manifest_says_what_is_in_it(glyphs):
    manifest = json.loads((glyphs.folder / "manifest.json").read_text())
    for number, face in enumerate(manifest["faces"]):
        characters = glyphs.characters[glyphs.face_index == number]
        assert [chr(code_point) for code_point in decode(face["coverage"])] == list(characters)
        assert face["count"] == len(characters)
        assert face["licence"] == "OFL-1.1"
        for split in SPLITS:
            assert face[split] == sum(split_of(character) == split for character in characters)


def test_the_splits_are_by_character_in_every_face(glyphs):
    indices = {split: glyphs.split(split) for split in SPLITS}
    assert sorted(np.concatenate(list(indices.values()))) == list(range(len(glyphs)))
    for split, of_split in indices.items():
        assert len(of_split)
        assert {split_of(str(character)) for character in glyphs.characters[of_split]} == {split}


def test_batches_come_in_the_order_asked_for(glyphs):
    indices = np.array([5, 0, len(glyphs) - 1, 5])
    batch = glyphs.batch(indices)
    assert batch["image"].shape == (4, 1, 32, 32)
    assert batch["image"].dtype == torch.uint8
    assert batch["face"].tolist() == glyphs.face_index[indices].tolist()
    assert np.array_equal(batch["image"][:, 0].numpy(), np.stack([glyphs.images[i] for i in indices]))


def test_a_batch_can_be_changed_without_changing_the_set(glyphs):
    before = glyphs.images[0].copy()
    glyphs.batch(np.array([0]))["image"].fill_(7)
    assert np.array_equal(glyphs.images[0], before)


def test_a_subset_is_a_dataset_of_its_own(glyphs):
    subset = glyphs.subset("test")
    assert len(subset) == len(glyphs.split("test"))
    last = subset.batch(np.array([len(subset) - 1]))["image"]
    assert torch.equal(last, glyphs.batch(glyphs.split("test")[-1:])["image"])
    assert len({glyphs.digest, subset.digest, glyphs.subset("train").digest}) == 3


def test_glyphs_are_found_by_character_and_face(glyphs):
    index = glyphs.index("天", "sans-sc")
    assert (glyphs.characters[index], glyphs.faces[glyphs.face_index[index]]) == ("天", "sans-sc")
    with pytest.raises(TenshoError, match="no 水"):
        glyphs.index("水", "sans-sc")
    with pytest.raises(TenshoError, match="no 𰻞"):
        glyphs.index("𰻞", "sans-sc")
    with pytest.raises(TenshoError, match="no face 'song'"):
        glyphs.index("天", "song")


def test_processes_do_not_change_a_byte(glyphs, faces, tmp_path):
    again = build(faces, size=32, folder=tmp_path / "set", characters=TEXT, processes=2)
    for name in ("glyphs.npy", "manifest.json"):
        assert (again.folder / name).read_bytes() == (glyphs.folder / name).read_bytes()


def test_progress_is_told_to_the_end(face, tmp_path):
    calls = []
    build([face], folder=tmp_path / "set", processes=1, progress=lambda *call: calls.append(call))
    assert calls[-1] == (3, 3)


def test_it_is_built_again_only_if_something_changed(face, make_font, tmp_path):
    def built(*faces, **options):
        glyphs = build(faces, folder=tmp_path / "set", processes=1, **options)
        return glyphs.digest, (glyphs.folder / "glyphs.npy").stat().st_ino

    first = built(face)
    assert built(face) == first
    forced = built(face, force=True)
    assert forced[0] == first[0]
    assert forced[1] != first[1]
    other = load_face(make_font("other.ttf", {"一": BODY}))
    changed = [
        built(face, size=32),
        built(face, characters="一"),
        built(other),
        built(load_face(face.path, name="b")),
    ]
    assert len({first[0], *(digest for digest, _ in changed)}) == 5


def test_missing_glyphs_are_counted(face, tmp_path):
    glyphs = build([face], folder=tmp_path / "set", processes=1)
    assert list(glyphs.characters) == ["一", "二"]
    assert glyphs.manifest["faces"][0]["left_out"] == 1


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("glyphs.npy", lambda content: content[:-1]),
        ("glyphs.npy", lambda content: content[:50]),
        ("glyphs.npy", lambda content: b""),
        ("glyphs.npy", None),
        ("manifest.json", lambda content: content[:100]),
        ("manifest.json", lambda content: b"[]"),
        ("manifest.json", lambda content: content.replace(b'"size": 64', b'"size": 32')),
        ("manifest.json", lambda content: content.replace(b'"4e00 4e8c"', b'"4e00 4e8d-4e8e"')),
        ("manifest.json", lambda content: content.replace(b'"4e00 4e8c"', b'"glyphs"')),
    ],
)
def test_a_damaged_set_is_noticed_and_built_again(face, tmp_path, file, damage):
    folder = build([face], folder=tmp_path / "set", processes=1).folder
    path = folder / file
    whole = path.read_bytes()
    if damage:
        assert damage(whole) != whole
        path.write_bytes(damage(whole))
    else:
        path.unlink()
    with pytest.raises(TenshoError, match=r"damaged.*data build"):
        open_glyphs(folder)
    build([face], folder=folder, processes=1)
    assert path.read_bytes() == whole


def test_a_set_of_another_format_is_refused(face, tmp_path):
    folder = build([face], folder=tmp_path / "set", processes=1).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(TenshoError, match="format 99"):
        open_glyphs(folder)


def test_no_set_at_all(tmp_path):
    with pytest.raises(TenshoError, match=r"no glyph set.*tensho data build"):
        open_glyphs(tmp_path)


def test_other_files_are_never_replaced(face, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(TenshoError, match="holds other files"):
        build([face], folder=tmp_path, processes=1)
    with pytest.raises(TenshoError, match="holds other files"):
        build([face], folder=tmp_path / "thesis.txt", processes=1)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 8}, "8 pixels"),
        ({"size": 4096}, "4096 pixels"),
        ({"size": -64}, "-64 pixels"),
        ({"processes": 0}, "--processes is 0"),
        ({"characters": "Latin"}, "no ideograph"),
        ({"characters": "水"}, "has none of these characters"),
        ({"characters": "三"}, "draws nothing"),
    ],
)
def test_requests_that_make_no_sense_leave_nothing(face, tmp_path, options, message):
    with pytest.raises(TenshoError, match=message):
        build([face], folder=tmp_path / "new" / "set", **{"processes": 1, **options})
    assert not (tmp_path / "new").exists()


def test_two_faces_of_one_name(face, tmp_path):
    with pytest.raises(TenshoError, match="2 faces are named 'small-song'"):
        build([face, face], folder=tmp_path / "set", processes=1)
    with pytest.raises(TenshoError, match="no face to draw"):
        build([], folder=tmp_path / "set", processes=1)


def test_a_folder_that_cannot_be_written(face, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TenshoError, match="cannot write"):
        build([face], folder=tmp_path / "file" / "set", processes=1)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_font_that_has_gone_by_the_time_it_is_drawn(face, tmp_path, processes, monkeypatch):
    asked = face.drawables()
    monkeypatch.setattr(type(face), "drawables", lambda self: asked)
    face.path.unlink()
    with pytest.raises(TenshoError, match="cannot draw with"):
        build([face], folder=tmp_path / "set", processes=processes)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_nothing(face, tmp_path):
    script = f"""
import resource, sys
from tensho.datasets.building import build
from tensho.fonts.faces import load_face
from tensho.errors import TenshoError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    build([load_face({str(face.path)!r})], folder={str(tmp_path / "new" / "set")!r}, processes=1)
except TenshoError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cannot write")
    assert not (tmp_path / "new").exists()


def test_faces_and_images_make_one_set(face, tmp_path):
    (tmp_path / "scans").mkdir()
    names = ("0001", "0002", "0003", "title")
    for number, name in enumerate(names):
        picture = np.zeros((40, 40), np.uint8)
        picture[10:30, 10 : 15 + number] = 255
        Image.fromarray(picture).save(tmp_path / "scans" / f"{name}.png")
    scans = load_images(tmp_path / "scans")
    glyphs = build([face, scans], folder=tmp_path / "set", processes=1)
    assert glyphs.faces == ("small-song", "scans")
    assert list(glyphs.characters) == ["一", "二", "", "", "", ""]
    for split in SPLITS:
        expected = sum(split_of(f"{name}.png") == split for name in names)
        assert sum(glyphs.face_index[glyphs.split(split)] == 1) == expected
    order = [split for split in SPLITS for _ in range(glyphs.manifest["faces"][1][split])]
    assert order == [split_of(file) for file in scans.files]


def test_the_place_of_the_set_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    assert glyphs_folder(64) == tmp_path / "glyphs-64"
    monkeypatch.delenv("TENSHO_HOME")
    assert glyphs_folder(128).parts[-2:] == ("tensho", "glyphs-128")
