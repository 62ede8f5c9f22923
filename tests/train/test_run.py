"""The loop knows nothing of models: a task that only counts is trained as one that learns."""

from __future__ import annotations

import dataclasses
import json
import signal

import pytest
import torch

from tensho.errors import TenshoError
from tensho.models.base import Recipe
from tensho.train.checkpoint import read_checkpoint, write_checkpoint
from tensho.train.loop import carry_out, processes_of
from tensho.train.settings import RunSettings
from tensho.train.task import TrainingTask

SETTINGS = RunSettings(device="cpu", precision="fp32", log_every=2, save_every=3, sample_every=4)


class Counter(TrainingTask):
    """Counts in a tensor, and notes what the loop asks of it."""

    family = "counter"

    def __init__(self, *given, accident=None):
        super().__init__(*given)
        self.count, self.asked, self.accident = torch.zeros(1), [], accident

    @property
    def images_per_step(self):
        return 3

    def take_step(self, step, factor):
        if self.accident is not None:
            self.accident(step)
        self.count += 1
        yield {"loss/count": self.count.item()}
        yield {"factor": factor}

    def report(self, seconds_per_step):
        assert seconds_per_step > 0
        return {"told": self.count.item()}

    def depends_on(self):
        return {"start": 0}

    def origin(self):
        return {}

    def state(self):
        return {"count": self.count}, {"asked": len(self.asked)}

    def restore(self, tensors, values):
        self.count.copy_(tensors["count"])

    def evaluate(self):
        self.asked.append(("evaluate", int(self.count)))

    def told(self):
        return f"count {int(self.count)}"

    def draw_samples(self, step):
        self.asked.append(("draw", step))

    def save_weights(self, step, images_seen):
        self.asked.append(("save", step))

    def finish(self, step, images_seen):
        self.asked.append(("finish", step))


def counted(folder, *, steps=7, accident=None, settings=SETTINGS):
    processes, made = processes_of(settings), []

    def task(files):
        made.append(Counter(Recipe(steps=steps, warmup=0), settings, files, processes, accident=accident))
        return made[0]

    try:
        run = carry_out(task, folder, processes)
    except KeyboardInterrupt:
        run = None
    return run, made[0]


def test_what_a_task_is_asked_and_when(tmp_path, capfd):
    run, task = counted(tmp_path)
    assert task.asked == [
        ("evaluate", 0),
        ("evaluate", 3),
        ("save", 3),
        ("draw", 4),
        ("evaluate", 6),
        ("save", 6),
        ("evaluate", 7),
        ("save", 7),
        ("draw", 7),
        ("finish", 7),
    ]
    assert (run.step, run.images_seen) == (7, 21)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [(line["step"], line["loss/count"], line["told"]) for line in lines] == [
        (2, 1.5, 2),
        (4, 3.5, 4),
        (6, 5.5, 6),
    ]
    told = capfd.readouterr().err
    assert "before the first step  count 0" in told
    assert "step 3/7  count 3" in told


def test_an_interrupted_task_is_saved_and_finished_but_draws_nothing(tmp_path):
    def accident(step):
        if step == 4:
            signal.raise_signal(signal.SIGINT)

    run, task = counted(tmp_path, accident=accident)
    assert run is None
    assert task.asked[-2:] == [("save", 5), ("finish", 5)]
    run, task = counted(tmp_path)
    assert (run.step, int(task.count), run.images_seen) == (7, 7, 21)
    assert task.asked[0] == ("evaluate", 6)


def test_a_task_that_depends_on_something_else_is_another_run(tmp_path, monkeypatch):
    counted(tmp_path)
    monkeypatch.setattr(Counter, "depends_on", lambda self: {"start": 1})
    with pytest.raises(TenshoError, match="start 0, not 1"):
        counted(tmp_path)


def test_a_task_that_cannot_be_made_leaves_nothing(tmp_path):
    def refuse(files):
        raise TenshoError("no")

    with pytest.raises(TenshoError, match="no"):
        carry_out(refuse, tmp_path / "run", processes_of(SETTINGS))
    assert not list(tmp_path.iterdir())


def test_a_checkpoint_without_a_time_is_read(tmp_path):
    counted(tmp_path, steps=3)
    path = tmp_path / "checkpoint.safetensors"
    written = read_checkpoint(path)
    assert written is not None
    state = {key: value for key, value in written.state.items() if key != "seconds per step"}
    write_checkpoint(path, dataclasses.replace(written, state=state))
    run, _ = counted(tmp_path, steps=3)
    assert (run.step, run.seconds_per_step) == (3, 0)
