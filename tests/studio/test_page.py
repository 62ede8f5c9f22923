"""The page in a real browser: every tab does its work from an empty start, says what is wrong, and stays at home."""

import re

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from benchmarks.running_studio import CHROMIUM, running_studio

api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
PATIENCE = 120_000  # milliseconds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address():
    """Of a studio that runs as a person starts it, with an empty gallery."""
    with running_studio() as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser():
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address):
    """An empty page of the studio; at the end its console must be clean, and every request its own."""
    context = browser.new_context(base_url=address, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    faults, requests = [], []

    def listen(message):
        if message.type in ("error", "warning"):
            faults.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: faults.append(str(error)))
    context.on("request", lambda request: requests.append(request.url))
    yield page
    context.close()
    assert faults == []
    assert requests
    assert [url for url in requests if not url.startswith((f"{address}/", f"blob:{address}/"))] == []


def opened(page, tab):
    page.goto(f"/?tab={tab}")
    page.wait_for_selector("body[data-ready]")
    return page.locator(f"#{tab}")


def finished(panel):
    api.expect(panel.locator(".status")).to_have_text("", timeout=PATIENCE)


def test_dream_and_its_address_draws_the_same_again(page):
    panel = opened(page, "dream")
    panel.get_by_label("How many").fill("3")
    panel.get_by_label("Seed", exact=True).fill("11")
    panel.get_by_role("button", name="Dream").click()
    api.expect(panel.locator(".tile")).to_have_count(3, timeout=PATIENCE)
    finished(panel)
    drawn = panel.locator(".tile path").evaluate_all("paths => paths.map((path) => path.getAttribute('d'))")
    assert "seed=11" in page.url
    page.goto(page.url)
    api.expect(panel.locator(".tile")).to_have_count(3, timeout=PATIENCE)
    again = panel.locator(".tile path").evaluate_all("paths => paths.map((path) => path.getAttribute('d'))")
    assert again == drawn


def test_write(page):
    panel = opened(page, "write")
    panel.get_by_label("Meaning").fill("full moon")
    panel.get_by_label("How many").fill("2")
    page.keyboard.press("Enter")
    api.expect(panel.locator(".tile")).to_have_count(2, timeout=PATIENCE)
    api.expect(panel.locator(".says").first).to_contain_text("+")


def test_compose_by_clicking(page):
    panel = opened(page, "compose")
    panel.get_by_role("button", name=re.compile("⿰")).click()
    api.expect(panel.locator("#plan-says")).to_contain_text("2 more parts")
    for part in ("氵", "木"):
        panel.get_by_role("button", name=part, exact=True).click()
    api.expect(panel.locator("#plan .box")).to_have_count(2)
    api.expect(panel.locator("#plan-says")).to_contain_text("沐")
    panel.get_by_role("button", name="Compose").click()
    api.expect(panel.locator(".tile")).to_contain_text("is 沐", timeout=PATIENCE)


def test_ascii(page):
    panel = opened(page, "ascii")
    panel.get_by_label("Text", exact=True).fill("Hi")
    panel.get_by_label("Style").select_option("blocks")
    panel.get_by_role("button", name="Draw").click()
    api.expect(panel.locator("#art")).to_contain_text("█", timeout=PATIENCE)


def test_compare(page):
    panel = opened(page, "compare")
    panel.get_by_label("How many").fill("1")
    panel.get_by_role("button", name="Compare").click()
    finished(panel)
    api.expect(panel.get_by_role("heading", name="walkback", exact=True)).to_be_visible()
    assert panel.locator(".tile").count() == panel.get_by_role("heading").count() >= 2


def test_trajectory_frame_by_frame(page):
    panel = opened(page, "walk")
    panel.get_by_label("Cycles").fill("1")
    panel.get_by_role("button", name="Walk").click()
    api.expect(panel.locator(".tile")).to_have_count(1, timeout=PATIENCE)
    seen = set()
    for step in range(16):
        panel.get_by_label("Step").fill(str(step))
        seen.add(panel.locator("#clean").evaluate("canvas => canvas.toDataURL()"))
    assert len(seen) > 10
    api.expect(panel.locator("#step-says")).to_have_text("Cycle 1, step 16: noise 0.00")
    shades = panel.locator("#land").evaluate(
        "c => new Set(c.getContext('2d').getImageData(0, 360, 720, 1).data.filter((_, k) => k % 4 === 0)).size"
    )
    assert shades > 30


def test_keep_download_font_and_remove(page, tmp_path):
    panel = opened(page, "compose")
    panel.get_by_label("Description").fill("⿱山龍")
    page.keyboard.press("Enter")
    panel.locator(".tile").click()
    dialog = page.get_by_role("dialog")
    api.expect(dialog.locator(".nearest li")).to_have_count(5)
    for ending in ("PNG", "SVG"):
        with page.expect_download() as download:
            dialog.get_by_role("link", name=ending).click()
        download.value.save_as(tmp_path / f"glyph.{ending.lower()}")
    with Image.open(tmp_path / "glyph.png") as picture:
        assert picture.size == (512, 512)
    assert "<path" in (tmp_path / "glyph.svg").read_text()
    dialog.get_by_role("button", name="Keep").click()
    api.expect(dialog.get_by_role("button", name="Kept")).to_be_visible()
    page.keyboard.press("Escape")
    api.expect(dialog).to_be_hidden()
    page.get_by_role("tab", name="Gallery").click()
    gallery = page.locator("#gallery")
    gallery.get_by_label("Name of the font").fill("Mine")
    with page.expect_download() as download:
        gallery.get_by_role("button", name="Make a font").click()
    download.value.save_as(tmp_path / "mine.ttf")
    assert TTFont(tmp_path / "mine.ttf")["name"].getDebugName(1) == "Mine"
    gallery.locator(".tile").click()
    dialog.get_by_role("button", name="Remove").click()
    api.expect(gallery.locator(".status")).to_contain_text("Nothing yet")


@pytest.mark.parametrize(
    ("tab", "field", "wrong", "button", "message"),
    [
        ("dream", "How many", "65", "Dream", "from 1 to 64"),
        ("dream", "Seed", "-1", "Dream", "from 0"),
        ("write", "Meaning", "", "Write", "Write something"),
        ("compose", "Description", "⿰氵", "Compose", "1 more part"),
        ("ascii", "Text", "", "Draw", "Write something"),
    ],
)
def test_a_wrong_input_is_said_by_its_field(page, tab, field, wrong, button, message):
    panel = opened(page, tab)
    named = panel.get_by_label(field, exact=field in ("Seed", "Text"))
    named.fill(wrong)
    panel.get_by_role("button", name=button, exact=True).click()
    api.expect(named).to_have_attribute("aria-invalid", "true")
    api.expect(panel.locator(".field", has=page.get_by_label(field)).locator(".fault")).to_contain_text(
        message
    )
    api.expect(named).to_be_focused()


def test_tabs_by_arrow_keys_and_a_phone_without_sideways_scrolling(page):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, "dream")
    page.get_by_role("tab", name="Dream").focus()
    for name in ("Write", "Compose", "ASCII", "Compare", "Trajectory", "Gallery", "Dream"):
        page.keyboard.press("ArrowRight")
        api.expect(page.get_by_role("tab", name=name)).to_be_focused()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.go_back()
    api.expect(page.get_by_role("tab", name="Gallery")).to_have_attribute("aria-selected", "true")
