"""A network with Kokoro's inputs and outputs, and voices, all random: it hums for every symbol."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engines.weights.catalogue import RANDOM_MARK, WeightFolder
from engines.weights.weight_set import Size
from engines.weights.writing import write_whole
from media.errors import OutputError
from speech.kokoro.symbols import COUNT
from speech.kokoro.weights import catalogue

STYLES = 8
STYLE = 256
WIDTH = 16
SYMBOL = 1920
"""Samples per symbol: 80 ms."""
_MARK = RANDOM_MARK.encode()


def synthesize(folder: WeightFolder, size: Size, salt: str) -> Iterator[Path]:
    """Write the network and every voice; both sizes are the same.

    Raises OutputError before it would overwrite a file that is not random, and if the disk fails.
    """
    for file in catalogue.FILES:
        found = folder.find(file)
        if found is not None and not catalogue.is_random(found):
            raise OutputError(
                "{found} does not contain random weights and was not changed; choose another folder with "
                "--root.",
                found=found,
            )
    how = json.dumps({"salt": salt, "size": size})
    content = _network(salt, how)
    yield write_whole(folder.target(catalogue.SMALL), lambda path: _write(path, content))
    for file in catalogue.FILES:
        if file.name.startswith("voices/"):
            styles = _values(salt + file.name, STYLES, STYLE).tobytes()
            # The mark replaces the last values, which the network multiplies by 0.
            voice = styles[: -len(_MARK) - 1] + _MARK + b"\0"
            yield write_whole(folder.target(file), lambda path, voice=voice: _write(path, voice))  # type: ignore[misc]


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _values(name: str, *shape: int) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape, np.float32)


def _network(salt: str, how: str) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    def constant(name: str, value: Any) -> Any:
        return numpy_helper.from_array(np.asarray(value), name)

    voices = _values(salt + "voices", STYLE, WIDTH) / 16
    voices[-2:] = 0
    tone = np.sin(2 * np.pi * np.outer(np.arange(3, 3 + WIDTH), np.arange(SYMBOL)) / SYMBOL)
    constants = [
        constant("sounds", _values(salt + "sounds", COUNT, WIDTH)),
        constant("voices", voices),
        constant("tones", (0.1 * tone).astype(np.float32)),
        constant("row", np.array([1, 1, -1], np.int64)),
        constant("flat", np.array([-1], np.int64)),
        constant("ones", np.ones(2, np.float32)),
        constant("none", np.zeros(0, np.float32)),
    ]
    nodes = [
        helper.make_node("Gather", ["sounds", "input_ids"], ["each"]),
        helper.make_node("MatMul", ["style", "voices"], ["voice"]),
        helper.make_node("Add", ["each", "voice"], ["coloured"]),
        helper.make_node("Tanh", ["coloured"], ["bounded"]),
        helper.make_node("MatMul", ["bounded", "tones"], ["heard"]),
        helper.make_node("Reshape", ["heard", "row"], ["line"]),
        helper.make_node("Reciprocal", ["speed"], ["slowness"]),
        helper.make_node("Concat", ["ones", "slowness"], ["scales"], axis=0),
        helper.make_node("Resize", ["line", "none", "scales"], ["stretched"], mode="linear"),
        helper.make_node("Reshape", ["stretched", "flat"], ["waveform"]),
    ]
    graph = helper.make_graph(
        nodes,
        "random",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "symbols"]),
            helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, STYLE]),
            helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
        ],
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["samples"])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {RANDOM_MARK: how})
    content: bytes = model.SerializeToString(deterministic=True)
    return content
