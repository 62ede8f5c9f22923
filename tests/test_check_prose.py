"""Docstrings that leave something out and sentences that are too long are found."""

import pytest

from tools.check_prose import LONGEST, faults_of, public_functions, too_long


def faults(tmp_path, said, body="return pixels", signature="(pixels: NDArray[np.uint8], k: int)"):
    path = tmp_path / "module.py"
    path.write_text(f'__all__ = ["f"]\n\ndef f{signature}:\n    """{said}"""\n    {body}\n', encoding="utf-8")
    (function,) = public_functions(path)
    return list(faults_of(function))


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("Take pixels, uint8 (H, W), k times.", None),
        ("See `g`.", None),
        ("Take pixels, uint8 (H, W).", "what k is"),
        ("Take pixels of uint8, k times.", "no shape"),
        ("Take pixels (H, W), k times.", "neither type nor range"),
    ],
)
def test_parameters_shapes_and_types(tmp_path, said, missing):
    found = faults(tmp_path, said)
    assert found == [] if missing is None else missing in "\n".join(found)


def test_what_is_raised(tmp_path):
    body = "raise TenshoError('no')"
    assert "raises TenshoError" in faults(tmp_path, "Take k.", body, "(k: int)")[0]
    assert faults(tmp_path, "Take k. Raises TenshoError.", body, "(k: int)") == []


def test_what_is_not_public_is_not_asked(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("__all__ = []\n\ndef f(x):\n    return x\n")
    assert list(public_functions(path)) == []


def test_long_sentences():
    short, long = "word " * LONGEST, "word " * (LONGEST + 1)
    assert list(too_long(f"{short}. {short}: {short}.")) == []
    assert len(list(too_long(f"{long}."))) == 1
    assert list(too_long(f"```\n{long}\n```\n\n| {long} |\n")) == []
