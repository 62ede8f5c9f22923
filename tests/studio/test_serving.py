import socket

import pytest

from tensho.cli import main
from tensho.errors import TenshoError
from tensho.studio import serving


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    ("host", "port", "says"),
    [
        ("127.0.0.1", None, "is taken; choose another with --port"),
        ("256.1.1.1", "0", "cannot listen on 256.1.1.1"),
        ("127.0.0.1", "70000", "port"),
    ],
)
def test_a_place_that_cannot_be_listened_on_is_one_line(capsys, taken, host, port, says):
    with pytest.raises(SystemExit) as stopped:
        main(["studio", "--host", host, "--port", port or str(taken)])
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert err.startswith("tensho: error: ")
    assert err.count("\n") == 1
    assert says in err


@pytest.mark.parametrize(
    ("host", "warned"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True)]
)
def test_whoever_listens_to_others_is_warned(monkeypatch, host, warned):
    served: list[object] = []
    lines: list[str] = []
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: served.append(sockets))
    try:
        serving.serve(host, 0, served.append, warn=lines.append)
    except TenshoError as error:
        if host != "::1":
            raise
        pytest.skip(f"this machine has no IPv6: {error}")
    assert len(served) == 2
    assert bool(lines) == warned
    assert all("no password" in line for line in lines)
