"""How the site is built: `make docs`, or `sphinx-build -W docs build/site`.

The tutorials are text notebooks; they are executed by every build, and what they draw is what the page shows. Nothing on
a page comes from another host: formulas become MathML, fonts are the reader's own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
for folder in ("docs/_extensions", "docs/tutorials", "src", "."):
    sys.path.insert(0, str(ROOT / folder))
# The kernels that execute the tutorials find this package and the tutorials' own module as the build does.
os.environ["PYTHONPATH"] = os.pathsep.join(
    [*(str(ROOT / folder) for folder in ("src", "docs/tutorials", ".")), os.environ.get("PYTHONPATH", "")]
)
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The reader's own profile of IPython changes nothing here, and kernels speak of errors alone.
profile = ROOT / "build/ipython/profile_default"
profile.mkdir(parents=True, exist_ok=True)
(profile / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 40\n")
os.environ["IPYTHONDIR"] = str(profile.parent)

from nbclient import NotebookClient  # noqa: E402

from tensho.version import __version__  # noqa: E402

project, author, copyright = "tensho", "The tensho authors", "2026, the tensho authors"
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "sphinx_copybutton",
    "mathml",
    "generated_pages",
    "notebooks",
]
exclude_patterns = ["_extensions", "shipped_files.md"]

html_theme = "furo"
html_title = "tensho 天書"
html_static_path = ["_static"]
html_css_files = ["house.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
html_math_renderer = "mathml"
pygments_style, pygments_dark_style = "friendly", "native"

myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline", "attrs_block"]
myst_heading_anchors = 3

NotebookClient.startup_timeout.default_value = 300  # a busy machine is slow to start one
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 1200  # a cell takes seconds; a busy machine gives few of them
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # the default is a script from another host

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False
napoleon_use_rtype = False

copybutton_prompt_text = r"\$ |>>> "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"
