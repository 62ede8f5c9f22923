import pytest

from tensho.api.read import Reading, read, read_file
from tensho.errors import TenshoError


def test_an_invented_character_is_read_by_its_parts():
    found = read("⿰月越", languages=["mandarin", "cantonese"])
    assert found.characters == ()
    assert found.parts.fields[0].part == "月"
    assert found.parts.readings["mandarin"][0].reading == "yuè"
    assert found.parts.readings["cantonese"][0].reading == "jyut6"
    assert 0.5 < found.parts.readings["mandarin"][0].probability < 1


def test_a_character_does_not_argue_for_itself():
    found = read("湖", languages=["mandarin"])
    assert found.characters == ("湖",)
    first = found.parts.readings["mandarin"][0]
    assert (first.reading, first.part) == ("hú", "胡")
    assert first.like
    assert all("湖" not in spoken.like for spoken in found.parts.readings["mandarin"])
    assert all(char != "湖" for field in found.parts.fields for char, _ in field.like)


def test_a_part_that_no_character_has_is_read_by_its_own_parts():
    deep = read("⿰钅⿰氵龜", languages=["mandarin"]).parts.readings["mandarin"]
    plain = read("⿰氵龜", languages=["mandarin"]).parts.readings["mandarin"]
    assert deep[0].reading == plain[0].reading


def test_probabilities_of_readings_are_shares_of_one():
    spoken = read("明", 500, languages=["korean"]).parts.readings["korean"]
    assert sum(one.probability for one in spoken) == pytest.approx(1, abs=1e-3)
    assert sum(field.probability for field in read("明").parts.fields) <= 1 + 1e-9


@pytest.mark.parametrize("what", ["", "abc", "⿰月", "⿰月？"])
def test_what_is_no_description_is_refused(what):
    with pytest.raises(TenshoError):
        read(what)


def test_a_table_is_read_line_by_line(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("⿰月越\n⿰⿰\n\n", encoding="utf-8")
    answers = list(read_file(path, 1, languages=["on"]))
    first, second = answers
    assert isinstance(first, Reading)
    assert first.parts.ids == "⿰月越"
    assert isinstance(second, str)
    assert "line 2" in second
