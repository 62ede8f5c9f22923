import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.studio.fields import Choice, Number, Refusal, Text, parsed, read

FIELDS = {"n": Number(1, 9, 4), "style": Choice(("plain", "bold")), "text": Text(5, "")}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_what_is_left_out_has_its_default():
    assert read(FIELDS, {"text": " ab "}) == {"n": 4, "style": "plain", "text": "ab"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 0),
        ("n", 10),
        ("n", 1.5),
        ("n", "3"),
        ("n", True),
        ("n", 10**400),
        ("style", "thin"),
        ("style", []),
    ]
    + [("text", text) for text in ("", "  ", "abcdef", "a\0b", "a\x1bb", "\ud800", None, 3)],
)
def test_a_wrong_value_is_refused_by_its_field(field, value):
    with pytest.raises(Refusal) as refused:
        read(FIELDS, {"text": "a", field: value})
    assert (refused.value.field, refused.value.status) == (field, 422)


@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), JSON) | JSON)
def test_anything_is_read_within_limits_or_refused(body):
    try:
        settings = read(FIELDS, body)
    except Refusal:
        return
    assert settings["n"] in range(1, 10)
    assert settings["style"] in ("plain", "bold")
    assert 1 <= len(settings["text"]) <= 5
    settings["text"].encode()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe{", b"{'a': 1}", b"1" * 5000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(Refusal) as refused:
        parsed(body)
    assert refused.value.status == 400


def test_nesting_without_end_is_refused():
    with pytest.raises(Refusal):
        parsed(b"[" * 16_000)
