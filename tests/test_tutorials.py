"""The lines of code that the tutorials set beside formulas are there; `make docs` executes all of them."""

import ast
import re
import sys
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).parent.parent / "docs" / "tutorials"
sys.path.insert(0, str(TUTORIALS))

from source_lines import bare_source, lines_with  # type: ignore[import-not-found]  # noqa: E402

_CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", re.M | re.S)


def code_of(tutorial):
    cells = [re.sub(r"^:tags:.*\n", "", cell) for cell in _CELL.findall(tutorial.read_text(encoding="utf-8"))]
    return ast.parse("\n".join(cells))


def imported(module):
    """What a tutorial imports of the package."""
    names: dict[str, object] = {}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tensho"):
            exec(compile(ast.Module([node], []), "tutorial", "exec"), names)
    return names


@pytest.mark.parametrize("tutorial", sorted(TUTORIALS.glob("*.md")), ids=lambda path: path.stem)
def test_lines_beside_formulas_are_in_the_code(tutorial):
    module = code_of(tutorial)
    names, found = imported(module), 0
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "beside":
            for row in node.args:
                said, of, piece = eval(compile(ast.Expression(row), "tutorial", "eval"), names)
                lines_with(of, piece)
                assert said.count("$") % 2 == 0
                found += 1
    assert found >= 3


def test_a_line_that_is_not_there_is_missed():
    with pytest.raises(ValueError, match="has 0 lines"):
        lines_with(lines_with, "elephant")
    with pytest.raises(ValueError, match="lines with"):
        lines_with(lines_with, "len(")


def test_source_without_docstring():
    assert '"""' not in bare_source(lines_with)
    assert bare_source(lines_with).startswith("def lines_with(")
