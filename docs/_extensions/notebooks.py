"""Every tutorial as a notebook: written beside the pages, with the modules that the notebooks import, and all in one archive."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import jupytext
from sphinx.application import Sphinx

FOLDER, ARCHIVE, MODULES = "notebooks", "tensho-notebooks.zip", ("beside.py", "source_lines.py")


def write_notebooks(app: Sphinx, failure: Exception | None) -> None:
    """Convert each text notebook of the tutorials; the pages link to these files."""
    if failure is not None or app.builder.format != "html":
        return
    source, out = Path(app.srcdir) / "tutorials", Path(app.outdir) / FOLDER
    out.mkdir(exist_ok=True)
    for page in sorted(source.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if "jupytext:" in text:
            # The site's own link to the notebook means nothing inside it.
            notebook = jupytext.reads(text.replace(link_of(page), ""), fmt="md:myst")
            jupytext.write(notebook, out / f"{page.stem}.ipynb")
    for module in MODULES:
        shutil.copy(source / module, out / module)
    files = sorted([*out.glob("*.ipynb"), *(out / module for module in MODULES)])
    with zipfile.ZipFile(out / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"tensho-notebooks/{file.name}")


def link_of(page: Path) -> str:
    """What a tutorial says to be had as a notebook."""
    return (
        f'<p class="notebook"><a href="../{FOLDER}/{page.stem}.ipynb" download>This page as a notebook</a>; '
        f'<a href="../{FOLDER}/{ARCHIVE}" download>all six</a></p>\n'
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
