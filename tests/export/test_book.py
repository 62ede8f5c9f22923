from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from tensho.errors import TenshoError
from tensho.export.book import write_book
from tensho.export.typeface import Typeface, typeface
from tensho.sheet import Glyph


def test_a_book_is_text_in_its_own_embedded_font(made: Typeface, tmp_path: Path) -> None:
    write_book(made, tmp_path / "book.pdf", pages=10, seed=4)
    reader = PdfReader(tmp_path / "book.pdf")
    assert len(reader.pages) == 10
    drawn = {chr(code) for code in made.drawn}
    for number, page in enumerate(reader.pages, start=1):
        text = [char for char in page.extract_text() if not char.isspace()]
        assert set(text) <= drawn | set("。、")
        if 1 < number < 10:
            assert len(text) > 60
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]


def test_the_same_seed_prints_the_same_book(made: Typeface, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_book(made, tmp_path / f"{name}.pdf", pages=8, seed=seed)
    a, b, c = ((tmp_path / f"{name}.pdf").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed")
def test_pages_have_margins_and_the_title_page_a_red_seal(made: Typeface, tmp_path: Path) -> None:
    write_book(made, tmp_path / "book.pdf", pages=8)
    subprocess.run(
        ["pdftoppm", "-r", "50", "-png", str(tmp_path / "book.pdf"), str(tmp_path / "p")], check=True
    )
    pages = []
    for path in sorted(tmp_path.glob("p-*.png")):
        with Image.open(path) as image:
            pages.append(np.asarray(image.convert("RGB"), np.int64))
    assert len(pages) == 8
    for page in pages:
        rows, columns = np.nonzero(page.min(axis=2) < 200)
        height, width, _ = page.shape
        assert rows.min() > 0.08 * height
        assert rows.max() < 0.92 * height
        assert columns.min() > 0.05 * width
        assert columns.max() < 0.95 * width
    red = [((page[..., 0] - page[..., 1]) > 80).sum() for page in pages]
    assert red[0] > 200
    assert max(red[1:-1]) == 0
    assert red[-1] > 50


def test_what_makes_no_book_is_refused(made: Typeface, glyphs: list[Glyph], tmp_path: Path) -> None:
    with pytest.raises(TenshoError, match="must be 8 to 999"):
        write_book(made, tmp_path / "book.pdf", pages=7)
    with pytest.raises(TenshoError, match="make no book"):
        write_book(typeface(glyphs[:5]), tmp_path / "book.pdf")
    with pytest.raises(TenshoError, match="rename it"):
        write_book(made, tmp_path / "book.doc")
    (tmp_path / "file").touch()
    with pytest.raises(TenshoError, match="cannot write"):
        write_book(made, tmp_path / "file" / "book.pdf")
