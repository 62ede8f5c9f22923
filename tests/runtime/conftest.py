import pytest
import torch

from tensho import hub
from tensho.export.onnx import write_graphs
from tensho.models.brush import Brush, BrushConfig
from tests.models.test_composer import tiny


@pytest.fixture(scope="session")
def brush_weights(tmp_path_factory):
    """A small brush away from its first weights, which would copy the draft, with the graph beside it."""
    torch.manual_seed(0)
    brush = Brush(BrushConfig(size=32, widths=(8, 16), blocks=1, condition_width=16, styles=("thin", "bold")))
    with torch.no_grad():
        for parameter in brush.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    path = tmp_path_factory.mktemp("brush") / "little.safetensors"
    brush.save(path, {"seed": "0", "license": "MIT"})
    write_graphs(hub.Weights.read(path), path)
    return path


@pytest.fixture(scope="session")
def composer_weights(tmp_path_factory):
    """An untrained composer with a memory of fourteen real glosses, and its graphs."""
    path = tmp_path_factory.mktemp("composer") / "scribe.safetensors"
    tiny().save(path, {"license": "CC-BY-SA-4.0"})
    write_graphs(hub.Weights.read(path), path)
    return path
