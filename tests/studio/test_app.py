import io

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from starlette.testclient import TestClient

import tensho
from tensho.api.styles import STYLE_NAMES
from tensho.sheet import Glyph
from tensho.studio.app import create_app
from tensho.studio.pictures import Recent

OUTSIDE = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "..",
    "0" * 16,
    "x" * 5000,
    "a%00b",
    "/etc/passwd",
]


def test_dreams_are_those_of_the_command_line(visitor):
    glyphs = visitor.glyphs("dream", model="brush", style="mincho", n=6, seed=5)
    sheet = tensho.dream(6, model="brush", style=STYLE_NAMES["mincho"], seed=5)
    assert [glyph["ids"] for glyph in glyphs] == [glyph.ids for glyph in sheet]
    assert [glyph["index"] for glyph in glyphs] == list(range(6))
    assert [glyph["svg"] for glyph in glyphs] == [glyph.svg() for glyph in sheet]


def test_a_composition_comes_with_its_facts_and_files(visitor):
    [glyph] = visitor.glyphs("compose", ids="⿰氵胡", seed=1)
    assert (glyph["character"], glyph["verdict"], glyph["nearest"][0]) == ("湖", "exists", ["湖", 0.0])
    png = visitor.client.get(f"/api/glyph/{glyph['id']}.png")
    assert "attachment" in png.headers["content-disposition"]
    with Image.open(io.BytesIO(png.content)) as picture:
        assert picture.size == (512, 512)
        assert np.asarray(picture).min() < 60
    svg = visitor.client.get(f"/api/glyph/{glyph['id']}.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text == glyph["svg"]


def test_writing_says_why(visitor):
    glyphs = visitor.glyphs("write", meaning="full moon", n=2)
    assert len(glyphs) == 2
    assert all(glyph["explanation"] for glyph in glyphs)


def test_comparing_shows_every_model_that_draws(visitor):
    events = visitor.draw("compare", n=1, seed=2)
    groups = [event["group"] for event in events if event["event"] == "group"]
    assert {"brush", "walkback"} <= set(groups)
    assert [event["group"] for event in events if event["event"] == "glyph"] == groups


def test_a_walk_ends_at_the_dream_of_its_seed(visitor):
    events = visitor.draw("walk", seed=4, cycles=10)
    frames = [event for event in events if event["event"] == "frame"]
    assert len(frames) == 160
    assert [frame["level"] for frame in frames[:8]] == sorted(frame["level"] for frame in frames[:8])
    [arrived] = [event for event in events if event["event"] == "glyph"]
    assert arrived["svg"] == tensho.dream(1, model="walkback", seed=4)[0].svg()


def test_the_land_has_valleys_where_characters_are(visitor):
    land = visitor.client.get("/api/landscape").json()
    assert len(land["landmarks"]) > 20
    assert all(abs(x) < land["reach"] and abs(y) < land["reach"] for _, x, y in land["landmarks"])


def test_exact_lettering_needs_no_weights(visitor):
    events = visitor.draw("ascii", text="Hi", style="blocks", width=40)
    art = events[-2]["text"]
    assert events[-1] == {"event": "done"}
    assert set(art) <= set(" ▀▄█\n")
    assert max(map(len, art.splitlines())) <= 40


def test_a_plan_follows_the_typing(visitor):
    def plan(ids):
        return visitor.post("/api/plan", {"ids": ids}).json()

    assert "1 more part" in plan("⿰氵")["message"]
    whole = plan("⿰氵胡")
    assert whole["boxes"][0]["part"] == "氵"
    assert whole["exists"] == ["湖"]
    assert all(0 <= edge <= 1 for box in whole["boxes"] for edge in box["box"])


def test_parts_come_as_drawings(visitor):
    found = visitor.client.get("/api/parts").json()
    assert [operator["char"] for operator in found["operators"]] == list("⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻")
    assert all(part["svg"].startswith("<svg") for part in found["parts"])


@pytest.mark.parametrize(
    ("tab", "settings", "field"),
    [
        ("dream", {"n": 65}, "n"),
        ("dream", {"seed": -1}, "seed"),
        ("dream", {"model": "../../etc/passwd"}, "model"),
        ("dream", {"style": "nobody's"}, "style"),
        ("write", {"meaning": "x" * 201}, "meaning"),
        ("write", {}, "meaning"),
        ("compose", {"ids": "⿰氵"}, "ids"),
        ("compose", {"ids": "㇯氵一"}, "ids"),
        ("ascii", {"text": "x" * 81}, "text"),
        ("ascii", {"text": "Hi", "width": 5}, "width"),
        ("compare", {"n": 9}, "n"),
        ("walk", {"cycles": 0}, "cycles"),
    ],
)
def test_a_wrong_value_is_refused_before_the_line(visitor, tab, settings, field):
    answer = visitor.post(f"/api/draw/{tab}", settings)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"n": NaN}', "application/json", 422),
        (b'{"nothing": 1}', "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b" " * 20_000, "application/json", 413),
        (b'{"n": 1}', "text/plain", 415),
        (b"n=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_no_request_is_refused(visitor, content, kind, status):
    answer = visitor.client.post("/api/draw/dream", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert set(answer.json()) == {"field", "message"}


def test_addresses_that_are_not_there(visitor):
    client = visitor.client
    assert visitor.post("/api/draw/nothing", {}).status_code == 404
    assert client.get("/api/nothing").status_code == 404
    assert client.put("/api/gallery").status_code == 405


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:80", "localhost", "LOCALHOST:7860", "[::1]:7860", "192.168.0.7"]
)
def test_the_studio_answers_to_its_own_names(visitor, host):
    assert visitor.client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[", "a@localhost", "1.2.3.4.5"],
)
def test_a_page_that_lets_its_own_name_resolve_to_this_machine_gets_nothing(visitor, host):
    for path in ("/", "/api/studio"):
        assert visitor.client.get(path, headers={"Host": host}).status_code == 400


def test_a_name_can_be_allowed(home):
    client = TestClient(create_app(home=home, hosts=["draw.example.org"]), base_url="http://draw.example.org")
    assert client.get("/").status_code == 200
    assert client.get("/", headers={"Host": "other.example.org"}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8080"},
    ],
)
def test_a_page_from_elsewhere_starts_no_work(visitor, headers):
    for method, path in (
        ("GET", "/api/landscape"),
        ("GET", "/api/parts"),
        ("POST", "/api/plan"),
        ("POST", "/api/draw/dream"),
        ("POST", "/api/gallery/font.ttf"),
        ("DELETE", "/api/gallery/0123456789abcdef"),
    ):
        assert visitor.client.request(method, path, headers=headers).status_code == 403
    assert visitor.client.get("/", headers=headers).status_code == 200  # by a link


def test_the_own_page_is_let_in(visitor):
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1"}
    assert visitor.client.get("/api/studio", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/gallery/font.ttf", "/api/plan", "/api/draw/dream"])
def test_what_computes_is_no_address_that_a_picture_could_have(visitor, path):
    assert visitor.client.get(path).status_code in (404, 405)


def test_the_page_comes_from_here_alone(visitor):
    answer = visitor.client.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    for name in ("style.css", "page.js", "icon.svg"):
        assert visitor.client.get(f"/{name}").status_code == 200


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_path_from_outside_reaches_the_disk(visitor, home, name):
    (home / "secret.json").write_text("{}")
    client = visitor.client
    page = client.get("/").content
    for path in (f"/api/gallery/{name}.png", f"/api/glyph/{name}.svg", f"/api/gallery/../{name}", f"/{name}"):
        answer = client.get(path)  # what climbs no higher than the root is the page
        assert answer.status_code in (400, 404, 405) or answer.content == page
    assert client.delete(f"/api/gallery/{name}").status_code in (400, 404, 405)
    assert visitor.post("/api/gallery", {"glyph": name}).status_code in (404, 422)
    assert (home / "secret.json").read_text() == "{}"


def test_the_gallery_keeps_shows_exports_and_forgets(visitor, home):
    client = visitor.client
    assert client.get("/api/gallery").json() == []
    assert visitor.post("/api/gallery/font.ttf", {"family": "Mine"}).status_code == 409
    drawn = [glyph for ids in ("⿰氵龍", "⿱艹龍") for glyph in visitor.glyphs("compose", ids=ids)]
    names = [visitor.post("/api/gallery", {"glyph": glyph["id"]}).json()["id"] for glyph in drawn]
    kept = client.get("/api/gallery").json()
    assert [entry["ids"] for entry in kept] == ["⿱艹龍", "⿰氵龍"]
    assert client.get(f"/api/gallery/{names[0]}.svg").text.startswith("<svg")
    with Image.open(home / "gallery" / f"{names[0]}.png") as picture:
        assert picture.size == (128, 128)
    font = visitor.post("/api/gallery/font.otf", {"family": "Mine 天"})
    made = TTFont(io.BytesIO(font.content))
    assert made["name"].getDebugName(1) == "Mine 天"
    assert {ord("瀧"), ord("蘢")} <= made.getBestCmap().keys()
    assert visitor.post("/api/gallery/font.ttf", {"family": "x" * 32}).json()["field"] == "family"
    for name in names:
        assert client.delete(f"/api/gallery/{name}").status_code == 204
    assert client.delete(f"/api/gallery/{names[0]}").status_code == 404
    assert client.get("/api/gallery").json() == []


def test_damaged_files_are_left_out(visitor, home):
    (home / "gallery").mkdir(exist_ok=True)
    (home / "gallery" / "0123456789abcdef.json").write_text("[]")
    (home / "gallery" / "notes.json").write_text("mine")
    assert visitor.client.get("/api/gallery").json() == []
    assert visitor.client.get("/api/gallery/0123456789abcdef.png").status_code == 404


def test_what_was_shown_is_remembered_bit_for_bit():
    recent, glyphs = Recent(), []
    for k in range(3):
        ink = np.random.default_rng(k).random((20, 30), dtype=np.float32)
        glyphs.append(Glyph(ink, model="m", seed=k, index=4, ids="⿰氵龍"))
    names = [recent.add(glyph) for glyph in glyphs]
    for name, glyph in zip(names, glyphs, strict=True):
        kept = recent.get(name)
        assert kept is not None
        np.testing.assert_array_equal(kept.array, glyph.array)
        assert (kept.model, kept.seed, kept.index, kept.ids) == ("m", glyph.seed, 4, "⿰氵龍")
    assert recent.get("nothing") is None
