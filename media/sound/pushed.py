"""A video's sound that is made while the video is."""

from __future__ import annotations

import queue
from fractions import Fraction

import av
import numpy as np

from media.sound.array import layout_name
from media.sound.format import SoundBlocks, SoundFormat
from media.sound.layouts import usual_positions

RATE = 48000
"""Samples per second of the whole, whatever the rates of its parts are."""


class PushedSound:
    """Mono sound in parts of changing rates, as `media.video_writer.VideoWriter` takes it.

    One thread adds, and another reads the blocks, which waits for more until `end`.
    """

    def __init__(self) -> None:
        self._parts: queue.SimpleQueue[np.ndarray | None] = queue.SimpleQueue()
        self._resampler: av.AudioResampler | None = None
        self._rate = RATE
        self._due = Fraction(0)
        """Samples at RATE that everything added so far lasts."""
        self._given = 0

    def add(self, samples: np.ndarray, rate: int) -> None:
        """Add (n,) int16."""
        if rate != self._rate:
            self._finish_part()
            self._rate = rate
            self._resampler = None if rate == RATE else av.AudioResampler("s16", "mono", RATE)
        self._due += Fraction(len(samples) * RATE, rate)
        self._give(samples if self._resampler is None else self._resampled(samples))

    def end(self) -> None:
        """Nothing is added any more."""
        self._finish_part()
        self._parts.put(None)

    def _finish_part(self) -> None:
        """Give what the resampler still holds: as much as the sound lasts, to a sample."""
        if self._resampler is not None:
            rest = self._resampled(None)
            missing = round(self._due) - self._given
            self._give(np.pad(rest, (0, max(missing - len(rest), 0)))[: max(missing, 0)])

    def _resampled(self, samples: np.ndarray | None) -> np.ndarray:
        assert self._resampler is not None
        frame = None
        if samples is not None:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], "s16", "mono")
            frame.sample_rate = self._rate
        parts = [part.to_ndarray()[0] for part in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def _give(self, samples: np.ndarray) -> None:
        if len(samples):
            self._given += len(samples)
            self._parts.put(samples)

    def open_original(self) -> tuple[SoundFormat, SoundBlocks]:
        """The format and the blocks, (n, 1) float32 with full scale 1."""
        form = SoundFormat(RATE, 1, layout_name(1), "pcm_s16le", None, usual_positions(1))
        return form, self._blocks()

    def _blocks(self) -> SoundBlocks:
        while (part := self._parts.get()) is not None:
            yield (part.astype(np.float32) / 32768.0)[:, None]
        return ()
