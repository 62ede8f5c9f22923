import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto
from typer.testing import CliRunner

from tensho.cli.export import app
from tensho.errors import TenshoError
from tensho.export.onnx import OPSET, write_graphs, write_onnx
from tensho.models import catalogue, loading
from tensho.models.brush.base import BrushBase
from tensho.models.composer.base import Context


@pytest.fixture
def brush(brush_weights):
    return catalogue.Weights.read(brush_weights)


@pytest.fixture
def composer(composer_weights):
    return catalogue.Weights.read(composer_weights)


def session(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(("batch", "side"), [(1, 32), (5, 40)])
def test_a_brush_computes_what_torch_computes(brush, tmp_path, batch, side):
    (path,) = write_onnx(brush, tmp_path / "b.onnx")
    noisy, drafts = torch.randn(batch, 1, 32, 32), torch.rand(batch, 2, 32, 32) * 2 - 1
    t, style = torch.rand(batch), torch.arange(batch) % 3
    fine = torch.rand(batch, 1, side, side) * 2 - 1
    with torch.no_grad():
        expected = brush.open()(noisy, t, drafts, style, fine)
    inputs = {"noisy": noisy, "t": t, "drafts": drafts, "style": style, "fine": fine}
    (found,) = session(path).run(None, {name: value.numpy() for name, value in inputs.items()})
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize(("batch", "length"), [(1, 1), (3, 6)])
def test_a_composer_computes_what_torch_computes(composer, tmp_path, batch, length):
    network, memory = map(session, write_onnx(composer, tmp_path / "c.onnx"))
    model = composer.open()
    readings = torch.nn.functional.normalize(torch.randn(batch, 3, 512), dim=-1)
    readings[0, 2] = 0  # a prompt of fewer words
    codes = torch.randint(1, 10, (batch, length))
    with torch.no_grad():
        context, similarity, sequences = model.recalled(readings)
        expected = model(codes, context)
    *fields, font_similarity, found_sequences = memory.run(None, {"readings": readings.numpy()})
    recalled = Context._make([readings.numpy(), *fields, np.ones(batch, bool)])
    for found, value in zip(recalled, context, strict=True):
        np.testing.assert_allclose(found, value, atol=1e-3)
    np.testing.assert_allclose(font_similarity, similarity, atol=1e-3)
    assert np.array_equal(found_sequences, sequences)
    inputs = {"codes": codes.numpy(), **recalled._asdict()}
    del inputs["votes"]
    np.testing.assert_allclose(network.run(None, inputs)[0], expected, atol=1e-3)


def test_a_file_passes_the_checker_and_says_where_it_comes_from(brush, tmp_path):
    (path,) = write_onnx(brush, tmp_path / "b.onnx")
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    assert {entry.domain: entry.version for entry in model.opset_import} == {"": OPSET}
    facts = session(path).get_modelmeta().custom_metadata_map
    assert json.loads(facts["config"])["styles"] == ["thin", "bold"]
    assert (facts["family"], facts["license"], facts["dataset"]) == ("brush", "MIT", "abc")
    assert facts["card"] == "# little\n\nOf squares."
    opened = loading.load(str(path))
    assert isinstance(opened, BrushBase)
    again = loading.load(str(path))
    assert isinstance(again, BrushBase)
    assert np.array_equal(opened.sample(2), again.sample(2))


def test_weights_are_stored_in_half_precision(brush, tmp_path):
    (path,) = write_onnx(brush, tmp_path / "b.onnx")
    (graph,) = write_graphs(brush, tmp_path / "g.onnx")
    stored = (
        sum(array.nbytes for array in catalogue.Weights.read(brush.path).open().state_dict().values()) / 2
    )
    assert 0.9 * stored < path.stat().st_size - graph.stat().st_size < 1.1 * stored


def test_a_graph_alone_holds_no_weight_and_depends_on_the_settings_alone(brush, tmp_path):
    (graph,) = write_graphs(brush, tmp_path / "g.onnx")
    model = onnx.load(graph, load_external_data=False)
    elsewhere = {t.name for t in model.graph.initializer if t.data_location == TensorProto.EXTERNAL}
    assert elsewhere == {f"weights.{name}" for name in brush.open().state_dict()}
    with torch.no_grad():
        trained = brush.open()
        for parameter in trained.parameters():
            parameter.zero_()
    trained.save(tmp_path / "other.safetensors")
    (other,) = write_graphs(catalogue.Weights.read(tmp_path / "other.safetensors"), tmp_path / "o.onnx")
    assert other.read_bytes() == graph.read_bytes()


def test_the_command_writes_one_file_a_graph(composer, brush, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (
        "scribe.onnx" in CliRunner().invoke(app, ["onnx", str(composer.path)], catch_exceptions=False).output
    )
    CliRunner().invoke(
        app, ["onnx", str(brush.path), "--graph-only", "-o", "x/b.onnx"], catch_exceptions=False
    )
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.onnx")}
    assert files == {"scribe.onnx", "scribe-memory.onnx", "x/b.onnx"}


def test_what_cannot_be_written_is_refused(small_weights, brush, tmp_path):
    with pytest.raises(TenshoError, match="only brush and composer"):
        write_onnx(catalogue.Weights.read(small_weights), tmp_path / "w.onnx")
    (tmp_path / "file").touch()
    with pytest.raises(TenshoError, match="cannot write"):
        write_onnx(brush, tmp_path / "file" / "b.onnx")
    with pytest.raises(TenshoError, match=r"does not end in \.onnx"):
        CliRunner().invoke(app, ["onnx", str(brush.path), "-o", "b.pt"], catch_exceptions=False)
    ends = [onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    node = onnx.helper.make_node("Neg", ["x"], ["y"])
    graph = onnx.helper.make_graph([node], "stranger", ends[:1], ends[1:])
    opset = [onnx.helper.make_opsetid("", OPSET)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "stranger.onnx")
    with pytest.raises(TenshoError, match="no brush or composer"):
        loading.load(str(tmp_path / "stranger.onnx"))
    assert {path.name for path in tmp_path.iterdir()} == {"file", "stranger.onnx"}
