"""Check a built site: every link inside it leads somewhere, and no page asks another host for anything.

    python -m tools.check_site build/site

Links to other hosts are for the reader to follow, and are only counted.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("source", "src"),
    ("iframe", "src"),
    ("video", "src"),
}
"""What a browser asks for without being told to by the reader."""

NOT_FETCHED = {"canonical", "next", "prev", "index", "search", "author", "genindex", "help", "top", "up"}
"""Relations of ``link`` that name a page."""

_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)")


@dataclass
class Page(HTMLParser):
    """What a page links to, and what can be linked to in it.

    Attributes:
        anchors: names of places in it.
        links: what the reader may follow.
        fetched: what the browser asks for by itself.
    """

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of the places and links of one tag."""
        said = {name: value for name, value in attrs if value}
        self.anchors |= {said[name] for name in ("id", "name") if name in said}
        for name, value in said.items():
            if (tag, name) in FETCHED and not set(said.get("rel", "").split()) & NOT_FETCHED:
                self.fetched.append(value)
            elif name == "href":
                self.links.append(value)


def read(path: Path) -> Page:
    """Read one page."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def faults(site: Path) -> Iterator[str]:
    """What is wrong with a site, a line for each."""
    pages = {path.resolve(): read(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for target in (*page.links, *page.fetched):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.fetched and parts.scheme != "data":
                    yield f"{path.relative_to(site.resolve())}: asks another host for {target}"
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = there / "index.html" if there.is_dir() else there
            if not there.exists():
                yield f"{path.relative_to(site.resolve())}: {target} leads nowhere"
            elif parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].anchors:
                yield f"{path.relative_to(site.resolve())}: {target} names a place that is not there"
    for sheet in site.rglob("*.css"):
        for target in _URL.findall(sheet.read_text(encoding="utf-8")):
            if urlsplit(target).netloc:
                yield f"{sheet.relative_to(site)}: asks another host for {target}"


def main() -> None:
    site = Path(sys.argv[1])
    found = list(faults(site))
    pages = [read(path) for path in site.rglob("*.html")]
    outside = {link for page in pages for link in page.links if urlsplit(link).netloc}
    links = sum(len(page.links) + len(page.fetched) for page in pages)
    print(
        f"{len(pages)} pages, {links:,} links, {len(outside)} other addresses to follow, {len(found)} faults"
    )
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
