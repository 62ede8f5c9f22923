import numpy as np
import pytest
from PIL import Image

from tensho.api import evaluate as api_evaluate
from tensho.api.evaluate import evaluate
from tensho.datasets.building import build
from tensho.errors import TenshoError
from tensho.evaluate import families
from tensho.evaluate.controls import control_sets
from tensho.evaluate.reference import SHEET
from tensho.evaluate.report import Score
from tensho.fonts.faces import default_faces
from tensho.ids.decomposition import decompositions
from tensho.split import split_of


@pytest.fixture
def folder(tmp_path, glyphs):
    for k, glyph in enumerate(glyphs[:3]):
        Image.fromarray(255 - glyph).save(tmp_path / f"{k}.png")
    return tmp_path


def test_what_cannot_be_evaluated_is_said_before_anything_is_measured(glyph_set, folder):
    measured: list[str] = []
    with pytest.raises(TenshoError, match="at least 500"):
        evaluate([], glyph_set, n=499, progress=measured.append)
    with pytest.raises(TenshoError, match="must be 1 to"):
        evaluate([], glyph_set, seeds=0, progress=measured.append)
    with pytest.raises(TenshoError, match="unknown model"):
        evaluate(["nobody"], glyph_set, progress=measured.append)
    with pytest.raises(TenshoError, match="has 3 images; lower -n"):
        evaluate([str(folder)], glyph_set, progress=measured.append)
    assert measured == []


def test_an_empty_folder_is_refused(glyph_set, tmp_path):
    with pytest.raises(TenshoError, match="no image"):
        evaluate([str(tmp_path)], glyph_set)


def test_a_folder_with_a_blank_image_is_refused(glyph_set, folder):
    Image.fromarray(np.full((64, 64), 255, np.uint8)).save(folder / "blank.png")
    with pytest.raises(TenshoError, match=r"blank\.png is blank"):
        evaluate([str(folder)], glyph_set)


def test_how_many_seeds_are_scored_does_not_depend_on_the_clock(glyph_set, monkeypatch):
    hours = iter(range(0, 10**9, 3600))
    monkeypatch.setattr(api_evaluate, "perf_counter", lambda: float(next(hours)))
    said: list[str] = []
    sets, cost = api_evaluate._drawer("gan", 4, 3, glyph_set)(said.append)
    assert [drawn.shape for drawn in sets] == [(4, 64, 64)] * 3
    assert said == [f"gan: seed {seed}, {seed + 1} of 3" for seed in range(3)]
    assert cost["parameters"] > 1_000_000
    assert cost["seconds_per_glyph"] == 3600 / 12


@pytest.fixture
def measured(glyph_set, monkeypatch, tmp_path):
    """Measures the controls, each with the same scores; what was told meanwhile, and the file of the cache."""
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path))
    scores = {measure.key: Score(0.5, 0.25) for measure in SHEET}
    monkeypatch.setattr(families, "control_sets", lambda *_: [("real", None), ("noise", None)])
    monkeypatch.setattr(families, "score", lambda *_: scores)

    def measured():
        said: list[str] = []
        controls = families._controls(glyph_set, None, 500, 1, said.append)  # type: ignore[arg-type]
        assert controls == {"real": scores, "noise": scores}
        (kept,) = (tmp_path / "scores").iterdir()
        return said, kept

    return measured


def test_controls_are_measured_once(measured):
    assert measured()[0] == ["control: real", "control: noise"]
    assert measured()[0] == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:100],
        lambda text: "",
        lambda text: "\0\xff",
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text.replace('"mean": 0.5', '"mean": null'),
        lambda text: text.replace('"mean"', '"median"'),
        lambda text: text.replace("two_sample", "three_sample"),
        lambda text: text.replace('"version": ', '"version": 1'),
    ],
)
def test_a_damaged_cache_of_controls_is_measured_anew(measured, damage):
    _, kept = measured()
    whole = kept.read_text()
    kept.write_bytes(damage(whole).encode("latin-1"))
    assert measured()[0] == ["control: real", "control: noise"]
    assert kept.read_text() == whole
    assert measured()[0] == []


@pytest.mark.slow
def test_a_family_beside_its_controls(tmp_path, monkeypatch):
    """From the glyph set to the sheet, with one of the controls."""
    held_out = [char for char in decompositions() if split_of(char) == "test"]
    known = [char for char in decompositions() if split_of(char) == "train"][:2000]
    faces = [face for face in default_faces() if face.name.endswith("sc")]
    glyphs = build(
        faces, size=64, folder=tmp_path / "set", characters="".join([*held_out, *known]), processes=1
    )
    monkeypatch.setattr(
        families,
        "control_sets",
        lambda *given: (pair for pair in control_sets(*given) if pair[0] == "noise"),
    )
    monkeypatch.setenv("TENSHO_HOME", str(tmp_path / "home"))
    said: list[str] = []
    sheet = evaluate(["gan"], glyphs, n=500, seeds=1, pictures=tmp_path / "pictures", progress=said.append)
    assert list(sheet.columns()) == ["noise", "gan"]
    assert said[:3] == ["the reference statistics", "control: noise", "gan"]
    noise, gan = (scores["efficientnet.frechet"].mean for scores in sheet.columns().values())
    assert gan < noise / 2
    assert sheet.controls["noise"]["two_sample"].mean > 0.99
    assert sheet.costs["gan"]["seeds"] == 1
    assert (tmp_path / "pictures" / "closest_gan.png").stat().st_size > 1000
