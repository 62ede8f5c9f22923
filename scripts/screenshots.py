"""Take the pictures of the studio in docs/ anew: `python -m scripts.screenshots` (needs playwright and Chromium)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.running_studio import CHROMIUM, running_studio

DOCS = Path(__file__).parent.parent / "docs"
PATIENCE, FADE = 180_000, 1500  # milliseconds
SIZES = {"": {"width": 1280, "height": 900}, "-phone": {"width": 390, "height": 844}}
TABS: dict[str, dict[str, object]] = {
    "dream": {"style": "song", "n": 16, "seed": 7},
    "write": {"meaning": "dragon in the rain", "style": "kai", "n": 4, "seed": 3},
    "compose": {"ids": "⿰氵龍", "style": "mincho", "seed": 0},
    "ascii": {"text": "Hello", "style": "brick", "seed": 0},
    "compare": {"n": 4, "seed": 1},
    "walk": {"cycles": 3, "seed": 2},
}
DARK = ("dream", "walk")


def opened(browser: Browser, address: str, size: str, tab: str, *, dark: bool = False) -> Page:
    """A page on which the tab has drawn what `TABS` says."""
    page = browser.new_page(viewport=SIZES[size], color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/?{urlencode({'tab': tab, **TABS.get(tab, {})})}")
    page.wait_for_selector("body[data-ready]")
    if tab in TABS:
        drawn = "#art" if tab == "ascii" else ".tile"
        expect(page.locator(f"#{tab}").locator(drawn).first).not_to_be_empty(timeout=PATIENCE)
        expect(page.locator(f"#{tab} .status")).to_have_text("", timeout=PATIENCE)
    if tab == "compose":
        expect(page.locator("#parts button").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(FADE)
    return page


def main() -> None:
    """Write them."""
    with running_studio() as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for size in SIZES:
            for tab in TABS:
                page = opened(browser, address, size, tab)
                page.screenshot(path=DOCS / f"studio-{tab}{size}.png")
                if tab == "dream":
                    for tile in page.locator("#dream .tile").all()[:6]:
                        tile.click()
                        dialog = page.get_by_role("dialog")
                        dialog.get_by_role("button", name="Keep").click()
                        expect(dialog.get_by_role("button", name="Kept")).to_be_visible()
                        page.keyboard.press("Escape")
                        expect(dialog).to_be_hidden()
                    page.locator("#dream .tile").nth(3).click()
                    page.wait_for_selector("dialog[open]")
                    page.screenshot(path=DOCS / f"studio-glyph{size}.png")
                page.close()
            page = opened(browser, address, size, "gallery")
            expect(page.locator("#gallery .tile").first).to_be_visible()
            page.screenshot(path=DOCS / f"studio-gallery{size}.png")
        for tab in DARK:
            opened(browser, address, "", tab, dark=True).screenshot(path=DOCS / f"studio-{tab}-dark.png")
        browser.close()


if __name__ == "__main__":
    main()
