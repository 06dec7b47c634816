"""Runs SyncNet over a face track frame by frame, and over its sound."""

from __future__ import annotations

import numpy as np
import torch

from evaluation.syncnet.mfcc import COEFFICIENTS, RATE, mfcc
from evaluation.syncnet.network import LIP_FRAMES, LIP_SIDE, SOUND_STEPS, WIDTH, SyncNet, fast_lips

FPS = 25
SAMPLES = RATE // FPS
"""Samples of sound per frame."""
BATCH = 20
"""Windows at once, as in the original; it only affects speed."""
STEPS = 4
"""MFCC columns per frame."""


def window_count(frames: int, samples: int) -> int:
    """The number of windows of both: one fewer than possible, as in the original; 0 if too short."""
    return max(0, min(frames, samples // SAMPLES) - LIP_FRAMES)


class LipStream:
    """Embeds the faces of one track in order and keeps the embeddings until they are taken."""

    def __init__(self, model: SyncNet, device: str = "cpu") -> None:
        self._model = model
        self._device = device
        self._faces: list[np.ndarray] = []
        self._found: list[np.ndarray] = []

    def add(self, face: np.ndarray) -> None:
        """The next (224, 224, 3) uint8 RGB face."""
        self._faces.append(np.ascontiguousarray(face[..., ::-1]))  # the network knows blue, green, red
        if len(self._faces) == BATCH + LIP_FRAMES - 1:
            self._run()

    def take(self) -> np.ndarray:
        """(k, 1024) float32 of the windows since the last call; often none."""
        found, self._found = self._found, []
        return np.concatenate([np.empty((0, WIDTH), np.float32), *found])

    def finish(self) -> np.ndarray:
        """As `take`, with the last windows: n - 4 in all, none for fewer than five faces."""
        if len(self._faces) >= LIP_FRAMES:
            self._run()
        return self.take()

    def _run(self) -> None:
        frames = torch.from_numpy(np.stack(self._faces)).to(self._device).permute(0, 3, 1, 2).float()
        with torch.inference_mode():
            self._found.append(fast_lips(self._model, frames).cpu().numpy())
        self._faces = self._faces[1 - LIP_FRAMES :]


class SoundWindows:
    """The windows of a sound, (n,) int16 at 16 kHz, that belong to the frames; window v begins with frame v.

    count: their number, as `window_count`. It keeps the cepstral coefficients of each, 416 bytes.
    """

    def __init__(self, model: SyncNet, samples: np.ndarray, frames: int, device: str = "cpu") -> None:
        self._model = model
        self._device = device
        self.count = window_count(frames, len(samples))
        if self.count:
            features = torch.from_numpy(mfcc(samples).T.astype(np.float32))  # (13, columns)
            self._windows = features.unfold(1, SOUND_STEPS, STEPS)[:, : self.count].permute(1, 0, 2)

    def embed(self, start: int, stop: int) -> np.ndarray:
        """(stop - start, 1024) float32 of some windows."""
        if stop <= start:
            return np.empty((0, WIDTH), np.float32)
        with torch.inference_mode():
            found = [
                self._model.sounds(batch[:, None].to(self._device)).cpu().numpy()
                for batch in self._windows[start:stop].split(BATCH)
            ]
        return np.concatenate(found)


def as_int16(samples: np.ndarray) -> np.ndarray:
    """16-bit samples of float samples of full scale 1, rounded and clipped as in sound files."""
    return np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)


__all__ = ["COEFFICIENTS", "FPS", "LIP_SIDE", "LipStream", "SoundWindows", "as_int16", "window_count"]
