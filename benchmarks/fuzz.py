"""Hostile input: does anything but a refusal in one line come of it, and does it end in time and memory?

    python -m benchmarks.fuzz parsers [--executions 1000000] [--seed 0] [--only NAME …]
    python -m benchmarks.fuzz coverage NAME [--executions 100000]    (with atheris, which follows the branches that it takes)
    python -m benchmarks.fuzz fonts [--count 2000]
    python -m benchmarks.fuzz weights [--count 2000]

Inputs are made from small valid ones by a fixed seed: bits flipped, bytes set, pieces cut, doubled, repeated thousands of
times, spliced, and words put in that the format gives a meaning. Each is given to the reader in a process that is forked from
this one, with at most 2 GB of memory beyond what it has at first, 10 seconds of the processor for each input and two minutes
of the clock. What is no `TenshoError` is a finding: another exception, a crash, a time-out. Findings are printed with the
input, in base64, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import io
import json
import mmap
import os
import pickle
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import numpy as np
from PIL import Image

from tensho.errors import TenshoError

MEMORY, SECONDS, PATIENCE = 2 << 30, 10.0, 120.0
"""Bytes beyond those at first, seconds of the processor for an input, seconds of the clock without a sign of life."""

LONGEST = 200_000
"""Bytes of an input."""

Reader = Callable[[bytes], object]


class Target(NamedTuple):
    """What reads, valid inputs to begin with, and words of the format."""

    read: Reader
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()
    share: float = 1.0  # of the executions, by how fast it is


class TooSlow(BaseException):
    pass


def mutated(random_: random.Random, target: Target) -> bytes:
    """One input."""
    data = bytearray(random_.choice(target.seeds))
    for _ in range(random_.choice((1, 1, 2, 3, 5, 9))):
        place = random_.randrange(len(data) + 1)
        end = min(len(data), place + random_.choice((1, 2, 4, 16, 256)))
        kind = random_.randrange(9)
        if kind == 0 and data:
            k = random_.randrange(len(data))
            data[k] ^= 1 << random_.randrange(8)
        elif kind == 1 and data:
            data[random_.randrange(len(data))] = random_.choice((0, 1, 0x7F, 0x80, 0xFF, 0x20, 0x0A))
        elif kind == 2:
            del data[place:]
        elif kind == 3:
            del data[place:end]
        elif kind == 4:
            data[place:place] = data[place:end]
        elif kind == 5:
            piece = bytes(data[place:end]) or b"\0"
            data[place:place] = piece * random_.choice((10, 100, 10_000 // len(piece) + 1))
        elif kind == 6:
            other = random_.choice(target.seeds)
            cut = random_.randrange(len(other) + 1)
            data[place:] = other[cut:]
        elif kind == 7 and target.words:
            data[place:place] = random_.choice(target.words)
        elif end - place >= 2:
            width = random_.choice((2, 4, 8))
            number = random_.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, random_.getrandbits(63)))
            order = random_.choice(("<", ">"))
            code = {2: "H", 4: "I", 8: "Q"}[width]
            data[place : place + width] = struct.pack(order + code, number & ((1 << (8 * width)) - 1))
    return bytes(data[:LONGEST])


def text_of(data: bytes) -> str:
    """Bytes as text, lone surrogates included."""
    return (
        data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace")
        if _whole(data)
        else data.decode("latin-1")
    )


def _whole(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def beside(name: str, read: Callable[[Path], object]) -> Reader:
    """A reader of bytes from one of a file, which is in memory."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None, prefix="fuzz-"))
    path = folder / name

    def of_bytes(data: bytes) -> object:
        path.write_bytes(data)
        return read(path)

    return of_bytes


def parsers() -> dict[str, Target]:
    """All readers of small inputs."""
    from tensho.ascii_art.reference import read_reference
    from tensho.datasets.mnist_cifar import cifar10, mnist
    from tensho.export.images import read_images
    from tensho.fonts.image_folder import load_images
    from tensho.fonts.ink_picture import read_ink
    from tensho.ids.as_found.lenient import read_description, read_pattern
    from tensho.ids.as_found.tables import read_lines
    from tensho.ids.syntax import parse, to_string
    from tensho.models.catalogue import Weights
    from tensho.models.weight_file import read_metadata
    from tensho.studio.fields import SEED, Choice, Number, Refusal, Text, parsed, read
    from tensho.studio.origins import is_own_host
    from tensho.text.figlet_font import parse_figlet_font

    operators = "⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻⿼⿽⿾⿿㇯〾"
    marks = "①⑳？?〓□↔↷⊖→[]()［］{}&;^$#.\t\u3000\ufeff\ufe00\U000e0100\u200b\ud800\U0003fffd\uf900氵龍"
    words = [char.encode("utf-8", "surrogatepass") for char in operators + marks]
    words += [
        b"&CDP-8958;",
        b"&A-GT-K00001;",
        b"[GTJ]",
        b"(T)",
        b"{?0}",
        b"#(",
        b"U+6C35",
        b"U+110000",
        b"10000 ",
    ]
    ids = [
        s.encode()
        for s in (
            "⿰氵龍",
            "⿱艹⿰氵⿳亠口冖",
            "⿲彳⿳山一⿰日月攵[GT]",
            "^⿺辶⿴囗口$(T)",
            "&CDP-8958;",
            "〾⿻一丨",
            "龍\ufe00",
        )
    ]
    ids += [("⿰" * n + "一" * (n + 1)).encode() for n in (10, 60, 10_000)]
    table = [
        "U+6E56\t湖\t⿰氵胡\n# c\nU+4E00\t一\t一[G]\t⿱一一[J]\n".encode(),
        "湖:⿰氵胡\n".encode(),
        "{1}\t⿰亻②\n".encode(),
    ]
    import pyfiglet

    fonts = Path(pyfiglet.__file__).parent / "fonts"
    figlet = [
        next(iter(sorted(fonts.rglob(f"{name}.flf")))).read_bytes()
        for name in ("standard", "small", "banner")
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.flf", figlet[1])
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.flf", bytes(300_000_000))
    reference = b"=== A\n /\\\n/--\\\n=== b\n|\n|_)\n"
    images, labels = (
        struct.pack(">4B3I", 0, 0, 8, 3, 2, 4, 4) + bytes(32),
        struct.pack(">4BI", 0, 0, 8, 1, 2) + bytes(2),
    )
    zeros = gzip.compress(bytes(300_000_000), 1)
    batch = pickle.dumps({b"data": np.zeros((2, 3072), np.uint8), b"labels": [1, 2]}, protocol=2)
    weights = _small_weights()
    pictures = [_picture(kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")]
    manifest = json.dumps(
        {"format": "tensho images 1", "glyphs": [{"file": "a.png", "width": 8, "outline": None}]}
    ).encode()
    fields = {"n": Number(1, 64, 4), "seed": SEED, "style": Choice(("a", "b")), "ids": Text(64, "⿰氵龍")}

    def request(data: bytes) -> object:
        try:
            return read(fields, parsed(data))
        except Refusal as refusal:
            raise TenshoError(str(refusal)) from refusal

    def idx(path: Path) -> object:
        (path.parent / "train-labels-idx1-ubyte").write_bytes(labels)
        return mnist(path.parent, "train")

    def of_cifar(path: Path) -> object:
        path.rename(path.parent / "test_batch")
        return cifar10(path.parent, "test")

    def weight_facts(path: Path) -> object:
        read_metadata(path)
        found = Weights.read(path)
        return found.summary(), found.images_seen, found.card

    def folder_of_images(path: Path) -> object:
        found = load_images(path.parent, only_named=True)
        return [found.renderer(32).render(drawable.key) for drawable in found.drawables()]

    return {
        "ids": Target(lambda data: to_string(parse(text_of(data))), ids, words),
        "ids as found": Target(lambda data: read_description(text_of(data)), ids, words),
        "patterns": Target(lambda data: read_pattern(text_of(data)), ids, words),
        "tables": Target(lambda data: read_lines(text_of(data).splitlines()), table, words),
        "figlet": Target(
            lambda data: parse_figlet_font(data, "f"), [*figlet, packed.getvalue(), bomb.getvalue()], [b"flf2a$ ", b"@@\n", b"0x", b"999999999 "], 0.1
        ),
        "reference": Target(beside("r.txt", read_reference), [reference], [b"=== ", "=== 漢\n".encode(), b"\n"], 0.2),
        "mnist": Target(beside("train-images-idx3-ubyte", idx), [images], [struct.pack(">I", 0xFFFFFFFF)], 0.2),
        "mnist, gzipped": Target(beside("train-images-idx3-ubyte.gz", idx), [gzip.compress(images), zeros], [], 0.02),
        "cifar-10": Target(beside("batch", of_cifar), [batch, pickle.dumps({"data": b"", "labels": []})], [b"cos\nsystem\n", b"R", b"\x8e" + bytes(7) + b"\x7f"], 0.1),
        "weights": Target(beside("w.safetensors", weight_facts), weights, [b'"family":"gan"', b'"images_seen":"\xc2\xb2"', b"[" * 2000, b"{}"], 0.1),
        "pictures": Target(beside("p.png", read_ink), pictures, [], 0.01),
        "folders of images": Target(beside("永.png", folder_of_images), pictures, [], 0.01),
        "exported images": Target(beside("manifest.json", lambda path: read_images(path.parent)), [manifest], [b"null", b"1e999", b"[" * 100_000], 0.1),
        "studio requests": Target(request, [b'{"n": 4, "seed": 1, "style": "a"}', '{"ids": "⿰氵龍"}'.encode()], [b"NaN", b"1e999", b"[" * 20_000, b'"\\ud800"', b"-0"]),
        "studio hosts": Target(lambda data: is_own_host(text_of(data), ("a.example",)), [b"127.0.0.1:80", b"[::1]:7860", b"localhost", b"a.example"], [b"@", b"[", b"%", b"::"]),
    }  # fmt: skip


def _picture(kind: str) -> bytes:
    file = io.BytesIO()
    ink = np.full((24, 24), 255, np.uint8)
    ink[4:20, 10:13] = 0
    Image.fromarray(ink).convert("RGB").save(file, kind)
    return file.getvalue()


def _small_weights() -> list[bytes]:
    import torch

    from tensho.models.walkback import Walkback, WalkbackConfig

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.safetensors"
        torch.manual_seed(0)
        Walkback(WalkbackConfig(size=16, features=2, levels=1)).save(path, {"images_seen": "20"})
        return [path.read_bytes()]


def _too_slow(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TooSlow


class Findings:
    """What was found, at most a few of each place."""

    def __init__(self) -> None:
        self.count = 0
        self._seen: dict[str, int] = {}

    def add(self, name: str, data: bytes, told: str) -> None:
        self.count += 1
        key = told.strip().splitlines()[-1][:80] + told[-400:][:120]
        self._seen[key] = self._seen.get(key, 0) + 1
        if self._seen[key] <= 2:
            shown = base64.b64encode(data[:240]).decode()
            print(f"\nFINDING in {name} ({len(data)} bytes): {told.strip()}\ninput: {shown}\n", flush=True)


def run(name: str, target: Target, count: int, seed: int, findings: Findings) -> tuple[int, int]:
    """Give a target ``count`` inputs; how many were read, and how many refused."""
    shared = mmap.mmap(-1, 1 << 16)  # place, read, refused, and the report of the child
    first = read = refused = 0
    while first < count:
        child = os.fork()
        if not child:
            _work(target, first, count, seed, shared)
        status, place = _watched(child, shared)
        done, good, bad = struct.unpack_from("<QQQ", shared, 0)
        read, refused = read + good, refused + bad
        report = bytes(shared[64 : 64 + struct.unpack_from("<Q", shared, 24)[0]]).decode()
        if os.waitstatus_to_exitcode(status) == 0:
            break
        data = mutated(random.Random(f"{seed}/{name}/{done}"), target)
        findings.add(name, data, report or f"ended with {os.waitstatus_to_exitcode(status)} at input {place}")
        first = done + 1
        _reset(shared)
    return read, refused


def _reset(shared: mmap.mmap) -> None:
    shared[:64] = bytes(64)


def _watched(child: int, shared: mmap.mmap) -> tuple[int, int]:
    """Wait for a child, and kill it when it gives no sign of life."""
    last, since = -1, time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        place = struct.unpack_from("<Q", shared, 0)[0]
        if done:
            return status, place
        if place != last:
            last, since = place, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.05)


NAME = ""


def _work(target: Target, first: int, count: int, seed: int, shared: mmap.mmap) -> NoReturn:
    import warnings

    warnings.simplefilter("ignore")
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _too_slow)
    read = refused = 0
    for place in range(first, count):
        struct.pack_into("<QQQ", shared, 0, place, read, refused)
        data = mutated(random.Random(f"{seed}/{NAME}/{place}"), target)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            target.read(data)
            read += 1
        except TenshoError as error:
            refused += 1
            if len(str(error)) > 2000:
                _report(shared, f"a refusal of {len(str(error))} characters")
        except BaseException:
            _report(shared, traceback.format_exc(limit=-4))
        signal.setitimer(signal.ITIMER_PROF, 0)
    struct.pack_into("<QQQ", shared, 0, count, read, refused)
    os._exit(0)


def _report(shared: mmap.mmap, told: str) -> NoReturn:
    report = told.encode(errors="replace")[-60_000:]
    struct.pack_into("<Q", shared, 24, len(report))
    shared[64 : 64 + len(report)] = report
    os._exit(1)


def fonts(folder: Path) -> dict[str, Target]:
    """Everything that takes a font, given small ones of both kinds of outlines."""
    import tensho
    from benchmarks.faults import small_font
    from tensho.fonts.coverage.completable import open_completable
    from tensho.fonts.faces import load_face
    from tensho.lookup.font_glyphs import glyph_of_font

    small = small_font(folder)
    seeds = [small.read_bytes(), *_truetypes(folder, small)]
    words = [
        b"glyf",
        b"cmap",
        b"CFF ",
        b"fvar",
        b"loca",
        b"maxp",
        b"OTTO",
        b"ttcf",
        b"wOFF",
        b"wOF2",
        struct.pack(">I", 0x7FFFFFFF),
    ]

    def through_all(path: Path) -> object:
        outcomes: list[object] = []
        for use in (
            lambda: [load_face(path).renderer(32).render(char) for char in "江龍"],
            lambda: [load_face(path).outlines().outline(char) for char in "江龍語"],
            lambda: open_completable(path, path.parent / "kept").characters,
            lambda: glyph_of_font(f"{path}#龍", 64),
            lambda: tensho.compose("⿰氵青", face=path, size=32),
        ):
            try:
                outcomes.append(use())
            except TenshoError as error:
                outcomes.append(error)
        if all(isinstance(outcome, TenshoError) for outcome in outcomes):
            raise TenshoError(str(outcomes[0]))
        return outcomes

    return {"fonts": Target(beside("f.ttf", through_all), seeds, words)}


def _truetypes(folder: Path, small: Path) -> list[bytes]:
    """The same font with quadratic curves; with composites that contain each other; with a cmap that lies; as WOFF."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import TTFont

    with TTFont(small) as font:
        outlines, cmap = font.getGlyphSet(), font.getBestCmap()
        pens = {".notdef": TTGlyphPen(None)}
        for code, name in cmap.items():
            pens[f"u{code:05X}"] = pen = TTGlyphPen(None)
            outlines[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
    plain = {name: pen.glyph() for name, pen in pens.items()}
    own = {code: f"u{code:05X}" for code in cmap}
    ring = list(own.values())[:8]
    cyclic = {}
    for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
        pen = TTGlyphPen(dict.fromkeys(plain))
        pen.addComponent(other, (1, 0, 0, 1, 0, 0))
        cyclic[one] = pen.glyph()
    lying = {code: ring[0] if code % 2 else ".notdef" for code in own}
    made = []
    for name, changed, codes, flavor in (
        ("plain", {}, own, None),
        ("cyclic", cyclic, own, None),
        ("lying", {}, lying, None),
        ("woff", {}, own, "woff"),
    ):
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(list(pens))
        builder.setupCharacterMap(codes)
        builder.setupGlyf(dict(plain))
        if changed:  # behind fontTools' back, which would look for the boxes of circles
            builder.font["glyf"].glyphs.update(changed)
            builder.font.recalcBBoxes = False
            for glyph in changed.values():
                glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax = 0, 0, 1000, 1000
        builder.setupHorizontalMetrics(dict.fromkeys(pens, (1000, 0)))
        builder.setupHorizontalHeader(ascent=880, descent=-120)
        builder.setupNameTable({"familyName": f"Fuzz {name}", "styleName": "Regular"})
        builder.setupOS2(sTypoAscender=880, sTypoDescender=-120)
        builder.setupPost()
        builder.font.flavor = flavor
        path = folder / f"{name}.ttf"
        builder.save(path)
        made.append(path.read_bytes())
    return made


def weight_files() -> dict[str, Target]:
    """Whole networks from weight files, whose headers lie."""
    from tensho.models import loading

    def opened(path: Path) -> object:
        return loading.load(str(path)), loading.load(str(path), runtime="torch")

    words = [
        b'"size":16',
        b'"size":4096',
        b'"features":4096',
        b'"levels":60',
        b'"family":"gan"',
        b'"F16"',
        b'"I64"',
        b'"data_offsets":[0,1]',
        b"99999999999",
    ]
    return {"networks": Target(beside("w.safetensors", opened), _small_weights(), words)}


def coverage(name: str, executions: int, seed: int) -> None:
    """Let atheris find inputs for one parser."""
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

    with atheris.instrument_imports(
        include=["tensho.ids", "tensho.text", "tensho.studio", "tensho.ascii_art.reference"]
    ):
        import tensho.ids.as_found.lenient
        import tensho.ids.as_found.tables
        import tensho.studio.fields
        import tensho.text.figlet_font  # noqa: F401
    target = parsers()[name]

    def once(data: bytes) -> None:
        try:
            target.read(data)
        except TenshoError:
            return

    with tempfile.TemporaryDirectory() as corpus:
        for k, data in enumerate(target.seeds):
            if len(data) < 5000:
                (Path(corpus) / str(k)).write_bytes(data)
        atheris.Setup(
            [
                "fuzz",
                f"-runs={executions}",
                f"-seed={seed + 1}",
                "-timeout=60",
                "-rss_limit_mb=2048",
                "-max_len=4096",
                "-print_final_stats=1",
                corpus,
            ],
            once,
        )
        atheris.Fuzz()


def main() -> None:
    global NAME
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("parsers", "coverage", "fonts", "weights"))
    parser.add_argument("name", nargs="?")
    parser.add_argument("--executions", type=int, default=1_000_000)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.what == "coverage":
        coverage(str(options.name), options.executions, options.seed)
        return
    findings = Findings()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as home:
        os.environ["TENSHO_HOME"] = home
        targets: dict[str, Target]
        if options.what == "parsers":
            targets = parsers()
            whole = sum(target.share for target in targets.values())
            counts = {
                name: round(options.executions * target.share / whole) for name, target in targets.items()
            }
        else:
            targets = fonts(Path(home)) if options.what == "fonts" else weight_files()
            counts = dict.fromkeys(targets, options.count)
        print("| what | inputs | read | refused | findings | s of the processor |\n|---|---|---|---|---|---|")
        for name, target in targets.items():
            if options.only and name not in options.only:
                continue
            NAME, before = name, _processor()
            found = findings.count
            read, refused = run(name, target, counts[name], options.seed, findings)
            spent = _processor() - before
            print(
                f"| {name} | {counts[name]:,} | {read:,} | {refused:,} | {findings.count - found} | {spent:.0f} |",
                flush=True,
            )
    sys.exit(1 if findings.count else 0)


def _processor() -> float:
    used: Any = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    main()
