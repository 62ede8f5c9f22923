"""What ARCHITECTURE.md says is so: its files exist, and its example runs."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tensho.datasets.building import build
from tensho.datasets.glyph_set import open_glyphs
from tensho.fonts.faces import default_faces
from tensho.models.registry import FAMILIES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_files_that_it_names_exist():
    named = [name for name in re.findall(r"`((?:src|tests|tools)/[\w./]+)`", PAGE) if "NAME" not in name]
    assert len(named) > 15
    missing = [name for name in named if not (ROOT / name).exists()]
    assert not missing


def test_the_packages_that_it_names_are_the_packages():
    picture = PAGE.split("```")[1]
    named = set(re.findall(r"(\w+)/", picture))
    there = {path.parent.name for path in (ROOT / "src" / "tensho").glob("*/__init__.py")}
    assert named == there


def test_its_example_trains_a_family_and_draws(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    faces = [face for face in default_faces() if face.name == "sans-sc"]
    characters = "".join(map(chr, range(0x4E00, 0x4F00)))
    build(faces, size=32, folder=tmp_path / "glyphs-32", characters=characters, processes=1)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    module = ModuleType("architecture_example")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    try:
        exec(compile(example, "ARCHITECTURE.md", "exec"), module.__dict__)
    finally:
        FAMILIES.pop("average", None)
    real = open_glyphs(tmp_path / "glyphs-32").images
    drawn = module.glyphs.numpy()
    assert drawn.shape == (4, 1, 32, 32)
    assert drawn.mean() == pytest.approx(np.mean(real) / 255, abs=0.05)
