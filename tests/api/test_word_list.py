import csv

import pypdf
import pytest
from fontTools.ttLib import TTFont

from tensho.api.word_list import coin_words, dictionary_entries, read_words, save_dictionary, save_words
from tensho.errors import TenshoError
from tensho.export.dictionary import write_dictionary


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    path = tmp_path_factory.mktemp("words") / "words.txt"
    path.write_text(
        "\ufefffull moon\tyuè\n\n# a remark\nfull moon\tyuè\nsnow\tplugh\nriver\n", encoding="utf-8"
    )
    words = read_words(path)
    assert [(word.number, word.meaning, word.sound) for word in words] == [
        (1, "full moon", "yuè"), (4, "full moon", "yuè"), (5, "snow", "plugh"), (6, "river", ""),
    ]  # fmt: skip
    return coin_words(words)


def test_every_word_has_a_character_of_its_own_or_a_reason(entries):
    made = [entry for entry in entries if entry.answer is not None]
    assert len({entry.answer.ids for entry in made}) == len(made) == 3
    assert [entry.reading for entry in made][:2] == ["yuè", "yuè"]
    assert made[2].reading
    assert entries[2].glyph is None
    assert "plugh" in entries[2].note
    assert all(entry.glyph.character is None for entry in made)


def test_a_sheet_a_font_and_a_table_of_one_name(entries, tmp_path):
    picture, font, table = save_words(entries, tmp_path / "mine.png")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert [row["word"] for row in rows] == ["full moon", "full moon", "snow", "river"]
    assert rows[0]["ids"] == entries[0].answer.ids
    assert "for the sound" in rows[0]["explanation"]
    assert rows[2]["note"] == entries[2].note
    with TTFont(font) as opened:
        names = opened.getBestCmap()
        assert all(int(row["code_point"][2:], 16) in names for row in rows if row["code_point"])
    assert picture.is_file()


def test_a_dictionary_has_a_page_of_entries_and_an_index(entries, tmp_path):
    save_dictionary(entries, tmp_path / "d.pdf", title="Sky")
    assert len(pypdf.PdfReader(tmp_path / "d.pdf").pages) == 2
    found = dictionary_entries(entries)
    assert [(entry.strokes or 0) > 4 for entry in found] == [True] * 3
    many = [found[0]] * 40
    write_dictionary(many, tmp_path / "m.pdf")
    assert len(pypdf.PdfReader(tmp_path / "m.pdf").pages) == 4
    with pytest.raises(TenshoError, match=r"something\.pdf"):
        write_dictionary(found, tmp_path / "d.txt")
    with pytest.raises(TenshoError, match="needs entries"):
        write_dictionary([], tmp_path / "d.pdf")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "no words"), (b"\xff\xfe\x00", "as text"), (b"a\n" * 10_001, "at most 10,000")],
)
def test_lists_that_are_none_are_refused(tmp_path, content, words):
    path = tmp_path / "w.txt"
    path.write_bytes(content)
    with pytest.raises(TenshoError, match=words):
        read_words(path)


def test_a_list_of_which_nothing_can_be_made_writes_nothing(tmp_path):
    path = tmp_path / "w.txt"
    path.write_text("snow\tplugh\n", encoding="utf-8")
    with pytest.raises(TenshoError, match="plugh"):
        save_words(coin_words(read_words(path)), tmp_path / "w.png")
    assert [file.name for file in tmp_path.iterdir()] == ["w.txt"]
