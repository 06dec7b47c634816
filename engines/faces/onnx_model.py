"""An ONNX file as a function, run by onnxruntime on the CPU or a GPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import WeightsError, WeightsMissing

Model = Callable[[np.ndarray], list[np.ndarray]]
"""One input, a float32 batch such as pictures (1, 3, h, w), to all outputs in the file's order."""

PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}


def load_model(path: Path, device: str = "cpu") -> Model:
    """Open a model with one input.

    device: "cuda" or "cuda:0" uses a GPU where onnxruntime was built for one, anything else the CPU.
    Raises WeightsMissing when there is no such file, WeightsError when it is not an ONNX model.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise WeightsMissing(
            f"{path.name} and the like need the package onnxruntime, which is not installed. Install it "
            "with: pip install -r requirements.txt, or remove these files: the rest works without them."
        ) from error
    if not path.is_file():
        raise WeightsMissing(f"The model {path} is missing.")
    providers = [PROVIDERS[name] for name in (device.split(":")[0], "cpu") if name in PROVIDERS]
    offered = onnxruntime.get_available_providers()
    wanted = [provider for provider in dict.fromkeys(providers) if provider in offered]
    sessions = {os.getpid(): _open(path, wanted)}

    def run(pictures: np.ndarray) -> list[np.ndarray]:
        # A process that was forked needs a session of its own: its threads were not forked along.
        process = os.getpid()
        if process not in sessions:
            sessions[process] = _open(path, wanted)
        session = sessions[process]
        return list(session.run(None, {session.get_inputs()[0].name: pictures}))

    return run


def _open(path: Path, providers: list[str]) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings about unused tensors say nothing to a user
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's own exceptions have no public base
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{path} is not a usable ONNX model ({reason}). Download it again, or delete it to "
            "continue without it."
        ) from error
