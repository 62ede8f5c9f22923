"""What runs without torch draws what torch draws."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import tensho
from tensho.errors import TenshoError
from tensho.models import catalogue, loading
from tensho.models.brush.base import BrushBase
from tensho.models.composer.base import ComposerBase
from tensho.models.composer.candidates import compose_meaning, dream_structures, read_prompt
from tensho.seeds import NoiseRows, SampleNoise
from tests.models.composer.test_network import tiny

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from tensho.cli import main
try:
    main(sys.argv[1:])
except SystemExit as left:
    assert not any(name.startswith("torch.") for name in sys.modules)
    raise
"""


@pytest.fixture(scope="module")
def brushes(brush_weights):
    """The same brush twice: with onnxruntime and with torch."""
    return tuple(loading.load(str(brush_weights), runtime=runtime) for runtime in ("onnx", "torch"))


@pytest.fixture(scope="module")
def composers(composer_weights):
    return tuple(loading.load(str(composer_weights), runtime=runtime) for runtime in ("onnx", "torch"))


def drafts(n):
    image = np.random.default_rng(0).integers(0, 256, (2, n, 1, 32, 32), dtype=np.uint8)
    fine = np.random.default_rng(1).integers(0, 256, (n, 1, 48, 48), dtype=np.uint8)
    return {"draft": image[0], "own_draft": image[1], "fine": fine, "style": np.arange(n) % 3}


@pytest.mark.parametrize(
    "given", [(), ("own_draft",), ("draft", "own_draft", "style"), ("draft", "own_draft", "fine", "style")]
)
@pytest.mark.parametrize("steps", [None, 1, 7])
def test_both_runtimes_paint_the_same(brushes, given, steps):
    condition = {name: value for name, value in drafts(5).items() if name in given}
    ours, theirs = (
        np.asarray(brush.sample(5, seed=3, steps=steps, condition=condition)) for brush in brushes
    )
    side = 48 if "fine" in given else 32
    assert ours.shape == (5, 1, side, side)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_a_glyph_depends_on_its_seed_and_index_alone(brushes):
    brush, _ = brushes
    condition = {name: value[:1].repeat(7, 0) for name, value in drafts(1).items()}
    many = brush.sample(7, seed=5, condition=condition)
    few = brush.sample(2, seed=5, condition={name: value[:2] for name, value in condition.items()})
    assert np.array_equal(many, brush.sample(7, seed=5, condition=condition))
    assert np.array_equal(few, many[:2])
    assert not np.array_equal(many[0], many[1])
    assert not np.array_equal(few, brush.sample(2, seed=6, condition=drafts(2)))


def test_both_runtimes_dream_the_same(composers):
    ours, theirs = (dream_structures(composer, 40, seed=2) for composer in composers)
    assert ours == theirs
    assert len(set(ours)) > 20


@pytest.mark.parametrize("prompt", ["moon", "bright forest and clear water", "鮭の川"])
def test_both_runtimes_write_the_same(composers, prompt):
    ours, theirs = (compose_meaning(composer, prompt, 6, seed=1) for composer in composers)
    assert [candidate.explanation for candidate in ours] == [candidate.explanation for candidate in theirs]
    np.testing.assert_allclose([c.score for c in ours], [c.score for c in theirs], atol=1e-3)


def test_both_runtimes_recall_the_same(composers):
    readings = read_prompt(tiny(), "fire in the forest")
    ours, theirs = (composer.recall(readings) for composer in composers)
    assert ours.sequences == theirs.sequences
    np.testing.assert_allclose(ours.similarity, theirs.similarity, atol=1e-5)
    for one, other in zip(ours.context, theirs.context, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)


def test_noise_is_the_same_bit_for_bit():
    rows, tensors = NoiseRows(4, range(3)), SampleNoise(4, range(3))
    assert np.array_equal(rows.normal(5, 6), tensors.normal(5, 6))
    assert np.array_equal(rows.uniform(9), tensors.uniform(9))


@pytest.mark.parametrize(
    "arguments",
    [
        ["dream", "-n", "2", "--model", "brush", "-o", "out.png"],
        ["compose", "⿰氵龍", "-o", "out.png"],
        ["compose", "⿰氵龍", "-o", "out.svg"],
        ["write", "full moon", "-n", "2", "-o", "out.png"],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_commands_work_where_there_is_no_torch(arguments, tmp_path):
    command = [sys.executable, "-W", "error", "-c", WITHOUT_TORCH, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / arguments[-1]).stat().st_size > 500


def test_what_needs_torch_says_so(tmp_path):
    command = [sys.executable, "-c", WITHOUT_TORCH, "dream", "--model", "walkback"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("tensho: error: walkback")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_shipped_weights_have_graphs_that_fit():
    """If this fails, retrained weights have other settings: tensho export onnx NAME --graph-only -o NAME.onnx."""
    kinds = {"brush": BrushBase, "composer": ComposerBase}
    for weights in catalogue.shipped():
        if weights.family in kinds:
            assert isinstance(loading.load(weights.name, runtime="onnx"), kinds[weights.family])
    ours, theirs = (tensho.compose("⿰氵龍", runtime=runtime).array for runtime in ("onnx", "torch"))
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_torch_is_taken_where_it_is(brush_weights):
    assert isinstance(loading.load(str(brush_weights)), torch.nn.Module)


@pytest.mark.parametrize("runtime", ["tensorflow", ""])
def test_unknown_runtimes_are_refused(brush_weights, runtime):
    with pytest.raises(TenshoError, match="torch and onnx"):
        loading.load(str(brush_weights), runtime=runtime)


def test_families_without_a_graph_are_refused(small_weights):
    with pytest.raises(TenshoError, match="needs torch"):
        loading.load(str(small_weights), runtime="onnx")


def test_missing_damaged_and_unfitting_graphs_are_refused(brush_weights, composer_weights, tmp_path):
    weights = tmp_path / "b.safetensors"
    shutil.copy(brush_weights, weights)
    with pytest.raises(TenshoError, match="cannot read the graph"):
        loading.load(str(weights), runtime="onnx")
    whole = brush_weights.with_suffix(".onnx").read_bytes()
    for content in (b"", whole[:1000], composer_weights.with_suffix(".onnx").read_bytes()):
        weights.with_suffix(".onnx").write_bytes(content)
        with pytest.raises(TenshoError, match="does not fit"):
            loading.load(str(weights), runtime="onnx")


def test_a_face_is_no_style_whatever_computes(brushes):
    for brush in brushes:
        with pytest.raises(TenshoError, match="'face', only on draft, own_draft, fine, style"):
            brush.sample(1, condition={"face": np.zeros(1, np.int64)})


@pytest.mark.parametrize("steps", [0, -1])
def test_impossible_requests_are_refused(brushes, steps):
    with pytest.raises(TenshoError):
        brushes[0].sample(1, steps=steps)
    with pytest.raises(TenshoError):
        brushes[0].sample(0)
