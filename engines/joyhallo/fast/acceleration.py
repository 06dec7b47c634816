"""Runs a denoising step as a CUDA graph, compiled by torch first if wanted, or unchanged if that fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from engines.joyhallo.fast.nested import leaves, mapped, structure
from media.messages import said

Acceleration = Literal["off", "graphs", "compiled"]
StepFunction = Callable[..., tuple[Tensor, Tensor]]
WARM_UPS = 2
"""Runs before a recording, in which libraries choose their kernels and allocate memory."""

log = logging.getLogger(__name__)


class Accelerated:
    """A function of tensors (and containers of them) of fixed shapes that runs faster the second time.

    Several jobs may call it. When recording or compiling fails, `trouble` says why and the function itself
    runs from then on; running out of memory is not such a failure.
    """

    def __init__(self, function: StepFunction, how: Acceleration, device: torch.device) -> None:
        self._plain = function
        self._lock = threading.Lock()
        self.trouble = ""
        self._fast: StepFunction | None = None
        if how == "compiled":
            function = torch.compile(function, dynamic=False)
            self._fast = Recorded(function) if device.type == "cuda" else function
        elif how == "graphs" and device.type == "cuda":
            self._fast = Recorded(function)
        elif how == "graphs":
            self.trouble = said(
                "Graphs need a CUDA device, not {device}. The engine ran without them.", device=device.type
            )

    def __call__(self, *arguments: Any) -> tuple[Tensor, Tensor]:
        """Call the function."""
        if self._fast is None:
            return self._plain(*arguments)
        with self._lock:  # recordings have one buffer for their inputs
            try:
                return self._fast(*arguments)
            except torch.OutOfMemoryError:
                raise
            except Exception as error:  # whatever a compiler or a driver raises
                log.warning("The step could not be accelerated.", exc_info=True)
                reason = " ".join(str(error).split())[:120]
                self.trouble = said(
                    "The step could not be accelerated ({reason}). The engine ran without acceleration.",
                    reason=reason,
                )
                self._fast = None
        return self._plain(*arguments)


@dataclass(frozen=True, eq=False)
class _Recording:
    """A graph with the buffers that it reads from and writes to."""

    graph: torch.cuda.CUDAGraph
    inputs: list[Tensor]
    outputs: Any


class Recorded:
    """Plays a function back from a CUDA graph: one recording for each set of shapes."""

    def __init__(self, function: StepFunction) -> None:
        self._function = function
        self._recordings: dict[Any, _Recording] = {}
        self._given: dict[Any, list[Tensor]] = {}

    def __call__(self, *arguments: Any) -> Any:
        """The function's result, in its own memory."""
        values = list(leaves(arguments))
        shapes = tuple((t.shape, t.dtype) if isinstance(t, Tensor) else t for t in values)
        key = (structure(arguments), shapes)
        given = [value for value in values if isinstance(value, Tensor)]
        recording = self._recordings.get(key)
        if recording is None:
            recording = self._recordings[key] = self._record(arguments)
        else:
            # What a clip's steps share is the same tensor as in the previous step and is not copied again.
            for place, new, old in zip(recording.inputs, given, self._given[key], strict=True):
                if new is not old:
                    place.copy_(new)
        self._given[key] = given
        recording.graph.replay()
        return mapped(lambda value: value.clone(), recording.outputs)

    def _record(self, given: tuple[Any, ...]) -> _Recording:
        arguments = mapped(lambda value: value.clone() if isinstance(value, Tensor) else value, given)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                self._function(*arguments)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            outputs = self._function(*arguments)
        inputs = [place for place in leaves(arguments) if isinstance(place, Tensor)]
        return _Recording(graph, inputs, outputs)
