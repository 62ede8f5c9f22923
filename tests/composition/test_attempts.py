from dataclasses import dataclass

import numpy as np
import pytest

from tensho.composition.attempt_journal import open_journal
from tensho.composition.attempts import Attempt, attempt_all
from tensho.errors import TenshoError
from tests.ideograph_fonts import frame_outline, round_outline


@dataclass
class Counting:
    """Composes disks, knows no 龘, and is killed at 死."""

    composed: list[str]

    def compose(self, text, /):
        self.composed.append(text)
        if text == "死":
            raise KeyboardInterrupt
        if text == "龘":
            raise TenshoError("no donor of 龍")
        return Attempt(
            text, round_outline(radius=100 + ord(text[0]) % 97 / 3), "same slot", 0.5, ("木", "林")
        )


def same(a, b):
    assert [(x.text, x.rung, x.confidence, x.donors, x.reason) for x in a] == [
        (x.text, x.rung, x.confidence, x.donors, x.reason) for x in b
    ]
    for x, y in zip(a, b, strict=True):
        assert (x.outline is None) == (y.outline is None)
        if x.outline is not None:
            for field in ("points", "tags", "ends"):
                one, other = getattr(x.outline, field), getattr(y.outline, field)
                assert one.dtype == other.dtype
                assert np.array_equal(one, other)


def test_a_run_that_was_killed_goes_on_where_it_was_and_ends_alike(tmp_path):
    texts = [*"漢字龘", "⿰言森", *"水火土"]
    whole = attempt_all(texts, lambda: Counting([]))
    first, second = Counting([]), Counting([])
    with pytest.raises(KeyboardInterrupt), open_journal(tmp_path / "j" / "a.jsonl") as journal:
        attempt_all([*texts[:4], "死"], lambda: first, journal)
    with open_journal(tmp_path / "j" / "a.jsonl") as journal:
        told = []
        same(attempt_all(texts, lambda: second, journal, lambda *at: told.append(at)), whole)
    assert first.composed == [*texts[:4], "死"]
    assert second.composed == texts[4:]
    assert told == [(k + 1, 7) for k in range(7)]
    with open_journal(tmp_path / "j" / "a.jsonl") as journal:

        def none_is_made():
            raise AssertionError

        same(attempt_all(texts, none_is_made, journal), whole)


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_line_that_was_cut_off_is_composed_again(tmp_path, cut):
    path = tmp_path / "a.jsonl"
    with open_journal(path) as journal:
        whole = attempt_all("漢字水", lambda: Counting([]), journal)
    path.write_bytes(path.read_bytes()[:-cut])
    again = Counting([])
    with open_journal(path) as journal:
        same(attempt_all("漢字水", lambda: again, journal), whole)
    assert again.composed == ["水"]
    with open_journal(path) as journal:
        assert all(text in journal for text in "漢字水")


def test_a_journal_that_is_none_is_begun_anew(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\x00\xff nothing\n{"text": "x"}\n')
    with open_journal(path) as journal:
        assert "x" not in journal
    assert not path.exists()
    (tmp_path / "file").touch()
    with pytest.raises(TenshoError, match="TENSHO_HOME"), open_journal(tmp_path / "file" / "a.jsonl"):
        pass


def test_a_glyph_without_contours_is_no_glyph():
    class Empty:
        def compose(self, text, /):
            return Attempt(text, frame_outline(0).subset([]), "same slot", 1.0)

    (attempt,) = attempt_all("漢", Empty)
    assert attempt.outline is None
    assert attempt.reason
