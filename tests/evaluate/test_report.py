import json

import numpy as np
import pytest

from tensho.errors import TenshoError
from tensho.evaluate.features import SPACES
from tensho.evaluate.reference import SHEET, ReferenceStatistics
from tensho.evaluate.report import Score, ScoreSheet, score


@pytest.fixture
def sheet():
    """Real glyphs at 1, all controls behind them, except that blur has the better OCR precision."""
    ahead = {measure.key: 0.9 if measure.better == "high" else 0.1 for measure in SHEET}
    behind = {measure.key: 0.1 if measure.better == "high" else 0.9 for measure in SHEET}

    def scores(values):
        return {key: Score(value, 0.01) for key, value in values.items()}

    controls = {
        "real": scores(ahead),
        "noise": scores(behind),
        "blur": scores({**behind, "ocr.precision": 0.95}),
    }
    costs = {"gan": {"parameters": 1_234_567, "seconds_per_glyph": 0.0123}}
    return ScoreSheet(2000, 5, "d" * 64, controls, {"gan": scores(ahead)}, costs)


def test_a_measure_that_misorders_the_controls_is_left_out_and_named(sheet):
    hidden = [measure.key for measure in SHEET if measure not in sheet.shown()]
    assert hidden == ["ocr.precision"]
    text = sheet.markdown()
    assert "not shown: precision, OCR, which ranks blur" in text
    assert sum(line.startswith("| precision, OCR") for line in text.splitlines()) == 0


def test_the_copier_may_lead_every_line_but_those_on_copying(sheet):
    leading = {measure.key: Score(1.0 if measure.better == "high" else 0.0, 0.0) for measure in SHEET}
    sheet.controls["copier"] = leading
    assert {measure.key for measure in SHEET if sheet.blind(measure)} == {
        "ocr.precision",
        "copy_rate",
        "training_distance",
    }


def test_markdown_and_table_hold_controls_family_and_cost(sheet):
    lines = sheet.markdown().splitlines()
    assert lines[2] == "|  | real | noise | blur | gan |"
    assert {line.count("|") for line in lines if line.startswith("|")} == {6}
    assert "| parameters | – | – | – | 1,234,567 |" in lines
    assert "| seconds per glyph | – | – | – | 0.0123 |" in lines
    assert "| copy rate ↓ | 0.100 ± 0.010 | 0.900 ± 0.010 | 0.900 ± 0.010 | 0.100 ± 0.010 |" in lines
    assert sheet.table().row_count == len(SHEET) - 1 + 2


def test_the_sheet_says_what_each_space_is(sheet):
    for text in (sheet.markdown(), json.dumps(sheet.to_json()["spaces"]), str(sheet.table().caption)):
        assert "EfficientNet-Lite0 trained on photographs (ImageNet)" in text
        assert "no licence stated" in text
        assert "no distance is an FID" in text
    assert set(sheet.to_json()["spaces"]) == set(SPACES)


def test_json_keeps_what_is_not_shown(sheet):
    plain = json.loads(json.dumps(sheet.to_json()))
    assert plain["controls"]["blur"]["ocr.precision"] == {"mean": 0.95, "sd": 0.01}
    assert "ocr.precision" not in plain["shown"]


def test_what_cannot_be_scored_is_refused(glyphs):
    with pytest.raises(TenshoError, match="training set"):
        score([glyphs], glyphs)
    with pytest.raises(TenshoError, match="at least 500"):
        ReferenceStatistics(glyphs[:499], glyphs)


def test_the_spread_is_that_of_a_sample_of_seeds():
    class Fixed(ReferenceStatistics):
        """Measures what it is given."""

        def __init__(self):
            pass

        def measure(self, images, *, seed=0):
            return {"ocr.kid": float(images), "two_sample": 0.25}

    found = score([1.0, 2.0, 6.0], Fixed())
    assert found["two_sample"] == Score(0.25, 0.0)
    assert found["ocr.kid"].mean == 3.0
    assert found["ocr.kid"].sd == pytest.approx(7**0.5)


@pytest.mark.slow
def test_scores_put_real_before_noise_and_expose_the_copier(glyphs):
    rng = np.random.default_rng(0)
    order = rng.permutation(len(glyphs))
    training = glyphs[order[:600]]
    reference = np.concatenate([glyphs[order[600:]], glyphs[order[:350]]])[:500]
    reference_statistics = ReferenceStatistics(reference, training)
    noise = rng.integers(0, 256, (500, 64, 64), dtype=np.uint8)
    copies = score([training[:500]], reference_statistics)
    wrong = score([noise], reference_statistics)
    for measure in SHEET:
        if measure.key not in ("copy_rate", "training_distance"):
            sign = 1 if measure.better == "low" else -1
            assert sign * (wrong[measure.key].mean - copies[measure.key].mean) > 0, measure.key
    assert copies["training_distance"].mean < 1e-6
    assert all(score.sd == 0 for score in copies.values())
    with pytest.raises(TenshoError, match="too few"):
        score([noise[:499]], reference_statistics)
    with pytest.raises(TenshoError, match="no sample set"):
        score([], reference_statistics)


def test_a_lead_within_the_spread_does_not_count(sheet):
    measure = next(measure for measure in SHEET if measure.key == "ocr.kid")
    floor = sheet.controls["real"]["ocr.kid"]
    sheet.controls["blur"]["ocr.kid"] = Score(floor.mean + 0.02, 0.01)
    assert sheet.blind(measure) == ["blur"]
    sheet.controls["blur"]["ocr.kid"] = Score(floor.mean + 0.04, 0.01)
    assert sheet.blind(measure) == []


def test_a_sheet_is_read_back_from_its_json(sheet):
    again = ScoreSheet.from_json(json.loads(json.dumps(sheet.to_json())))
    assert again == sheet


def test_a_new_family_joins_those_that_were_measured_before(sheet):
    vae = ScoreSheet(
        2000, 5, "d" * 64, sheet.controls, {"vae": sheet.families["gan"]}, {"vae": {"parameters": 1}}
    )
    both = vae.joined(sheet)
    assert list(both.families) == ["gan", "vae"]
    assert both.costs == {**sheet.costs, **vae.costs}
    assert list(both.columns()) == ["real", "noise", "blur", "gan", "vae"]


def test_sheets_of_different_references_are_not_joined(sheet):
    other = ScoreSheet(500, 1, "d" * 64)
    with pytest.raises(TenshoError, match="5 seeds of 2000 samples"):
        other.joined(sheet)
    plain = sheet.to_json()
    del plain["version"]  # as the first sheets were
    with pytest.raises(TenshoError, match="by version 1 of the measures"):
        sheet.joined(ScoreSheet.from_json(plain))
