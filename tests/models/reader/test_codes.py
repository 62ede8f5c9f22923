import numpy as np
import pytest

from tensho.errors import TenshoError
from tensho.ids.canonical import canonical
from tensho.ids.decomposition import decompositions, slotted
from tensho.ids.syntax import parse
from tensho.models.reader.codes import BLANK, OTHER, Codes, symbols_of
from tensho.models.reader.examples import described
from tensho.split import split_of

pytestmark = pytest.mark.usefixtures("nothing_inferred")


@pytest.fixture(scope="module")
def descriptions():
    return {char: described(char) for char in decompositions() if split_of(char) == "train"}


def test_every_description_survives_the_codes(descriptions):
    codes = Codes(symbols_of(descriptions.values(), 1))
    longest = max(map(len, descriptions.values()))
    rows = [codes.encode(ids, longest) for ids in descriptions.values()]
    assert [codes.decode(row.tolist()) for row in rows] == list(descriptions.values())


def test_a_spelling_is_of_the_same_structure(descriptions):
    # As it is drawn: what stands between two halves (街, 衷) is spelled there.
    drawn = {char: canonical(slotted(canonical(char))) for char in descriptions}
    other = [
        char
        for char, ids in descriptions.items()
        if drawn[char] not in (canonical(parse(ids)), canonical(slotted(canonical(parse(ids)))))
    ]
    # Parts that others are drawn like (足, ⿱口龰) are one part in canonical form, and may be spelled in two.
    assert len(other) < 0.02 * len(descriptions)


def test_a_part_is_spelled_alike_wherever_it_stands():
    assert described("湖") == "⿰氵⿰古月"
    assert described("胡") == "⿰古月"
    assert described("木") == "木"
    assert described("淋") == "⿰氵" + described("林")


def test_the_end_of_a_description_is_blank_and_a_rare_part_other():
    codes = Codes("⿰木口")
    assert codes.arity.tolist() == [0, 0, 0, 2, 0, 0]
    encoded = codes.encode("⿰木龘", 5)
    assert encoded.tolist() == [3, 4, OTHER, BLANK, BLANK]
    assert encoded.dtype == np.int64
    assert codes.decode(encoded.tolist()) == "⿰木？"


@pytest.mark.parametrize("ids", ["⿰木⿰口木", "⿱木口"])
def test_what_cannot_be_encoded_is_refused(ids):
    with pytest.raises(TenshoError):
        Codes("⿰木口").encode(ids, 4)


def test_rare_parts_are_no_symbols_but_rare_operators_are():
    assert symbols_of(["⿰木木", "⿰木口", "⿱木火"], 2) == "木⿰⿱"
