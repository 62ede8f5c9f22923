import json

import pytest
from starlette.testclient import TestClient

from tensho.studio.app import create_app


class Visitor:
    """Talks to the studio as the page does."""

    def __init__(self, client):
        self.client = client

    def post(self, path, body):
        return self.client.post(path, json=body)

    def draw(self, tab, **settings):
        """All events of a drawing that is let in."""
        answer = self.post(f"/api/draw/{tab}", settings)
        assert answer.status_code == 200, answer.text
        return [json.loads(queue) for queue in answer.text.splitlines()]

    def glyphs(self, tab, **settings):
        events = self.draw(tab, **settings)
        assert events[-1] == {"event": "done"}, events[-1]
        return [event for event in events if event["event"] == "glyph"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def visitor(home):
    with TestClient(create_app(home=home), base_url="http://127.0.0.1") as client:
        yield Visitor(client)
