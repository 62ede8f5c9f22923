import dataclasses
import itertools
import os
from types import SimpleNamespace

import pytest
import torch

from tensho.ids import inferred, sources
from tensho.models import catalogue
from tensho.models.brush.network import Brush, BrushConfig
from tensho.models.walkback import Walkback, WalkbackConfig
from tests.small_fonts import little_face, little_truetype, make_font  # noqa: F401  (fixtures)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory):
    """What is built and kept goes to a folder of the tests', and not to the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        if "TENSHO_HOME" not in os.environ:
            patch.setenv("TENSHO_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def nothing_inferred(tmp_path_factory):
    """What tables say is tested with the installed one alone, without what was read from glyphs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inferred, "SHIPPED", tmp_path_factory.mktemp("nothing") / "inferred.tsv.xz")
        sources.use_tables([])
        yield
    sources.use_tables([])


@pytest.fixture
def tables(tmp_path):
    """A function that uses a table with these lines, until the test ends."""

    def use(*lines):
        path = tmp_path / "mine.txt"
        path.write_text("\n".join(lines), encoding="utf-8")
        sources.use_tables([path])

    yield use
    sources.use_tables([])


@pytest.fixture(autouse=True)
def _same_random_numbers_each_time():
    """What a test draws from torch's generator does not depend on which tests came before it in this process."""
    torch.manual_seed(0)


@pytest.fixture
def fixed_clock(monkeypatch):
    """A function that makes every step of a training take so many seconds, however fast this machine is."""

    def set_seconds(a_step):
        # Three looks at the clock a step: whether time is up, and before and after the step.
        ticks = itertools.count()
        clock = SimpleNamespace(monotonic=lambda: next(ticks) * a_step / 3)
        monkeypatch.setattr("tensho.train.run.time", clock)

    return set_seconds


@pytest.fixture(scope="session")
def small_weights(tmp_path_factory):
    """A weight file of a small walkback that has seen a few batches of noise."""
    torch.manual_seed(0)
    model = Walkback(dataclasses.replace(WalkbackConfig(), size=16, features=4, levels=2, cycles=1))
    with torch.no_grad():
        for step in range(5):
            list(
                model.training_step({"image": torch.randint(0, 256, (4, 1, 16, 16), dtype=torch.uint8)}, step)
            )
    path = tmp_path_factory.mktemp("weights") / "little.safetensors"
    model.save(path, {"preset": "test", "images_seen": "20"})
    return path


@pytest.fixture(scope="session")
def brush_weights(tmp_path_factory):
    """A small brush away from its first weights, which would copy the draft, with the graph and a card beside it."""
    from tensho.export.onnx import write_graphs

    torch.manual_seed(0)
    brush = Brush(BrushConfig(size=32, widths=(8, 16), blocks=1, condition_width=16, styles=("thin", "bold")))
    with torch.no_grad():
        for parameter in brush.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    path = tmp_path_factory.mktemp("brush") / "little.safetensors"
    brush.save(path, {"seed": "0", "license": "MIT", "dataset": "abc"})
    path.with_suffix(".md").write_text("# little\n\nOf squares.", encoding="utf-8")
    write_graphs(catalogue.Weights.read(path), path)
    return path


@pytest.fixture(scope="session")
def composer_weights(tmp_path_factory):
    """An untrained composer with a memory of fourteen real glosses, and its graphs."""
    from tensho.export.onnx import write_graphs
    from tests.models.composer.test_network import tiny

    path = tmp_path_factory.mktemp("composer") / "scribe.safetensors"
    tiny().save(path, {"license": "CC-BY-SA-4.0"})
    write_graphs(catalogue.Weights.read(path), path)
    return path
