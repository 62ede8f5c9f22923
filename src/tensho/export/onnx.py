"""Networks as ONNX graphs, with their weights inside or, for the runtime, without any.

A graph without weights depends on a family's settings alone. It names each weight as the weight file does, in the
type that it has there (half precision, followed by a cast), and says of its values only that they lie elsewhere. So a
few hundred kilobytes beside ``NAME.safetensors`` are enough for `tensho.models`, nothing is stored twice, and weights
that are trained further need no new graph.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tensho.atomic import replaced_file
from tensho.errors import TenshoError
from tensho.models.brush.network import Brush
from tensho.models.composer.base import Context
from tensho.models.composer.network import Composer
from tensho.models.onnx_graph import MEMORY, PREFIX
from tensho.models.weight_file import read_arrays

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

    from tensho.models.catalogue import Weights

__all__ = ["OPSET", "graphs", "write_graphs", "write_onnx"]

OPSET = 17
"""Version of the ONNX operator set."""

_ELSEWHERE = "weights"
"""The file that graphs without weights name. There is none: the runtime gives the values in its stead."""

_WRAPPED = "composer."
"""What the exporter puts before the names of weights in `_Logits` and `_Memory`."""


@dataclass(frozen=True)
class _Traced:
    """A network to be written down.

    Attributes:
        suffix: what is appended to the file's name.
        network: called with the inputs in order.
        inputs: example arrays by name.
        outputs: their names.
        axes: names of the axes of any length, for each input and output; "" for one of fixed length.
    """

    suffix: str
    network: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: tuple[str, ...]
    axes: Mapping[str, tuple[str, ...]]


class _Logits(nn.Module):
    """The language model of a composer."""

    def __init__(self, composer: Composer) -> None:
        super().__init__()
        self.composer = composer

    def forward(
        self,
        codes: Tensor,
        readings: Tensor,
        structures: Tensor,
        similarity: Tensor,
        role: Tensor,
        evidence: Tensor,
        given: Tensor,
    ) -> Tensor:
        votes = evidence  # of no account here: they reach the logits as evidence
        logits: Tensor = self.composer(
            codes, Context(readings, structures, similarity, role, votes, evidence, given)
        )
        return logits


class _Memory(nn.Module):
    """What a composer recalls of a prompt."""

    def __init__(self, composer: Composer) -> None:
        super().__init__()
        self.composer = composer

    def forward(self, readings: Tensor) -> tuple[Tensor, ...]:
        context, similarity, codes = self.composer.recalled(readings)
        fields = (context.structures, context.similarity, context.role, context.votes, context.evidence)
        return (*fields, similarity, codes)


def _of_brush(brush: Brush) -> Iterator[_Traced]:
    size = brush.config.size
    inputs = {
        "noisy": torch.zeros(2, 1, size, size),
        "t": torch.zeros(2),
        "drafts": torch.zeros(2, 2, size, size),
        "style": torch.zeros(2, dtype=torch.long),
        "fine": torch.zeros(2, 1, 2 * size, 2 * size),
    }
    axes: dict[str, tuple[str, ...]] = dict.fromkeys(inputs, ("batch",))
    axes["fine"] = axes["clean"] = ("batch", "", "height", "width")
    yield _Traced("", brush, inputs, ("clean",), axes)


def _of_composer(composer: Composer) -> Iterator[_Traced]:
    readings = torch.ones(2, composer.config.readings, composer.centre.shape[0])
    context, _, _ = composer.recalled(readings)
    fields = {name: value for name, value in context._asdict().items() if name != "votes"}
    inputs = {"codes": torch.ones(2, 3, dtype=torch.long), **fields}
    names = {"codes": "length", "logits": "length", "readings": "readings"}
    names |= dict.fromkeys(("structures", "similarity", "role"), "neighbours")
    axes = {name: ("batch", names[name]) if name in names else ("batch",) for name in (*inputs, "logits")}
    yield _Traced("", _Logits(composer), inputs, ("logits",), axes)
    outputs = ("structures", "similarity", "role", "votes", "evidence", "nearness", "sequences")
    yield _Traced(
        MEMORY,
        _Memory(composer),
        {"readings": readings},
        outputs,
        dict.fromkeys(["readings", *outputs], ("batch",)),
    )


_FAMILIES: dict[str, Callable[[Any], Iterator[_Traced]]] = {"brush": _of_brush, "composer": _of_composer}


def graphs(weights: Weights) -> dict[str, ModelProto]:
    """The graphs of a weight file's network, without weights, by what is appended to the name of their file.

    Raises:
        TenshoError: a family that has no graph, or damaged weights.
    """
    if weights.family not in _FAMILIES:
        known = " and ".join(_FAMILIES)
        raise TenshoError(f"{weights.name} is a {weights.family}; only {known} can be written as ONNX")
    network = weights.open()
    stored = network.state_dict()
    # The exporter joins weights of equal value, such as those that training has left at zero; random ones differ.
    generator = torch.Generator().manual_seed(0)
    for tensor in stored.values():
        if tensor.is_floating_point():
            tensor.normal_(generator=generator)
    return {
        traced.suffix: _emptied(_exported(traced), stored) for traced in _FAMILIES[weights.family](network)
    }


def write_graphs(weights: Weights, path: Path) -> list[Path]:
    """Write graphs without weights beside ``path``, where the runtime looks for those of a weight file ``path``.

    Returns:
        The files written.

    Raises:
        TenshoError: a family that has no graph, or a place that cannot be written.
    """
    return _write(graphs(weights), path)


def write_onnx(weights: Weights, path: Path) -> list[Path]:
    """Write graphs that hold their weights, settings and provenance, for any program that runs ONNX.

    Returns:
        The files written: ``path``, and for a composer its memory beside it.

    Raises:
        TenshoError: a family that has no graph, damaged weights, or a place that cannot be written.
    """
    arrays = read_arrays(weights.path)
    whole = graphs(weights)
    for graph in whole.values():
        _fill(graph, arrays)
        facts = {**weights.metadata, "card": weights.card} if weights.card else dict(weights.metadata)
        for key, value in facts.items():
            graph.metadata_props.add(key=key, value=value)
    return _write(whole, path)


def _exported(traced: _Traced) -> ModelProto:
    import onnx

    axes = {name: {k: axis for k, axis in enumerate(names) if axis} for name, names in traced.axes.items()}
    with torch.no_grad(), warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # The tracing exporter is deprecated since torch 2.9, but needs no further package, keeps the names of the
        # weights and takes seconds; its warnings about Python values are about shapes that are constants here.
        warnings.simplefilter("ignore")
        path = Path(folder) / "graph.onnx"
        torch.onnx.export(
            traced.network.eval(),
            tuple(traced.inputs.values()),
            path,
            dynamo=False,
            input_names=list(traced.inputs),
            output_names=list(traced.outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            do_constant_folding=False,
        )
        return onnx.load(path)


def _emptied(graph: ModelProto, stored: Mapping[str, Tensor]) -> ModelProto:
    """The graph with stored weights as initialisers whose values lie elsewhere."""
    from onnx import TensorProto, helper

    body, renamed, casts = graph.graph, {}, []
    initializers = []
    for tensor in body.initializer:
        name = tensor.name.removeprefix(_WRAPPED)
        initializers.append(_elsewhere(name, stored[name]) if name in stored else tensor)
        if name not in stored:
            continue
        if stored[name].is_floating_point():
            renamed[tensor.name] = f"{name}.float"
            casts.append(helper.make_node("Cast", [PREFIX + name], [f"{name}.float"], to=TensorProto.FLOAT))
        else:
            renamed[tensor.name] = PREFIX + name
    nodes = list(body.node)
    for node in nodes:
        node.input[:] = [renamed.get(name, name) for name in node.input]
    for field, items in (("node", [*casts, *nodes]), ("initializer", initializers)):
        body.ClearField(field)
        getattr(body, field).extend(items)
    return graph


def _elsewhere(name: str, stored: Tensor) -> TensorProto:
    from onnx import TensorProto, helper

    # As `tensho.models.weight_file` writes it.
    dtype = np.dtype(np.float16) if stored.is_floating_point() else stored.numpy().dtype
    tensor = TensorProto(
        name=PREFIX + name,
        dims=stored.shape,
        data_type=helper.np_dtype_to_tensor_dtype(dtype),
        data_location=TensorProto.EXTERNAL,
    )
    tensor.external_data.add(key="location", value=_ELSEWHERE)
    return tensor


def _fill(graph: ModelProto, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Give the initialisers their values."""
    from onnx import checker, numpy_helper

    for tensor in graph.graph.initializer:
        if tensor.name.startswith(PREFIX):
            array = arrays[tensor.name.removeprefix(PREFIX)]
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    checker.check_model(graph, full_check=True)


def _write(found: Mapping[str, ModelProto], path: Path) -> list[Path]:
    paths = []
    for suffix, graph in found.items():
        paths.append(path.with_name(f"{path.stem}{suffix}.onnx"))
        with replaced_file(paths[-1]) as temporary:
            temporary.write_bytes(graph.SerializeToString())
    return paths
