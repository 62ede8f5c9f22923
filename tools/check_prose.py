"""Check that what people read can be read: docstrings of the public functions say what they must, and sentences are short.

    python -m tools.check_prose

A public function is one that `tensho` or a module of `tensho.api` lists in ``__all__``, or a public method of a class listed there. Its
docstring names every parameter, gives the shape and the type or range of arrays, and says what the function itself raises; or it
refers to one that does (see `that`). Sentences of the site, of README.md and of these docstrings have at most `LONGEST` words.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.documented_commands import ROOT, pages

LONGEST = 40
"""Words of a sentence, at most."""

API = ("src/tensho/api", "src/tensho/sheet.py", "src/tensho/errors.py", "src/tensho/lookup/verdict.py")
"""Where what is public is defined."""

_ARRAY = re.compile(r"NDArray|Tensor|ArrayLike")
_SHAPE = re.compile(r"\((?:[A-Z]\w*|\d+|n|len\([^)]*\)|…|\w+(?=,))(?:, ?(?:\w+|…))*,?\)")
_TYPE = re.compile(r"float(?:32|64)?|u?int\d*|bool|in \[")
_REFERENCE = re.compile(r"\b[Ss]ee `|\b[Aa]s `|\b[Ss]ame as `")
_CODE = re.compile(r"```.*?```|^---\n.*?^---\n", re.M | re.S)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True)
class Function:
    """A public function or method and where it is."""

    path: Path
    node: ast.FunctionDef | ast.AsyncFunctionDef
    name: str

    @property
    def said(self) -> str:
        """Its docstring, without indentation."""
        return ast.get_docstring(self.node) or ""


def public_functions(path: Path) -> Iterator[Function]:
    """What a module makes public."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    listed = {
        name
        for node in module.body
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
        for name in ast.literal_eval(node.value)
    }
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in listed:
            yield Function(path, node, node.name)
        elif isinstance(node, ast.ClassDef) and node.name in listed:
            for inner in node.body:
                overloaded = isinstance(inner, ast.FunctionDef) and any(
                    isinstance(d, ast.Name) and d.id == "overload" for d in inner.decorator_list
                )
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_") and not overloaded:
                    yield Function(path, inner, f"{node.name}.{inner.name}")


def faults_of(function: Function) -> Iterator[str]:
    """What its docstring does not say."""
    said, node = function.said, function.node
    if not said:
        yield "has no docstring"
        return
    refers = bool(_REFERENCE.search(said))
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [each for each in (node.args.vararg, node.args.kwarg) if each is not None]
    for argument in arguments:
        name = argument.arg
        if name not in ("self", "cls") and not refers and not re.search(rf"\b{name}\b", said):
            yield f"does not say what {name} is"
    annotations = [a.annotation for a in arguments if a.annotation is not None]
    annotations += [] if node.returns is None else [node.returns]
    if any(_ARRAY.search(ast.unparse(each)) for each in annotations) and not refers:
        if not _SHAPE.search(said):
            yield "gives no shape of an array, such as (H, W)"
        if not _TYPE.search(said):
            yield "gives neither type nor range of an array, such as float32 in [0, 1]"
    for name in sorted(_raised(node)):
        if name not in said and not refers:
            yield f"raises {name}, and does not say so"


def _raised(node: ast.AST) -> set[str]:
    """Names of what a function itself raises, not what it calls."""
    found = set()
    for each in ast.walk(node):
        if (
            isinstance(each, ast.Raise)
            and isinstance(each.exc, ast.Call)
            and isinstance(each.exc.func, ast.Name)
        ):
            found.add(each.exc.func.id)
    return found


def sentences(text: str) -> Iterator[str]:
    """The sentences of a page or a docstring, without code, tables, headings and pictures."""
    text = re.sub(
        r"^\s*(?:Args|Raises|Returns|Attributes|Yields):\s*$", "", _CODE.sub("\n\n", text), flags=re.M
    )
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]*>|\$\$.*?\$\$|``[^`]*``|`[^`]*`|\$[^$]*\$", " x ", text, flags=re.S)
    for paragraph in re.split(r"\n\s*\n|^\s*(?:[-*]|\d+\.)\s|^\s+\w[\w, ]*:\s(?=\S)", text, flags=re.M):
        lines = [
            line
            for line in paragraph.splitlines()
            if not line.lstrip().startswith(("|", "#", ":::", "===", "{"))
        ]
        for sentence in re.split(r"(?<=[.!?:;])\s+", " ".join(lines)):
            yield sentence.strip()


def too_long(text: str) -> Iterator[str]:
    """The sentences of more than `LONGEST` words, each by its beginning."""
    for sentence in sentences(text):
        count = len(_WORD.findall(sentence))
        if count > LONGEST:
            yield f"a sentence of {count} words: {sentence[:70]}…"


def main() -> None:
    found, functions = [], 0
    for place in API:
        path = ROOT / place
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for function in public_functions(module):
                functions += 1
                where = f"{module.relative_to(ROOT)}:{function.node.lineno}: {function.name}"
                found += [f"{where} {fault}" for fault in (*faults_of(function), *too_long(function.said))]
    for page in pages():
        found += [
            f"{page.relative_to(ROOT)}: {fault}" for fault in too_long(page.read_text(encoding="utf-8"))
        ]
    if found:
        sys.exit("\n".join(found))
    print(
        f"{functions} public functions and {len(pages())} pages say what they must, in sentences of up to {LONGEST} words"
    )


if __name__ == "__main__":
    main()
