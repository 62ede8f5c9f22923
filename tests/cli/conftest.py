import pytest

from tensho.cli import main


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs the command in an empty folder; returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return stopped.value.code, captured.out, captured.err

    return run


@pytest.fixture
def says_one_line():
    """Checks that a command that came out so refused in one line, which it returns."""

    def says_one_line(code, out, err):
        assert (code, out) == (2, "")
        assert err.startswith("tensho: error: ")
        assert err.count("\n") == 1
        return err

    return says_one_line
