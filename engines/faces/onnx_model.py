"""An ONNX file as a function, run by onnxruntime on the CPU or a GPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from media.errors import WeightsError, WeightsMissing

Model = Callable[[np.ndarray], list[np.ndarray]]
"""One input, a float32 batch such as pictures (1, 3, h, w), to all outputs in the file's order."""

PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}

Opened = TypeVar("Opened")


class PerProcess(Generic[Opened]):
    """A value that each process opens for itself.

    A forked process needs a session of its own: the threads of its parent's session were not forked along.
    """

    def __init__(self, opener: Callable[[], Opened]) -> None:
        """opener: called at once, and on the first use in every other process."""
        self._opener = opener
        self._opened = {os.getpid(): opener()}

    def __call__(self) -> Opened:
        process = os.getpid()
        if process not in self._opened:
            self._opened[process] = self._opener()
        return self._opened[process]


def load_model(path: Path, device: str = "cpu") -> Model:
    """Open a model with one input.

    device: "cuda" or "cuda:0" uses a GPU where onnxruntime was built for one, anything else the CPU.
    Raises WeightsMissing when there is no such file, WeightsError when it is not an ONNX model.
    """
    current = PerProcess(lambda: open_session(path, device))

    def run(pictures: np.ndarray) -> list[np.ndarray]:
        session = current()
        return list(session.run(None, {session.get_inputs()[0].name: pictures}))

    return run


def open_session(path: Path, device: str) -> Any:
    """An onnxruntime.InferenceSession; device and errors as `load_model` has them."""
    try:
        import onnxruntime
    except ImportError as error:
        raise package_missing(path, "onnxruntime") from error
    if not path.is_file():
        raise WeightsMissing("The model {path} is missing.", path=path)
    providers = [PROVIDERS[name] for name in (device.split(":")[0], "cpu") if name in PROVIDERS]
    offered = onnxruntime.get_available_providers()
    wanted = [provider for provider in dict.fromkeys(providers) if provider in offered]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # warnings about unused tensors say nothing to a user
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # onnxruntime's own exceptions have no public base
        raise unusable(path, " ".join(str(error).split())[:200]) from error


def package_missing(path: Path, package: str) -> WeightsMissing:
    """What to raise where a model is there and the package that runs it is not."""
    return WeightsMissing(
        "{name} and the like need the package {package}, which is not installed. Install it with: pip "
        "install -r requirements.txt, or remove these files: the rest works without them.",
        name=path.name,
        package=package,
    )


def unusable(path: Path, reason: str) -> WeightsError:
    """What to raise for a file that is no ONNX model, or another model than the one that is needed."""
    return WeightsError(
        "{path} is not a usable ONNX model ({reason}). Download it again, or delete it to continue without "
        "it.",
        path=path,
        reason=reason,
    )
