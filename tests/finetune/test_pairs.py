from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from tensho.errors import TenshoError
from tensho.finetune.pairs import LEAST_SPLIT, digest, open_pairs, open_split_pairs


def test_pictures_come_in_order_as_they_are(pairs):
    opened = open_pairs(pairs, "train", size=32)
    images = opened.images(np.array([3, 0]))
    assert images.shape == (2, 3, 32, 32)
    for row, number in zip(images, (3, 0), strict=True):
        with Image.open(pairs / "train" / f"{number}.png") as file:
            picture = torch.from_numpy(np.asarray(file).copy()).float() / 127.5 - 1
        assert torch.equal(row, picture.expand(3, -1, -1))
    assert opened.captions[0].startswith("level bar")
    assert len(opened) == len(opened.captions) == 24


def test_pictures_of_another_size_are_resized(pairs):
    assert open_pairs(pairs, "train", size=64).images(np.arange(2)).shape == (2, 3, 64, 64)


def test_the_digest_knows_captions_and_size(pairs):
    train, validation = (open_pairs(pairs, split, size=32) for split in ("train", "validation"))
    assert digest(train) == digest(open_pairs(pairs, "train", size=32))
    assert len({digest(train), digest(validation), digest(open_pairs(pairs, "train", size=64))}) == 3


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (None, "no captions"),
        ("", "has no captions"),
        ('{"file_name": "a.png"}', "file_name and text"),
        ("file_name,text", "file_name and text"),
        ("[1]", "line 1 of .* file_name and text"),
        ('{"file_name": "a.png", "text": " "}', "line 1 .* empty caption"),
    ],
)
def test_a_folder_without_captions_is_refused(tmp_path, lines, message):
    (tmp_path / "train").mkdir()
    if lines is not None:
        (tmp_path / "train" / "metadata.jsonl").write_text(lines)
    with pytest.raises(TenshoError, match=message):
        open_pairs(tmp_path, "train", size=32)


def written(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps({"file_name": name, "text": text, **more}) for name, text, more in rows)
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n\n")


def test_the_splits_of_a_folder_that_has_them_are_taken(pairs):
    train, validation, note = open_split_pairs(pairs, size=32)
    assert (len(train), len(validation), note) == (24, 8, "")
    assert digest(train, validation) == digest(
        *(open_pairs(pairs, split, size=32) for split in ("train", "validation"))
    )


@pytest.mark.parametrize("place", [".", "train"])
def test_without_a_validation_split_a_tenth_is_held_back_by_character(tmp_path, place):
    characters = "水火心道国風飛山川日月人口木林森石本村校"
    rows = [(f"{c}-{k}.png", f"{c} {k}", {"character": c}) for c in characters for k in range(3)]
    written(tmp_path / place, rows)
    train, validation, note = open_split_pairs(tmp_path, size=32)
    assert (len(train), len(validation)) == (54, 6)
    assert not {text[0] for text in train.captions} & {text[0] for text in validation.captions}
    assert "6 of 60 pairs are held back" in note
    again = open_split_pairs(tmp_path, size=32)
    assert (again.train.captions, again.validation.captions) == (train.captions, validation.captions)
    written(tmp_path / place, [(name, text, {}) for name, text, _ in rows])
    assert len(open_split_pairs(tmp_path, size=32).validation) == 6


def test_of_few_pictures_all_are_learned_from(tmp_path):
    written(tmp_path, [(f"{k}.png", "a bar", {}) for k in range(LEAST_SPLIT - 1)])
    train, validation, note = open_split_pairs(tmp_path, size=32)
    assert len(train) == len(validation) == LEAST_SPLIT - 1
    assert "the loss is that of training pairs" in note


def test_no_more_is_held_back_than_is_measured(tmp_path):
    written(tmp_path, [(f"{k}.png", "a bar", {}) for k in range(2000)])
    assert len(open_split_pairs(tmp_path, size=32).validation) == 64


def test_a_folder_with_nothing_to_train_on_says_why(tmp_path):
    written(tmp_path / "test", [("a.png", "a", {})])
    with pytest.raises(TenshoError, match="kept for validation and test"):
        open_split_pairs(tmp_path, size=32)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TenshoError, match=r"has no captions in train/metadata\.jsonl or metadata\.jsonl"):
        open_split_pairs(tmp_path / "empty", size=32)
    with pytest.raises(TenshoError, match="there is no folder"):
        open_split_pairs(tmp_path / "nowhere", size=32)


def test_a_missing_folder_or_bad_picture_is_refused(tmp_path):
    with pytest.raises(TenshoError, match="there is no folder"):
        open_pairs(tmp_path / "nowhere", "train", size=32)
    (tmp_path / "train").mkdir()
    lines = [f'{{"file_name": "{name}.png", "text": "x"}}' for name in ("missing", "damaged", "oblong")]
    (tmp_path / "train" / "metadata.jsonl").write_text("\n".join(lines))
    (tmp_path / "train" / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    Image.new("L", (32, 16)).save(tmp_path / "train" / "oblong.png")
    opened = open_pairs(tmp_path, "train", size=32)
    for number, message in enumerate(("missing.png cannot", "damaged.png cannot", "32×16")):
        with pytest.raises(TenshoError, match=message):
            opened.images(np.array([number]))
