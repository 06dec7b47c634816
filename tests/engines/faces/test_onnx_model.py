"""ONNX files as functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engines.faces.onnx_model import load_model
from media.errors import InputError, WeightsMissing


def test_missing_and_broken_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"absent\.onnx"):
        load_model(tmp_path / "absent.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"broken\.onnx is not a usable ONNX model"):
        load_model(broken)


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:0"])
def test_a_model_runs_whether_there_is_a_gpu_or_not(device: str, tmp_path: Path) -> None:
    inputs, outputs = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "double", [inputs], [outputs])
    path = tmp_path / "double.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    (doubled,) = load_model(path, device)(np.array([[1, 2, 3]], np.float32))
    assert doubled.tolist() == [[2, 4, 6]]
