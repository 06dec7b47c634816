"""Compares lips and sound while frames are read, so that memory does not grow with a video's length."""

from __future__ import annotations

import numpy as np

from evaluation.syncnet.distances import SyncScore, distances, score_of
from evaluation.syncnet.embedding import LipStream, SoundWindows
from evaluation.syncnet.network import WIDTH, SyncNet


class Comparer:
    """Compares one track's faces with its sound. It keeps the distances of each frame, 124 bytes."""

    def __init__(
        self, model: SyncNet, samples: np.ndarray, frames: int, vshift: int, device: str = "cpu"
    ) -> None:
        """samples: (n,) int16 at 16 kHz, from the first frame on. frames: their total number."""
        self._lips = LipStream(model, device)
        self._sound = SoundWindows(model, samples, frames, device)
        self._vshift = vshift
        self._found: list[np.ndarray] = []
        self._done = 0  # windows that are compared
        self._around = np.zeros((vshift, WIDTH), np.float32)  # embeddings from vshift before `_done` on
        self._heard = 0  # windows of sound that are embedded

    def add(self, face: np.ndarray) -> None:
        """The next (224, 224, 3) uint8 RGB face."""
        self._lips.add(face)
        self._compare(self._lips.take())

    def finish(self) -> SyncScore | None:
        """The score; None when faces or sound are too short."""
        self._compare(self._lips.finish())
        return score_of(np.concatenate(self._found)) if self._found else None

    def _compare(self, lips: np.ndarray) -> None:
        lips = lips[: self._sound.count - self._done]
        if not len(lips):
            return
        self._embed_sound(self._done + len(lips) + self._vshift)
        self._found.append(distances(lips, self._around, self._vshift))
        self._done += len(lips)
        self._around = self._around[len(lips) :]

    def _embed_sound(self, stop: int) -> None:
        """Embed the sound up to a window, with zeros beyond its end."""
        inside = self._sound.embed(self._heard, min(stop, self._sound.count))
        beyond = np.zeros((stop - self._heard - len(inside), WIDTH), np.float32)
        self._around = np.concatenate([self._around, inside, beyond])
        self._heard = stop
