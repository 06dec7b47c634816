"""Queries Q-Align's network, which runs in another process with its own packages."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.qalign.scoring import LEVELS, Kind, prompt
from media.errors import EngineError

WORKER = Path(__file__).with_name("worker.py")


class QAlignProcess:
    """The network, loaded once. Close it to release the memory."""

    def __init__(self, python: Path, model: Path, device: str = "cpu") -> None:
        """Start the process and wait for the network, which takes minutes. Raises EngineError if
        that fails.
        """
        self._process = subprocess.Popen(
            [str(python), str(WORKER), str(model), device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        try:
            self._receive()
        except EngineError:
            self.close()
            raise

    def logits(self, frames: Iterable[np.ndarray], kind: Kind) -> np.ndarray:
        """(n, 5) float32, excellent first, of n (3, 448, 448) frames; (1, 5) of the video that they are.

        The frames are written to the disk one by one, so that memory does not grow with a video's length.
        Without frames: (0, 5).
        """
        with tempfile.TemporaryDirectory(prefix="joystudio-") as folder:
            path = Path(folder) / "pixels.f32"
            count = 0
            with path.open("wb") as file:
                for frame in frames:
                    file.write(frame.astype("<f4").tobytes())
                    count += 1
            if not count:
                return np.empty((0, len(LEVELS)), np.float32)
            request = {
                "prompt": prompt(kind),
                "levels": LEVELS,
                "pixels": str(path),
                "count": count,
                "joined": kind == "video",
            }
            return np.array(self._ask(request)["logits"], np.float32)

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has ended by itself
                self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._ended() from error
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        said = json.loads(line)
        if "error" in said:
            raise EngineError("Q-Align could not answer: {reason}", reason=said["error"])
        return said

    def _ended(self) -> EngineError:
        code = self._process.poll()
        return EngineError(
            "Q-Align's process ended (code {code}); it needs 16 GB on a GPU, or 33 GB without.", code=code
        )
