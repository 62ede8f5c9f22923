import pytest
from fontTools import unicodedata

from tensho.fonts.coverage.blocks import RANGES, encoded, is_encoded_ideograph, short_name
from tensho.unihan import field


def test_ranges_ascend_and_lie_in_their_blocks():
    edges = [code for span in RANGES for code in (span.first, span.last)]
    assert edges == sorted(edges)
    for span in RANGES:
        assert {unicodedata.block(chr(code)) for code in (span.first, span.last)} <= {span.block, "No_Block"}


def test_all_of_unihan_and_nothing_else_is_encoded():
    unihan = {char for char, _ in field("kTotalStrokes", "Unihan_IRGSources.txt")}
    unified = {
        chr(code) for span in RANGES if span.first >= 0x3400 for code in range(span.first, span.last + 1)
    }
    assert unified == unihan


@pytest.mark.parametrize(
    ("char", "block", "since"),
    [
        ("好", "URO", "1.1"),
        ("鿿", "URO", "14.0"),
        ("㐀", "Extension A", "3.0"),
        ("\U0002aaf2", "Extension C", "5.2"),
        ("\U00033479", "Extension J", "17.0"),
        ("\ufa0e", "Compatibility Ideographs", "1.1"),
    ],
)
def test_where_characters_are(char, block, since):
    span = encoded(char)
    assert span is not None
    assert (short_name(span), span.since) == (block, since)
    assert is_encoded_ideograph(char)


@pytest.mark.parametrize("char", ["A", "あ", "\U0003347a", "\ue000", "\U0010ffff", "⺡"])
def test_what_is_no_encoded_ideograph(char):
    assert not is_encoded_ideograph(char)
