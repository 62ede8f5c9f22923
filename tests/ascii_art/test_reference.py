from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.ascii_art.reference import parse_reference, read_reference
from tensho.errors import TenshoError
from tensho.text.ascii_grid import SYMBOLS, lines_of

DRAWN = """\
=== A
  /\\
 /--\\

=== b
 |
 |_)
 |
"""


def test_letters_share_a_height_and_lose_their_margins():
    letters = parse_reference(DRAWN)
    assert lines_of(letters["A"]) == [" /\\ ", "/--\\", "    "]
    assert lines_of(letters["b"]) == ["|  ", "|_)", "|  "]


def test_letters_of_any_script_can_be_drawn():
    assert list(parse_reference("=== Ж\n*\n=== é\n#")) == ["Ж", "é"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "just text",
        "=== A",
        "=== A\n\n=== B\n#",
        "=== A\n#\n=== A\n#",
        "=== AB\n#",
        "=== A\nна",
        "=== A\n\t#",
        "=== A\n\x00",
        "=== A\n" + "#\n" * 13,
        "=== A\n" + "#" * 25,
        "art\n=== A\n#",
    ],
)
def test_what_holds_no_letters_is_refused(text):
    with pytest.raises(TenshoError) as caught:
        parse_reference(text)
    assert "\n" not in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(TenshoError):
        assert parse_reference(text)


letters = st.text(SYMBOLS, min_size=1, max_size=24).filter(lambda line: line[0] != " " and line[-1] != " ")


@given(st.dictionaries(st.sampled_from("AbÆ漢"), letters, min_size=1))
def test_what_is_drawn_is_read_back(drawn):
    lines = {letter: line for letter, line in drawn.items() if not line.startswith("===")}
    if lines:
        text = "".join(f"=== {letter}\n{line}\n" for letter, line in lines.items())
        assert {letter: lines_of(grid) for letter, grid in parse_reference(text).items()} == {
            letter: [line] for letter, line in lines.items()
        }


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00\x01", b"=== A\n" + b"#\n" * 60_000])
def test_a_file_that_is_no_reference_is_refused(tmp_path, content):
    path = tmp_path / "letters.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TenshoError, match=r"letters\.txt"):
        read_reference(path)
