import numpy as np
import torch

from tensho.models.reader.codes import Codes
from tensho.models.reader.joining import some_joined, squeezed_together

CODES = Codes("⿰⿱⿲木口日")
KNOWN = ["木", "口", "⿰木口", "⿱日⿰木口", "⿱口日", ""]


def test_joined_glyphs_stand_side_by_side_or_one_over_the_other():
    images = torch.ones(2, 1, 64, 64)
    torch.manual_seed(0)
    pair = squeezed_together(images, torch.zeros_like(images), torch.tensor([True, False]))
    rows, columns = pair[:, 0].mean(2), pair[:, 0].mean(1)
    assert rows[0, :20].min() > 0.9
    assert rows[0, 44:].max() < 0.1
    assert columns[1, :20].min() > 0.9
    assert columns[1, 44:].max() < 0.1
    other = squeezed_together(torch.zeros_like(images), images, torch.tensor([True, False]))
    assert other[0, 0, 44:].min() > 0.9
    assert other[1, 0, :, 44:].min() > 0.9


def test_descriptions_are_joined_as_the_glyphs_are():
    targets = torch.from_numpy(np.stack([CODES.encode(ids, 7) for ids in KNOWN])).repeat(50, 1)
    images = torch.rand(len(targets), 1, 16, 16)
    torch.manual_seed(0)
    shown = some_joined(images, targets, CODES, 0.9)
    assert 0.2 < shown.alone.float().mean() < 0.8
    assert torch.equal(shown.images[shown.alone], images[shown.alone])
    assert torch.equal(shown.targets[shown.alone], targets[shown.alone])
    rows = set()
    for target in shown.targets[~shown.alone]:
        ids = CODES.decode(target.tolist())
        parts = [
            (one, two)
            for one in KNOWN[:-1]
            for two in KNOWN[:-1]
            if ids in (f"⿰{one}{two}", f"⿱{one}{two}")
        ]
        assert len(parts) == 1
        assert all(not part.startswith(ids[0]) for part in parts[0])
        rows.add(ids)
    assert "⿰木口" in rows
    assert "⿱⿰木口木" in rows
    assert any(len(ids) == 7 for ids in rows)


def test_nothing_is_joined_without_the_operators():
    codes = Codes("木口")
    targets = torch.from_numpy(np.stack([codes.encode(ids, 3) for ids in "木口"]))
    assert some_joined(torch.rand(2, 1, 16, 16), targets, codes, 1.0).alone.all()
