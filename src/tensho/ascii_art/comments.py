"""A banner as a comment of a source file, in the syntax of its language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tensho.errors import TenshoError

__all__ = ["LANGUAGES", "check_language", "commented"]


class _Syntax(NamedTuple):
    """How a language writes comments.

    Attributes:
        prefix: of every line.
        opening, closing: lines around them, if there are any.
        ends: what must not stand in the comment, since it would end it or start something else.
        joins: whether a line that ends in a backslash takes the next one into the comment.
    """

    prefix: str
    opening: str = ""
    closing: str = ""
    ends: tuple[str, ...] = ()
    joins: bool = False


_HASH, _DASHES, _SEMICOLONS, _PERCENT = _Syntax("# "), _Syntax("-- "), _Syntax(";; "), _Syntax("% ")
_SLASHES = _Syntax("// ")
_BLOCK = _Syntax(" * ", "/*", " */", ("*/",))

_SYNTAXES: Mapping[str, _Syntax] = {
    "ada": _DASHES,
    "c": _BLOCK,
    "clojure": _SEMICOLONS,
    "cpp": _Syntax("// ", joins=True),
    "csharp": _SLASHES,
    "css": _BLOCK,
    "erlang": _PERCENT,
    "fortran": _Syntax("! "),
    "go": _SLASHES,
    "haskell": _DASHES,
    "html": _Syntax("", "<!--", "-->", ("-->", "--!>", "<!--")),
    "ini": _Syntax("; "),
    "java": _Syntax("// ", ends=("\\u",)),
    "javascript": _SLASHES,
    "julia": _HASH,
    "kotlin": _SLASHES,
    "lisp": _SEMICOLONS,
    "lua": _DASHES,
    "make": _Syntax("# ", joins=True),
    "perl": _HASH,
    "php": _Syntax("// ", ends=("?>",)),
    "python": _HASH,
    "r": _HASH,
    "ruby": _HASH,
    "rust": _SLASHES,
    "sh": _HASH,
    "sql": _DASHES,
    "swift": _SLASHES,
    "tcl": _Syntax("# ", joins=True),
    "tex": _PERCENT,
    "toml": _HASH,
    "typescript": _SLASHES,
    "vim": _Syntax('" '),
    "xml": _Syntax("", "<!--", "-->", ("--",)),
    "yaml": _HASH,
}

LANGUAGES = tuple(_SYNTAXES)
"""Languages whose comments are known."""


def check_language(language: str) -> None:
    """Raise a `TenshoError` that names the languages unless this is one of them."""
    if language not in _SYNTAXES:
        raise TenshoError(f"no comments of {language!r} are known; there are {', '.join(LANGUAGES)}")


def commented(lines: Sequence[str], language: str) -> list[str]:
    """The lines as a comment, without spaces at their ends.

    Raises:
        TenshoError: the language is not known, or the lines hold what would end the comment.
    """
    check_language(language)
    syntax = _SYNTAXES[language]
    for end in syntax.ends:
        if any(end in line for line in lines):
            raise TenshoError(
                f"the banner holds {end}, which a comment of {language} cannot; choose another style or layout"
            )
    inside = [(syntax.prefix + line).rstrip() for line in lines]
    if syntax.joins and inside and inside[-1].endswith("\\"):
        inside.append(syntax.prefix.rstrip())
    return [*filter(None, [syntax.opening]), *inside, *filter(None, [syntax.closing])]
