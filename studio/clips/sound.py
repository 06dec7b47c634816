"""The sound of a video as MoviePy requests it: by time, in order, piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from media.errors import JoyStudioError

if TYPE_CHECKING:
    from media.sound_stream import SoundBlocks, SoundFormat

RATE = 48_000
"""Samples per second of every edited video; Opus does not support 44,100."""


class SoundStream:
    """Samples at 48 kHz. Only samples after the last request are kept in memory."""

    def __init__(self, open_sound: Callable[[], tuple[SoundFormat, SoundBlocks]], channels: int) -> None:
        """open_sound: opens the sound from the first frame on. channels: 1 or 2, the result of mixing."""
        self._open_sound, self._channels = open_sound, channels
        self._sound: _Resampled | None = None
        self._held = np.zeros((0, channels), np.float32)
        self._start = 0

    def at(self, times: float | np.ndarray) -> np.ndarray:
        """(n, channels) float64 at n ascending times in seconds; silence before and after the sound.

        MoviePy requests one time when it creates a clip, to learn the number of channels; that is silence.
        """
        if not isinstance(times, np.ndarray):
            return np.zeros(self._channels)
        wanted = np.round(times * RATE).astype(np.int64)
        result = np.zeros((len(wanted), self._channels))
        if not len(wanted) or wanted[-1] < 0:
            return result
        first, end = max(0, int(wanted[0])), int(wanted[-1]) + 1
        self._reach(first, end)
        inside = (wanted >= self._start) & (wanted < self._start + len(self._held))
        result[inside] = self._held[wanted[inside] - self._start]
        return result

    def close(self) -> None:
        """Close the file."""
        if self._sound is not None:
            self._sound.close()
            self._sound = None

    def _reach(self, first: int, end: int) -> None:
        """Load the samples from `first` to `end`, as far as they exist."""
        if self._sound is None or first < self._start:
            self.close()
            self._sound = _Resampled(*self._open_sound(), self._channels)
            self._held, self._start = self._held[:0], 0
        while self._start + len(self._held) < end and (piece := self._sound.read()) is not None:
            self._held = np.concatenate([self._held, piece])
            passed = min(len(self._held), max(0, first - self._start))
            self._held, self._start = self._held[passed:], self._start + passed


class _Resampled:
    """Blocks of a sound, mixed to one or two channels and resampled to RATE."""

    def __init__(self, about: SoundFormat, blocks: SoundBlocks, channels: int) -> None:
        import soxr

        from media.sound.layouts import STEREO, mixing
        from media.sound.mono import MonoMix

        self._blocks, self._channels = blocks, channels
        self._mono = MonoMix(about) if channels == 1 else None
        stereo = about.channels == 2 or about.channels == 1
        self._matrix = None if self._mono or stereo else mixing(about.positions, STEREO)
        same = about.rate == RATE
        self._resampler = None if same else soxr.ResampleStream(about.rate, RATE, channels, dtype="float32")

    def read(self) -> np.ndarray | None:
        """The next (n, channels) float32, which may be empty; None at the end."""
        try:
            block = next(self._blocks, None)
        except JoyStudioError:  # the rest of a damaged sound is silence, as in a player
            block = None
        if block is None:
            return self._flush()
        mixed = self._mixed(block)
        if self._resampler is None:
            return mixed
        return self._shaped(self._resampler.resample_chunk(np.ascontiguousarray(mixed)))

    def close(self) -> None:
        self._blocks.close()

    def _flush(self) -> np.ndarray | None:
        resampler, self._resampler = self._resampler, None
        self._blocks.close()
        if resampler is None:
            return None
        rest = resampler.resample_chunk(self._shaped(np.zeros(0, np.float32)), last=True)
        return self._shaped(rest)

    def _mixed(self, block: np.ndarray) -> np.ndarray:
        if self._mono is not None:
            return self._mono.add(block)[:, None]
        if self._matrix is not None:
            return np.asarray(block @ self._matrix, np.float32)
        return np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block

    def _shaped(self, samples: np.ndarray) -> np.ndarray:
        return samples.reshape(-1, self._channels)
