"""What ships beside the code: each file has a licence and an origin, and somebody reads it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import tomlkit

from tensho.ascii_art.styles import NAMED_STYLES
from tensho.composition.atlas import atlas_names
from tensho.composition.outlines.store import SHIPPED_STYLES
from tensho.errors import TenshoError
from tensho.models import catalogue
from tools.shipped_files import CODE, PACKAGE, ROOT, TABLE, row_of, rows, shipped_data, table

LICENCES = ROOT / "LICENSES"


@pytest.fixture
def checkout(tmp_path):
    """A repository of one shipped file, with everything that is said of the real one."""
    shutil.copytree(LICENCES, tmp_path / "LICENSES")
    shutil.copy(ROOT / "REUSE.toml", tmp_path)
    atlas = PACKAGE / "composition/atlases/kai.zip"
    (tmp_path / atlas).parent.mkdir(parents=True)
    shutil.copy(ROOT / atlas, tmp_path / atlas)
    return tmp_path


def identifiers(expression):
    return set(expression.split(" AND "))


def test_every_shipped_file_has_a_row_and_the_page_is_made_of_them():
    assert len(shipped_data()) > 30
    assert table() == (ROOT / TABLE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["composition/extra.npz", "composition/atlases/new.zip", "weights/new.safetensors"]
)
def test_a_new_binary_without_a_row_fails(checkout, name):
    assert table(checkout)
    (checkout / PACKAGE / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / PACKAGE / name).write_bytes(b"\0")
    with pytest.raises(TenshoError, match=rf"{name} has no row"):
        table(checkout)
    linted = subprocess.run(
        [sys.executable, "-m", "reuse", "--root", str(checkout), "lint", "--lines"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert linted.returncode == 1
    assert f"{name}: no license" in linted.stdout


def test_outlines_of_noto_are_provided_for():
    row = row_of("src/tensho/composition/outlines/forms/sans-jp.npz", rows())
    assert "OFL-1.1" in identifiers(row.licence)
    with pytest.raises(TenshoError):
        row_of("src/tensho/composition/outlines/forms/deeper/sans-jp.npz", rows())


def test_the_wheel_is_under_the_licences_of_what_it_holds_and_brings_their_texts():
    project = tomlkit.parse((ROOT / "pyproject.toml").read_text(encoding="utf-8")).unwrap()["project"]
    known = rows()
    held = {"MIT"}.union(*(identifiers(row_of(path, known).licence) for path in shipped_data()))
    assert identifiers(project["license"]) == held
    assert {path.stem for path in LICENCES.iterdir()} == held
    assert set(project["license-files"]) == {"LICENSE", "NOTICE", "LICENSES/*.txt"}
    assert all((LICENCES / f"{name}.txt").stat().st_size > 1000 for name in held)


def test_an_atlas_says_of_itself_what_the_table_says():
    known = rows()
    for path in shipped_data():
        if path.endswith(".zip"):
            facts = json.loads(ZipFile(ROOT / path).read("face.json"))
            assert facts["licence"] in identifiers(row_of(path, known).licence), path


def test_weights_say_of_themselves_what_the_table_says():
    known = rows()
    for weights in catalogue.shipped():
        row = row_of(weights.path.relative_to(ROOT).as_posix(), known)
        assert weights.metadata.get("license", "MIT") in identifiers(row.licence)


def test_no_shipped_file_is_there_for_nobody():
    """Each is found by the code that reads files of its kind, or named by the one module that reads it."""
    read = {f"composition/atlases/{name}.zip" for name in atlas_names()}
    read |= {f"composition/outlines/forms/{style}.npz" for style in SHIPPED_STYLES}
    read |= {f"ascii_art/named_styles/{name}.txt" for name in NAMED_STYLES}
    for weights in catalogue.shipped():
        read.add(f"weights/{weights.name}.safetensors")
        if weights.family in ("brush", "composer"):
            read |= {f"weights/{path.name}" for path in weights.path.parent.glob(f"{weights.name}*.onnx")}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / PACKAGE).rglob("*.py")]
    for path in shipped_data():
        name = path.removeprefix(f"{PACKAGE.as_posix()}/")
        if name not in read:
            assert any(re.search(rf"[\"/]{re.escape(Path(name).name)}\"", source) for source in sources), name


def test_the_page_of_the_studio_asks_for_each_of_its_files():
    folder = ROOT / PACKAGE / "studio/page"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    for name in texts.keys() - {"index.html"}:
        assert any(name in text for other, text in texts.items() if other != name), name


def test_code_is_what_people_write():
    """What counts as code and needs no row can be read as text."""
    for path in (ROOT / PACKAGE).rglob("*"):
        if path.is_file() and path.suffix in CODE - {".pyc"}:
            path.read_text(encoding="utf-8")
