"""What onnxruntime costs and gives beside torch: from a cold shell, per glyph, and in agreement.

    python benchmarks/onnx_runtime.py [-n 16] [--repeat 5]

First `tensho dream --model brush` as a whole in a new process each time: by onnxruntime where importing torch fails, by
onnxruntime where torch is there, and by torch; seconds by the clock (the limit is 2 s on two quiet cores) and of
processor time, the least of the repetitions. Then the networks alone in one process, and how far apart they are.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from tensho.api.draw_options import DEFAULT_SIZE
from tensho.ids.syntax import parse
from tensho.models import catalogue, loading
from tensho.models.brush.base import BrushBase
from tensho.models.brush.condition import draft_condition
from tensho.models.composer.base import ComposerBase
from tensho.models.composer.candidates import compose_meaning, dream_structures

LIMIT = 2.0
RUN = "import sys\n{}\nfrom tensho.cli import main\nmain(sys.argv[1:])"
WAYS = {
    "onnx, no torch": (RUN.format('sys.modules["torch"] = None'), []),
    "onnx": (RUN.format(""), ["--runtime", "onnx"]),
    "torch": (RUN.format(""), ["--runtime", "torch"]),
}


def cold(code: str, arguments: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of processor time of one new process."""
    # As it is installed: the first run of several compiles the modules, the others find that done.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, processor


def least(work: Callable[[], object], repeat: int) -> float:
    """Seconds of processor time of the fastest of several runs."""
    seconds = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def main() -> None:
    """Measure."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("-n", type=int, default=16, help="characters to dream")
    arguments.add_argument("--repeat", type=int, default=5, help="repetitions, of which the least counts")
    options = arguments.parse_args()
    print(f"{options.n} characters; {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for name, (code, extra) in WAYS.items():
            words = ["dream", "--model", "brush", "-n", str(options.n), "-o", f"{folder}/dream.png", *extra]
            runs = [cold(code, words) for _ in range(options.repeat)]
            clock, processor = (min(column) for column in zip(*runs, strict=True))
            print(
                f"  cold shell, {name:14s} {clock:5.2f} s (limit {LIMIT:.0f}), {processor:5.2f} s of processor time"
            )

    trees = [parse(text) for text in ("⿰氵龍", "⿱艹⿰車毛", "⿺走鹿", "⿸广馬")]
    trees = (trees * options.n)[: options.n]
    images, dreams, written = [], [], []
    for runtime in loading.RUNTIMES:
        opening = least(lambda: loading.load("brush", runtime=runtime), options.repeat)  # noqa: B023
        brush, composer = loading.load("brush", runtime=runtime), loading.load("composer", runtime=runtime)
        assert isinstance(brush, BrushBase)
        assert isinstance(composer, ComposerBase)
        condition = draft_condition(brush, trees, "serif-sc", DEFAULT_SIZE)
        images.append(np.asarray(brush.sample(options.n, condition=condition)))
        dreams.append(dream_structures(composer, 200))
        written.append([candidate.ids for candidate in compose_meaning(composer, "full moon", 16)])
        painting = least(lambda: brush.sample(options.n, condition=condition), options.repeat)  # noqa: B023
        dreaming = least(lambda: dream_structures(composer, options.n), options.repeat)  # noqa: B023
        print(
            f"  {runtime:5s} processor time: open the brush {1000 * opening:.0f} ms, "
            f"paint {1000 * painting / options.n:.1f} ms a glyph, dream {1000 * dreaming / options.n:.1f} ms a structure"
        )
    same = np.mean([one == other for one, other in zip(*dreams, strict=True)])
    print(
        f"  pictures differ by {np.abs(images[0] - images[1]).max():.1e} at most; of 200 dreamt structures "
        f"{100 * same:.0f} % are the same, of 16 written {sum(map(str.__eq__, *written))}"
    )
    for weights in catalogue.shipped():
        graphs = sorted(weights.path.parent.glob(f"{weights.path.stem}*.onnx"))
        sizes = ", ".join(f"{path.name} {path.stat().st_size / 1e3:.0f} kB" for path in graphs)
        print(f"  {weights.path.name} {weights.path.stat().st_size / 1e6:.1f} MB: {sizes or 'no graph'}")


if __name__ == "__main__":
    main()
