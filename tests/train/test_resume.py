"""A run that was stopped, in whatever way, ends as one that was not."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tensho.errors import TenshoError
from tensho.models.weight_file import read_weights
from tensho.train.checkpoint import read_checkpoint
from tests.train.toy import RECIPE, ToyConfig, ToyData, ToyDenoiser, program, run

SERVER = multiprocessing.get_context("forkserver")
"""Where the toy's processes come from: a clean one that has imported it, which takes seconds, once for all of them."""
SERVER.set_forkserver_preload(["tests.train.toy"])


def start(folder: Path, *flags: str, processes: int = 1) -> list[ForkServerProcess]:
    """Start the toy as a program of one or several processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = []
    for rank in range(processes):
        environment = {}
        if processes > 1:
            environment = {
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
                "WORLD_SIZE": str(processes),
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "LOCAL_WORLD_SIZE": str(processes),
            }
        started.append(SERVER.Process(target=program, args=([str(folder), *flags], environment)))
        started[-1].start()
    return started


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.02)


def finish(started: list[ForkServerProcess]) -> list[int | None]:
    """Exit codes; processes whose companion was killed are killed too, as a launcher would."""
    while any(process.is_alive() for process in started):
        if any(process.exitcode == -signal.SIGKILL for process in started):
            for process in started:
                process.kill()
        time.sleep(0.02)
    return [process.exitcode for process in started]


def assert_same_run(folder: Path, reference: Path) -> None:
    ours, theirs = (read_checkpoint(place / "checkpoint.safetensors") for place in (folder, reference))
    assert ours is not None
    assert theirs is not None
    assert ours.tensors.keys() == theirs.tensors.keys()
    assert {name.partition("/")[0] for name in ours.tensors} == {"model", "average", "optimizer"}
    for name, tensor in ours.tensors.items():
        assert torch.equal(tensor, theirs.tensors[name]), name
    untimed = {"elapsed": 0, "seconds per step": 0}
    assert {**ours.state, **untimed} == {**theirs.state, **untimed}
    assert_same_weights(folder / "weights.safetensors", reference / "weights.safetensors")
    assert log_of(folder) == log_of(reference)
    assert scalar_steps(folder) == scalar_steps(reference)
    assert not list(folder.rglob(".*"))


def assert_same_weights(path: Path, reference: Path) -> None:
    (tensors, metadata), (expected, expected_metadata) = read_weights(path), read_weights(reference)
    assert metadata == expected_metadata
    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in tensors.items())


def log_of(folder: Path) -> list[dict[str, float]]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in ("minutes", "images per second")} for line in lines]


def scalar_steps(folder: Path) -> list[int]:
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    return [event.step for event in events.Scalars("learning_rate/" + next(iter(optimizers(folder))))]


def optimizers(folder: Path) -> set[str]:
    checkpoint = read_checkpoint(folder / "checkpoint.safetensors")
    assert checkpoint is not None
    return set(checkpoint.state["skipped in a row"])


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    former = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(former)


def test_killed_in_a_step(tmp_path):
    run(tmp_path / "whole")
    assert finish(start(tmp_path / "killed", "--die-in-step", "6")) == [-signal.SIGKILL]
    assert [line["step"] for line in log_of(tmp_path / "whole")] == list(range(1, 13))
    run(tmp_path / "killed")
    assert_same_run(tmp_path / "killed", tmp_path / "whole")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("family", ["toy", "toygan"])
def test_stopped_by_an_error_and_started_again(tmp_path, family, precision):
    run(tmp_path / "whole", family=family, precision=precision)

    class Accident(Exception):
        pass

    class FragileData(ToyData):
        remaining = 0

        def batch(self, indices):
            self.remaining -= 1
            if self.remaining == 0:
                raise Accident
            return super().batch(indices)

    data = FragileData()
    for data.remaining in (1, 3, 7):
        with pytest.raises(Accident):
            run(tmp_path / "broken", family=family, precision=precision, data=data)
    run(tmp_path / "broken", family=family, precision=precision, data=data)
    assert_same_run(tmp_path / "broken", tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_killed_again_and_again(tmp_path, precision):
    run(tmp_path / "whole", precision=precision)
    accidents = (
        ("--die-in-step", "0"),
        ("--die-writing", "checkpoint", "1"),
        ("--die-writing", "checkpoint", "2"),
        ("--die-in-step", "5"),
        ("--die-writing", "weights", "1"),
        ("--die-in-step", "11"),
        ("--die-writing", "weights", "1"),
    )
    for accident in accidents:
        command = start(tmp_path / "killed", "--precision", precision, *accident)
        assert finish(command) == [-signal.SIGKILL], accident
    run(tmp_path / "killed", precision=precision)
    assert_same_run(tmp_path / "killed", tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.05, 0.31, 0.62])
def test_killed_at_any_instant(tmp_path, delay):
    run(tmp_path / "whole", steps=40)
    (process,) = start(tmp_path / "killed", "--steps", "40", "--slow")
    wait_for(tmp_path / "killed" / "log.jsonl")
    time.sleep(delay)
    process.kill()
    assert finish([process]) == [-signal.SIGKILL]
    run(tmp_path / "killed", steps=40)
    assert_same_run(tmp_path / "killed", tmp_path / "whole")


@pytest.mark.slow
def test_two_processes_killed(tmp_path):
    assert finish(start(tmp_path / "whole", processes=2)) == [0, 0]
    assert -signal.SIGKILL in finish(start(tmp_path / "killed", "--die-in-step", "6", processes=2))
    assert -signal.SIGKILL in finish(
        start(tmp_path / "killed", "--die-writing", "checkpoint", "1", processes=2)
    )
    assert finish(start(tmp_path / "killed", processes=2)) == [0, 0]
    assert_same_run(tmp_path / "killed", tmp_path / "whole")
    with pytest.raises(TenshoError, match="processes 2, not 1"):
        run(tmp_path / "whole")


@pytest.mark.slow
def test_two_processes_are_one_with_twice_the_batch(tmp_path):
    flags = ("--without-noise",)
    assert finish(start(tmp_path / "two", *flags, processes=2)) == [0, 0]
    run(tmp_path / "one", config=ToyConfig(noise=0.0, normalise=False), batch_size=2 * RECIPE.batch_size)
    two, one = (read_checkpoint(tmp_path / name / "checkpoint.safetensors") for name in ("two", "one"))
    assert two is not None
    assert one is not None
    for name, tensor in one.tensors.items():
        torch.testing.assert_close(two.tensors[name], tensor, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_step_and_saves(tmp_path, number, monkeypatch):
    run(tmp_path / "whole")

    def interrupted(step):
        if step == 5:
            os.kill(os.getpid(), number)

    handler = signal.getsignal(number)
    monkeypatch.setattr(ToyDenoiser, "before_step", staticmethod(interrupted))
    with pytest.raises(KeyboardInterrupt, match="after step 6"):
        run(tmp_path / "stopped")
    assert signal.getsignal(number) is handler
    stopped = read_checkpoint(tmp_path / "stopped" / "checkpoint.safetensors")
    assert stopped is not None
    assert stopped.state["step"] == 6
    monkeypatch.undo()
    run(tmp_path / "stopped")
    assert_same_run(tmp_path / "stopped", tmp_path / "whole")


@pytest.mark.slow
def test_a_signal_to_one_of_two_processes_stops_both(tmp_path):
    assert finish(start(tmp_path / "whole", processes=2)) == [0, 0]
    started = start(tmp_path / "stopped", "--slow", processes=2)
    wait_for(tmp_path / "stopped" / "log.jsonl")
    time.sleep(0.3)
    os.kill(started[1].pid or 0, signal.SIGINT)
    assert finish(started) == [130, 130]
    assert finish(start(tmp_path / "stopped", processes=2)) == [0, 0]
    assert_same_run(tmp_path / "stopped", tmp_path / "whole")


def test_running_again_after_the_end_changes_nothing(tmp_path):
    run(tmp_path / "once")
    for _ in range(2):
        trained = run(tmp_path / "twice")
        assert (trained.steps, trained.images_seen, trained.skipped) == (12, 48, 0)
    assert_same_run(tmp_path / "twice", tmp_path / "once")


def test_a_longer_run_goes_on(tmp_path):
    run(tmp_path)
    assert run(tmp_path, steps=15).steps == 15
    assert [line["step"] for line in log_of(tmp_path)] == list(range(1, 16))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 1}, "seed 0, not 1"),
        ({"batch_size": 5}, "batch size 4, not 5"),
        ({"precision": "bf16"}, "precision fp32, not bf16"),
        ({"family": "toygan"}, "family toy, not toygan; use"),
        ({"config": ToyConfig(features=5)}, "features 4, not 5"),
        ({"data": ToyData(23)}, "data set [0-9a-f]{16}, not [0-9a-f]{16};"),
    ],
)
def test_another_run_is_refused(tmp_path, changes, message):
    run(tmp_path, steps=1)
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    with pytest.raises(TenshoError, match=message):
        run(tmp_path, **changes)
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty", "a pickle"])
def test_a_damaged_checkpoint_is_refused(tmp_path, damage):
    run(tmp_path, steps=1)
    path = tmp_path / "checkpoint.safetensors"
    whole = path.read_bytes()
    broken = {
        "truncated": whole[:-9],
        "altered": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
        "empty": b"",
        "a pickle": b"\x80\x04\x95\x00\x00\x00",
    }
    path.write_bytes(broken[damage])
    with pytest.raises(TenshoError, match=r"checkpoint.safetensors is damaged; remove it"):
        run(tmp_path)
    assert path.read_bytes() == broken[damage]
