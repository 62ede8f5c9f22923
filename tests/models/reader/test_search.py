import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tensho.ids.syntax import parse, to_string
from tensho.models.reader.codes import Codes
from tensho.models.reader.search import search

CODES = Codes("⿰⿲⿾木口")
ARITY = torch.from_numpy(CODES.arity)


def scorer(seed):
    """Logits that depend on the whole prefix, as those of a network do."""

    def next_logits(prefixes, picture):
        generator = torch.Generator()
        rows = []
        for prefix, number in zip(prefixes.tolist(), picture.tolist(), strict=True):
            generator.manual_seed(hash((seed, number, *prefix)) % 2**31)
            rows.append(2 * torch.randn(len(CODES), generator=generator))
        return torch.stack(rows)

    return next_logits


@given(st.integers(0, 1000), st.integers(1, 9), st.integers(1, 6))
def test_whatever_is_written_is_well_formed_and_fits(seed, longest, beam):
    found = search(scorer(seed), 2, ARITY, longest, beam)
    assert found.codes.shape[2] == longest
    for codes, scores in zip(found.codes.tolist(), found.scores.tolist(), strict=True):
        written = [CODES.decode(row) for row, score in zip(codes, scores, strict=True) if score > -math.inf]
        assert written
        assert len(set(written)) == len(written)
        assert scores == sorted(scores, reverse=True)
        assert all(to_string(parse(ids)) == ids and len(ids) <= longest for ids in written)


def test_a_wide_beam_finds_all_there_is_and_its_probabilities_sum_to_one():
    whole = [
        "".join(ids)
        for length in range(1, 5)
        for ids in itertools.product(CODES.symbols, repeat=length)
        if well_formed("".join(ids))
    ]
    found = search(scorer(1), 1, ARITY, 4, 200, least=0)
    written = {
        CODES.decode(row): math.exp(score)
        for row, score in zip(found.codes[0].tolist(), found.scores[0].tolist(), strict=True)
        if score > -math.inf
    }
    assert written.keys() == set(whole)
    assert sum(written.values()) == pytest.approx(1, abs=1e-5)


def well_formed(ids):
    open_slots = 1
    for symbol in ids:
        if open_slots == 0:
            return False
        open_slots += CODES.arity[CODES.encode(symbol, 1)[0]] - 1
    return open_slots == 0


def test_pictures_do_not_disturb_each_other():
    together = search(scorer(3), 3, ARITY, 7, 5)

    def second(prefixes, picture):
        return scorer(3)(prefixes, picture + 1)

    alone = search(second, 1, ARITY, 7, 5)
    assert torch.equal(alone.codes[0], together.codes[1])
    torch.testing.assert_close(alone.scores[0], together.scores[1])


def test_unlikely_beginnings_are_given_up():
    asked = []

    def sure(prefixes, picture):
        asked.append(len(prefixes))
        logits = torch.zeros(len(prefixes), len(CODES))
        logits[:, CODES.code("木")] = 20
        return logits

    found = search(sure, 4, ARITY, 9, 10)
    assert [CODES.decode(row[0].tolist()) for row in found.codes] == ["木"] * 4
    assert asked == [4]
