import json

import pytest

import tensho
from tensho.api.scans import survey, told
from tensho.cli import main
from tensho.errors import TenshoError
from tensho.fonts.faces import load_face
from tensho.fonts.outline_reader import OutlineReader
from tests.fonts.test_scanned_font import scan

POEM = "春眠暁処聞鳥夜雨声花林明草星"


@pytest.fixture(scope="module")
def poem(tmp_path_factory):
    """A folder of scans of a few characters of a mincho."""
    import pylopdf_fonts_jp

    folder = tmp_path_factory.mktemp("scans") / "poem"
    folder.mkdir()
    reader = OutlineReader(pylopdf_fonts_jp.serif_path())
    for char in POEM:
        scan(reader.outline(char)).save(folder / f"{char}.png")
    return folder


def test_a_survey_says_how_alike_characters_come_out_and_which_would_help(poem):
    found = survey(load_face(poem))
    assert (found.characters, found.like, found.wanted) == (len(POEM), "serif-jp", "joyo")
    assert found.parts > len(POEM)
    assert {one.character for one in found.held_back} <= set(POEM)
    assert any(one.own for one in found.held_back)
    # The nearest style is the very face that was scanned, so what is borrowed of it is as good as it gets.
    assert 0.1 < found.distance < 0.9
    assert 0.1 < found.borrowed < 0.9
    assert len({one.character for one in found.next}) == 10
    assert not {one.character for one in found.next} & set(POEM)
    assert all(one.helps > 5 for one in found.next)
    assert found.next[0].character in "\n".join(told(found))


def test_adapting_to_a_few_scans_is_to_be_told_of_them(poem, tmp_path):
    found = tensho.adapt(poem, tmp_path / "run")
    assert found.weights is None
    assert found.survey is not None
    assert not (tmp_path / "run").exists()


def test_scans_are_drawn_with(poem):
    glyph = tensho.compose("⿱艹明", face=poem, size=64)
    assert glyph.style == "poem"
    assert {"花", "明"} & set(glyph.donors) or {"草", "明"} & set(glyph.donors)
    assert tensho.compose("⿰言春", face=poem, size=64).rung == "other face"
    own = tensho.compose("鳥", face=poem, size=64)
    assert (own.rung, own.donors) == ("whole glyph", ("鳥",))


def test_the_command_tells_of_scans(poem, capsys):
    with pytest.raises(SystemExit) as left:
        main(["adapt", str(poem), "--json"])
    assert left.value.code == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["weights"] is None
    assert facts["survey"]["characters"] == len(POEM)
    assert len(facts["survey"]["next"]) == 10


def test_a_folder_without_scans_is_refused(tmp_path):
    with pytest.raises(TenshoError, match="holds no image"):
        tensho.adapt(tmp_path)
