import json

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from tensho.cli.evaluate import evaluate
from tensho.cli.nearest import nearest
from tensho.errors import TenshoError


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(evaluate)
    app.command()(nearest)

    def invoke(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


def test_nearest_reports_a_table_and_json(run, tmp_path, glyph_set):
    place = glyph_set.index("丁", "serif-sc")
    path = tmp_path / "glyph.png"
    Image.fromarray(255 - glyph_set.images[place]).save(path)
    assert "U+4E01" in run("nearest", path).stdout
    report = json.loads(run("nearest", path, "-k", 3, "--json").stdout)
    assert report["verdict"] == "exists"
    assert report["nearest"][0]["character"] == "丁"
    assert len(report["nearest"]) == 3


def test_nearest_takes_a_description(run):
    report = json.loads(run("nearest", "⿰氵木", "--json").stdout)
    assert report["verdict"] == "exists"
    assert report["nearest"][0] == {"character": "沐", "distance": 0.0}


@pytest.mark.parametrize(
    "arguments",
    [("nearest", "⿰氵"), ("nearest", "missing.png"), ("evaluate", "walkback", "--glyphs", "/nowhere")],
)
def test_bad_input_is_our_error(run, arguments):
    assert isinstance(run(*arguments).exception, TenshoError)
