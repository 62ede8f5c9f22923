import ast
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensho.ascii_art.comments import LANGUAGES, check_language, commented
from tensho.errors import TenshoError

ART = [" /\\  *", "/==\\ \\"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_art_stands_in_the_comment(language):
    text = "\n".join(commented(ART, language))
    assert all(line in text for line in ART)


def test_comments_are_written_as_in_the_language():
    assert commented(ART, "python") == ["#  /\\  *", "# /==\\ \\"]
    assert commented(ART, "c") == ["/*", " *  /\\  *", " * /==\\ \\", " */"]
    assert commented(ART, "html") == ["<!--", *ART, "-->"]


@given(st.lists(st.text("".join(map(chr, range(32, 127)))), min_size=1))
def test_python_reads_nothing_but_what_follows(lines):
    assert ast.dump(ast.parse("\n".join([*commented(lines, "python"), "x = 1"]))) == ast.dump(
        ast.parse("x = 1")
    )


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no compiler")
@pytest.mark.parametrize(("language", "kind"), [("c", "c"), ("cpp", "c++")])
def test_what_follows_is_still_code(language, kind):
    source = "\n".join([*commented(ART, language), "int answer = 42;"])
    run = subprocess.run(
        ["gcc", "-x", kind, "-E", "-P", "-"], input=source, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["int", "answer", "=", "42;"]


@pytest.mark.parametrize(
    ("language", "line"), [("c", "*/"), ("html", "-->"), ("xml", "--"), ("java", "\\u"), ("php", "?>")]
)
def test_what_would_end_the_comment_is_refused(language, line):
    with pytest.raises(TenshoError, match=language):
        commented(["#", f"a{line}b"], language)


def test_html_ends_where_the_comment_ends():
    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.seen: list[str] = []

        def handle_starttag(self, tag, attributes):
            self.seen.append(tag)

    reader = Reader()
    reader.feed("\n".join([*commented(["<b>", "--"], "html"), "<i>"]))
    assert reader.seen == ["i"]


def test_an_unknown_language_is_refused():
    with pytest.raises(TenshoError, match="python"):
        check_language("klingon")
