from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from tensho.errors import TenshoError
from tensho.finetune.pairs import digest, open_pairs


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
        ("[1]", "file_name and text"),
        ('{"file_name": "a.png", "text": " "}', "line 1 .* empty caption"),
    ],
)
def test_a_folder_without_captions_is_refused(tmp_path, lines, message):
    (tmp_path / "train").mkdir()
    if lines is not None:
        (tmp_path / "train" / "metadata.jsonl").write_text(lines)
    with pytest.raises(TenshoError, match=message):
        open_pairs(tmp_path, "train", size=32)


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
