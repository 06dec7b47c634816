"""An engine that runs on a GPU lent for one job. Imported on ZeroGPU only.

ZeroGPU forks a process for the work. Faces are found, and videos written and signed, in the page's own
process: that costs no GPU time, and MediaPipe does not work in a forked process.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import spaces

from engines import registry
from engines.base import Engine, EngineOptions, Note, Work
from engines.saved_motion import SavedMotion
from media.errors import DeviceUnavailable, JoyStudioError
from media.portrait import Portrait
from media.voice import Voice
from studio.hosting.gpu_time import gpu_seconds
from studio.weights_report import report_weights

UNCOMPILED = "The engine does not compile on a borrowed GPU. It ran without compilation."


@dataclass(frozen=True)
class _Failure:
    """An error as a value: ZeroGPU passes on only the name of an exception."""

    error: Exception


def _seconds(
    name: str,
    device: str,
    portrait: Portrait,
    voice: Voice,
    options: EngineOptions,
    seed: int,
    motion: SavedMotion | None,
) -> int:
    return gpu_seconds(name, options, voice.duration, sampled=motion is None)


@spaces.GPU(duration=_seconds)
def _animate(
    name: str,
    device: str,
    portrait: Portrait,
    voice: Voice,
    options: EngineOptions,
    seed: int,
    motion: SavedMotion | None,
) -> Generator[Work | _Failure, None, None]:
    """The engine's work, in the process that has the GPU. All inputs and outputs can be pickled."""
    again = {"motion": motion} if motion is not None else {}
    try:
        yield from registry.load(name, device).animate(portrait, voice, options, seed, **again)
    except Exception as error:
        if not isinstance(error, JoyStudioError):
            logging.getLogger(__name__).exception("The engine %s failed.", name)
        yield _Failure(_portable(error))


def _portable(error: Exception) -> Exception:
    """An error that can be sent to the other process: with a message only, or as its text."""
    if isinstance(error, JoyStudioError | MemoryError):
        return error
    return RuntimeError(f"{type(error).__name__}: {error}")


class ZeroGpuEngine(Engine[EngineOptions]):
    """Replaces an engine, and has a GPU only while it animates."""

    def __init__(self, name: str, device: str, *, random_weights: bool) -> None:
        self._name = name
        self._device = device
        self.random_weights = random_weights

    @classmethod
    def of(cls, name: str, device: str) -> ZeroGpuEngine:
        """Wraps the engine of this name. Raises WeightsMissing or EngineError before a GPU is requested."""
        report = report_weights(name)
        if report is not None and not report.ready:
            registry.load(name, device)  # names what is missing
        return cls(name, device, random_weights=report is not None and report.random_weights)

    def picture_size(self, portrait: Portrait, options: EngineOptions) -> tuple[int, int]:
        """As in the engine."""
        return registry.engine_class(self._name)().picture_size(portrait, options)

    def animate(
        self,
        portrait: Portrait,
        voice: Voice,
        options: EngineOptions,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[Work]:
        """As in the engine. Raises DeviceUnavailable if no GPU is lent, or not for long enough."""
        if getattr(options, "compile", "") == "compiled":
            options = options.model_copy(update={"compile": "off"})
            yield Note(UNCOMPILED)
        work = _animate(self._name, self._device, portrait, voice, options, seed, motion)
        try:
            yield from _handed_on(work)
        finally:
            work.close()


def _handed_on(work: Iterator[Any]) -> Iterator[Work]:
    while True:
        try:
            piece = next(work)
        except StopIteration:
            return
        except Exception as error:  # ZeroGPU's own: no quota, no GPU, or it was taken back
            said = re.sub(r"<[^>]*>", "", str(getattr(error, "message", error))).strip().rstrip(".")
            raise DeviceUnavailable(
                "No GPU was available for long enough: {reason}. Use a shorter voice or fewer steps, try "
                "again later, or use the engine Express (preview), which needs no GPU.",
                reason=said,
            ) from error
        if isinstance(piece, _Failure):
            raise piece.error
        yield piece
