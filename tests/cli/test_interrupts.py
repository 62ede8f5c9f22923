import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from tensho.cli.interrupts import interruptible

SWALLOWS = """
import signal, time
try:
    signal.raise_signal(signal.SIGINT)
    time.sleep(0.2)
except BaseException:
    swallowed = True
"""


def test_an_interrupt_in_an_import_that_catches_everything_is_raised_after_it(tmp_path, monkeypatch):
    (tmp_path / "swallowing_module.py").write_text(SWALLOWS)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(KeyboardInterrupt), interruptible():
        import swallowing_module  # type: ignore[import-not-found]

        assert not hasattr(swallowing_module, "swallowed")
        time.sleep(10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_a_destructor_loses_is_raised_again():
    class Closes:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible():
        thing = Closes()
        del thing
        time.sleep(10)


def test_cleaning_up_behind_an_interrupt_is_not_interrupted():
    cleaned = []

    def work():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            time.sleep(0.7)  # longer than it takes until an interrupt counts as lost
            cleaned.append(True)

    with pytest.raises(KeyboardInterrupt), interruptible():
        work()
    assert cleaned == [True]


def test_elsewhere_it_is_raised_at_once():
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it went on")


def test_the_handlers_are_as_before():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)
    with interruptible():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGALRM)) == before


def test_other_threads_are_left_alone():
    ran = []

    def work():
        with interruptible():
            ran.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_ctrl_c_ends_a_command_whenever_it_comes(tmp_path, seconds):
    command = [sys.executable, "-m", "tensho", "dream", "-n", "5000", "-o", "many.png"]
    # A group of its own, as a terminal's Ctrl-C reaches a whole group.
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)  # the latter before the first line of tensho
    assert out == b""
    if process.returncode == 130:
        assert err == b""
    assert list(tmp_path.iterdir()) == []
