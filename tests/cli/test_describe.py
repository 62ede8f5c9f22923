import json

import pytest
import torch
from PIL import Image

from tensho.api.describe import show_ink
from tensho.models.reader.network import Reader
from tests.api.test_describe import TINY


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(0)
    Reader(TINY).save(tmp_path / "tiny.safetensors")
    return tmp_path / "tiny.safetensors"


def test_a_folder_and_a_character_are_described(run, weights, tmp_path):
    (tmp_path / "scans").mkdir()
    for name, char in (("one.png", "木"), ("two.png", "湖")):
        Image.fromarray(255 - show_ink(char)).save(tmp_path / "scans" / name)
    (tmp_path / "scans" / "three.png").write_text("broken")
    code, out, _ = run("describe", "scans", "口", "-k", 2, "--model", weights, "--json")
    assert code == 0
    answer = json.loads(out)
    assert [entry["query"] for entry in answer["described"]] == ["scans/one.png", "scans/two.png", "口"]
    assert all(1 <= len(entry["descriptions"]) <= 2 for entry in answer["described"])
    boxes = [
        place["box"]
        for entry in answer["described"]
        for description in entry["descriptions"]
        for place in description["places"]
    ]
    assert boxes
    assert all(0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1 for x0, y0, x1, y1 in boxes)
    assert [entry["query"] for entry in answer["refused"]] == ["scans/three.png"]
    code, out, _ = run("describe", "scans", "--model", weights)
    assert code == 0
    assert "scans/two.png" in out
    assert "refused: scans/three.png cannot be read" in out


@pytest.mark.parametrize("what", ["nowhere.png", "⿰氵胡", "empty"])
def test_what_cannot_be_described_is_refused(run, says_one_line, weights, tmp_path, what):
    (tmp_path / "empty").mkdir()
    says_one_line(*run("describe", what, "--model", weights))
