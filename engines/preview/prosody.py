"""Measures how a voice speaks, frame by frame: loudness, pitch and stressed syllables.

The head and the brows follow these, not the mouth. The sound is read in blocks of one second on a fixed
grid, so that memory stays constant and the result does not depend on how the frames are asked for.
"""

from __future__ import annotations

import numpy as np

from engines.preview.voice_measures import (
    DECIMATION,
    HOP_LOW,
    HOPS_PER_SECOND,
    MARGIN,
    RATE,
    TAPS,
    Loudness,
    Stresses,
    decibels_of,
    frame_of,
    low_band,
    measured,
)

PROSODY_CHANNELS = ("loudness", "pitch", "voiced", "stress")

_BLOCK = 100  # hops read at a time
_CONTEXT = 40  # hops of the neighbouring blocks that the stress detector looks at
_LEAD = 8  # hops that a stress is reported early: a nod needs that long to arrive


class Prosody:
    """Reads a voice forward and gives features per video frame.

    samples: (n,) float32 mono at 16 kHz; it is read block by block and never copied as a whole. Frames beyond
    the end are silent.
    """

    def __init__(self, samples: np.ndarray, fps: int) -> None:
        if samples.ndim != 1:
            raise ValueError(f"samples have shape {samples.shape}; one channel is needed")
        self._samples = samples
        self._fps = fps
        self._frame = 0
        self._next_block = 0
        self._loudness = Loudness(*self._first_levels())
        self._past_pitch: list[np.ndarray] = []
        self._reference: float | None = None
        self._stresses = Stresses()
        # Rows: loudness, pitch, voiced. Three blocks: one before, the one being cut into frames, one after.
        before, now, after = np.zeros((3, _BLOCK)), self._read_block(), self._read_block()
        self._blocks = [before, now, after]
        self._waiting = self._find_stress(0)
        self._done = np.zeros((0, 4))  # finished hops that wait to become frames
        self._done_from = 0

    def read(self, frames: int) -> np.ndarray:
        """The features of the next `frames` frames: (frames, 4) float32, columns as PROSODY_CHANNELS.

        Row i stands for the interval [i/fps, (i+1)/fps) of the sound.
        loudness: 0 background, about 1 the loudest syllables of the last seconds.
        pitch: semitones above the speaker's running median, within -12..12; 0 where unvoiced.
        voiced: share of the frame that is voiced, 0..1.
        stress: 0, or 0..1 on the one frame where a stressed syllable is about to reach its peak.
        """
        rows = np.empty((frames, 4), np.float32)
        for k in range(frames):
            first = self._frame * HOPS_PER_SECOND // self._fps
            last = max(first + 1, (self._frame + 1) * HOPS_PER_SECOND // self._fps)
            while self._done_from + len(self._done) < last:
                self._finish_block()
            rows[k] = frame_of(self._done[first - self._done_from : last - self._done_from].T)
            self._frame += 1
        keep = self._frame * HOPS_PER_SECOND // self._fps - self._done_from
        self._done, self._done_from = self._done[keep:], self._done_from + keep
        return rows

    # The sound, on the grid of hops

    def _low_band(self, first: int, count: int) -> np.ndarray:
        """`count` samples at 4 kHz from index `first` (which may lie outside the sound: zeros)."""
        start = first * DECIMATION - len(TAPS) // 2
        stop = (first + count - 1) * DECIMATION - len(TAPS) // 2 + len(TAPS)
        piece = np.zeros(stop - start, np.float32)
        a, b = max(start, 0), min(stop, len(self._samples))
        if a < b:
            piece[a - start : b - start] = self._samples[a:b]
        return low_band(piece)

    def _first_levels(self) -> tuple[float, float]:
        """Speech level and background in dB to start with, from the first two seconds."""
        decibels = decibels_of(self._low_band(-1, 2 * RATE + 1))
        level = float(np.percentile(decibels, 95))
        return level, min(float(np.percentile(decibels, 5)), level - 25)

    def _read_block(self) -> np.ndarray:
        first = self._next_block * _BLOCK * HOP_LOW
        self._next_block += 1
        low = self._low_band(first - MARGIN, _BLOCK * HOP_LOW + 2 * MARGIN)
        loudness, semitones, voiced = measured(low, self._loudness)
        return np.stack([loudness, self._relative(semitones, voiced), voiced.astype(float)])

    def _relative(self, semitones: np.ndarray, voiced: np.ndarray) -> np.ndarray:
        """Pitch against the median of the last eight seconds; the reference glides within a block."""
        self._past_pitch = [*self._past_pitch[-7:], semitones[voiced]]
        known = np.concatenate(self._past_pitch)
        if len(known) == 0:
            return np.zeros(_BLOCK)
        median = float(np.median(known))
        reference = np.linspace(median if self._reference is None else self._reference, median, _BLOCK)
        self._reference = median
        return np.where(voiced, np.clip(semitones - reference, -12, 12), 0.0)

    # Stress

    def _finish_block(self) -> None:
        """Move the block in the middle to the finished hops, with its stresses led by `_LEAD`."""
        following = self._read_block()
        self._blocks = [self._blocks[1], self._blocks[2], following]
        index = self._next_block - 2  # of the new middle block
        stress = self._find_stress(index)
        joined = np.concatenate([self._waiting, stress])[_LEAD : _LEAD + _BLOCK]
        self._waiting = stress
        hops = np.concatenate([self._blocks[0].T, joined[:, None]], axis=1)
        self._done = np.concatenate([self._done, hops])

    def _find_stress(self, index: int) -> np.ndarray:
        """Stressed syllables of the middle block: (100,) with 0..1 on their peaks and 0 elsewhere."""
        loudness, pitch, voiced = np.concatenate(
            [self._blocks[0][:, -_CONTEXT:], self._blocks[1], self._blocks[2][:, :_CONTEXT]], axis=1
        )
        span = range(_CONTEXT, _CONTEXT + _BLOCK)
        return self._stresses.find(loudness, pitch, voiced, span, index * _BLOCK)
