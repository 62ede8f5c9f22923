"""What a run leaves, and what it refuses."""

from __future__ import annotations

import dataclasses
import json
import random

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from tensho.errors import TenshoError
from tensho.models.base import Recipe
from tensho.models.walkback import Walkback, WalkbackConfig
from tensho.train.loop import begin_from, fresh_model
from tensho.train.precision import has_bfloat16
from tensho.train.run_folder import RunFolder
from tensho.train.settings import RunSettings
from tests.train.toy import RECIPE, ToyConfig, ToyData, ToyDenoiser, run


def test_the_folder(tmp_path):
    trained = run(tmp_path / "deep" / "run", sample_every=5, log_every=4)
    folder = tmp_path / "deep" / "run"
    assert sorted(path.name for path in (folder / "samples").iterdir()) == [
        "step-000005.png",
        "step-000010.png",
        "step-000012.png",
    ]
    with Image.open(folder / "samples" / "step-000012.png") as grid:
        assert grid.width == grid.height > 16
    shipped = ToyDenoiser.open(trained.weights)
    for name, value in trained.model.state_dict().items():
        torch.testing.assert_close(shipped.state_dict()[name], value, rtol=1e-3, atol=1e-6)
    with safe_open(trained.weights, "pt") as file:
        metadata = file.metadata()
    assert Recipe.from_json(metadata.pop("recipe")) == RECIPE
    assert metadata.pop("tensho")
    assert metadata == {
        "family": "toy",
        "config": ToyConfig().to_json(),
        "seed": "0",
        "steps": "12",
        "images_seen": "48",
        "dataset": ToyData().digest,
        "preset": "small",
    }
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [(line["step"], line["images"]) for line in lines] == [(4, 16), (8, 32), (12, 48)]
    assert all(line["twice"] == pytest.approx(2 * line["loss/main"]) for line in lines)
    assert all(line["images per second"] > 0 for line in lines)


def test_a_run_can_begin_with_other_weights(tmp_path):
    config = WalkbackConfig(size=16, features=4, levels=2)
    first = fresh_model(Walkback, config, seed=0)
    first.save(tmp_path / "first.safetensors")
    model = fresh_model(Walkback, config, seed=7)
    begin_from(model, str(tmp_path / "first.safetensors"))
    for name, value in first.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=1e-3, atol=1e-6)
    with pytest.raises(TenshoError, match="do not fit"):
        begin_from(
            fresh_model(Walkback, WalkbackConfig(size=16), seed=0), str(tmp_path / "first.safetensors")
        )
    with pytest.raises(TenshoError, match="holds weights of walkback, not of toy"):
        begin_from(fresh_model(ToyDenoiser, ToyConfig(), seed=0), str(tmp_path / "first.safetensors"))


def test_images_that_the_first_weights_saw_are_counted(tmp_path):
    begun_with = tmp_path / "first.safetensors"
    Walkback(WalkbackConfig(size=16)).save(begun_with, {"images_seen": "1000"})
    trained = run(tmp_path / "run", start_from=str(begun_with), steps=4)
    assert trained.images_seen == 1016
    resumed = run(tmp_path / "run", start_from=str(begun_with), steps=8)
    assert resumed.images_seen == 1032
    with safe_open(resumed.weights, "pt") as file:
        assert file.metadata()["images_seen"] == "1032"


def test_it_learns(tmp_path):
    """Compared with the loss of the first step, which is that of an untrained network."""
    run(tmp_path, steps=300, log_every=1, save_every=1000)
    losses = [json.loads(line)["loss/main"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert np.mean(losses[-50:]) < 0.15 * losses[0]


def test_looking_on_changes_nothing(tmp_path):
    plain = run(tmp_path / "plain", log_every=5, save_every=100)
    watched = run(tmp_path / "watched", log_every=1, save_every=1, sample_every=1)
    for name, value in plain.model.state_dict().items():
        assert torch.equal(watched.model.state_dict()[name], value)


def test_the_callers_generators_go_on_as_if_nothing_had_been(tmp_path):
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = torch.rand(1), random.random(), np.random.rand()  # noqa: NPY002
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    run(tmp_path)
    assert (torch.rand(1), random.random(), np.random.rand()) == expected  # noqa: NPY002


def test_first_weights_are_a_function_of_the_seed():
    first, again, other = (fresh_model(ToyDenoiser, ToyConfig(), seed) for seed in (0, 0, 1))
    assert torch.equal(first.first.weight, again.first.weight)
    assert not torch.equal(first.first.weight, other.first.weight)


def test_minutes_end_the_run_and_anneal_to_the_end(tmp_path, fixed_clock):
    """By a clock that says that every step takes 0.03 s, 0.02 minutes are over when forty are done."""
    fixed_clock(0.03)
    trained = run(tmp_path, steps=1_000_000, minutes=0.02, log_every=1, save_every=1_000_000)
    assert trained.steps == 40
    assert trained.minutes == pytest.approx(0.02, rel=0.05)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    rates = [line["learning rate/main"] for line in lines]
    assert rates[-1] < 0.1 * max(rates)
    assert run(tmp_path, steps=1_000_000, minutes=0.02).steps == trained.steps


def test_bf16_is_used_and_differs(tmp_path, monkeypatch):
    seen = set()

    def forward(self, noisy):
        hidden = self.first(noisy)
        seen.add(hidden.dtype)
        return self.last(hidden)

    monkeypatch.setattr(ToyDenoiser, "forward", forward)
    run(tmp_path / "bf16", precision="bf16")
    assert seen == {torch.bfloat16}
    seen.clear()
    run(tmp_path / "fp32", precision="fp32")
    assert seen == {torch.float32}
    assert isinstance(has_bfloat16(torch.device("cpu")), bool)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about its own use of torch.jit
def test_a_compiled_run_learns_the_same(tmp_path):
    # Before a batch norm a bias has no gradient but rounding errors, which Adam would scale up.
    config = ToyConfig(normalise=False)
    plain = run(tmp_path / "plain", config=config)
    compiled = run(tmp_path / "compiled", config=config, compile=True)
    for name, value in plain.model.state_dict().items():
        torch.testing.assert_close(compiled.model.state_dict()[name], value, rtol=1e-3, atol=1e-4)


def test_only_one_run_in_a_folder(tmp_path):
    with (
        RunFolder(tmp_path).claimed(),
        pytest.raises(
            TenshoError, match=r"another run is training in .*; wait for it, or use another folder"
        ),
    ):
        run(tmp_path)
    assert run(tmp_path).steps == 12


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": ToyData(0)}, "nothing to train on"),
        ({"data": type("Wide", (ToyData,), {"shape": (1, 8, 16)})()}, r"shape \(1, 8, 16\), but toy"),
        pytest.param(
            {"device": "cuda"},
            "torch sees no GPU here",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU"),
        ),
    ],
)
def test_what_cannot_be_trained_on_leaves_nothing(tmp_path, changes, message):
    with pytest.raises(TenshoError, match=message):
        run(tmp_path / "run", **changes)
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "run").write_text("mine")
    with pytest.raises(TenshoError, match="run: File exists; make room or use another folder"):
        run(tmp_path / "run")
    assert (tmp_path / "run").read_text() == "mine"


@pytest.mark.parametrize(
    "values",
    [
        {"minutes": -1.0},
        {"precision": "fp16"},
        {"device": "tpu"},
        {"threads": -1},
        {"log_every": 0},
        {"save_every": 0},
    ],
)
def test_settings_that_no_run_can_have(values):
    flag = next(iter(values)).replace("_", "-")
    with pytest.raises(TenshoError, match=f"--{flag} is"):
        RunSettings(**values)


def test_every_setting_has_a_help_text():
    assert all(field.metadata["help"] for field in dataclasses.fields(RunSettings))
