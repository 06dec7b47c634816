"""ONNX files as functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.faces.onnx_model import load_model
from media.errors import InputError, WeightsMissing


def test_missing_and_broken_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"absent\.onnx"):
        load_model(tmp_path / "absent.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"broken\.onnx is not a usable ONNX model"):
        load_model(broken)
