import numpy as np
import pytest

from tensho.composition.bitmaps.draft import drafter
from tensho.composition.bitmaps.inventory import MissingPartError
from tensho.errors import TenshoError
from tensho.ids.syntax import parse
from tensho.models.brush.condition import draft_condition
from tensho.models.brush.network import Brush, BrushConfig


@pytest.mark.parametrize(
    ("error", "caught"), [(MissingPartError("no 龍"), True), (TenshoError("no atlas"), False)]
)
def test_only_for_want_of_a_part_the_reference_draft_is_blank(monkeypatch, error, caught):
    def refuse(*_, **__):
        raise error

    brush = Brush(BrushConfig(size=32, widths=(8, 16), blocks=1, condition_width=16))
    drawn = drafter("kai").draft(parse("⿰日月"), 32)
    monkeypatch.setattr(drafter(), "draft", refuse)
    trees = [parse("⿰日月")]
    if not caught:
        with pytest.raises(TenshoError, match="no atlas"):
            draft_condition(brush, trees, "kai", 32)
        return
    given = draft_condition(brush, trees, "kai", 32)
    assert not given["draft"].any()
    np.testing.assert_array_equal(given["own_draft"][0, 0], drawn)
