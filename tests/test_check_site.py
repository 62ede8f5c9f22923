"""Broken links and requests to other hosts are found in a built site."""

from tools.check_site import faults


def test_what_is_wrong_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<link rel="stylesheet" href="house.css"><h1 id="top">A</h1><a href="b.html#there">b</a><a href="#top">up</a>'
        '<a href="https://example.org/x">elsewhere</a><img src="data:image/png;base64,AAAA">'
    )
    (tmp_path / "b.html").write_text('<p id="there"></p><a href="a.html">a</a>')
    (tmp_path / "house.css").write_text("body { color: black; }")
    assert list(faults(tmp_path)) == []
    (tmp_path / "b.html").write_text(
        '<a href="c.html">c</a><script src="https://cdn.example.org/x.js"></script>'
    )
    (tmp_path / "house.css").write_text("@import url('https://fonts.example.org/f.css');")
    found = "\n".join(faults(tmp_path))
    assert "b.html#there names a place that is not there" in found
    assert "c.html leads nowhere" in found
    assert "asks another host for https://cdn.example.org/x.js" in found
    assert "asks another host for https://fonts.example.org/f.css" in found
