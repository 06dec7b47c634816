"""The original sound as an AAC track, decoded and encoded piece by piece beside the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import OutputContainer

from media.decoding.decoding import DIRECT, Decoding
from media.sound_stream import SoundSource

AAC_RATES = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}
"""Layouts that AAC and browsers know by a number; others are mixed down to stereo."""


class SoundTrack:
    """Feeds one audio stream of a container, keeping just ahead of the pictures."""

    def __init__(self, container: OutputContainer, source: SoundSource, decoding: Decoding = DIRECT) -> None:
        """decoding: where the source is decoded. Raises SpeechError when that can no longer be done."""
        self._container = container
        self._format, self._blocks = decoding.open_sound(source)
        # The next higher rate that AAC has, so that nothing of the sound is cut off.
        self._rate = next((rate for rate in AAC_RATES if rate >= self._format.rate), AAC_RATES[-1])
        channels = self._format.channels
        self._layout = LAYOUTS.get(channels, "stereo")
        self._mix_down = channels not in LAYOUTS
        self._resampler: AudioResampler | None = None
        if self._rate != self._format.rate:
            self._resampler = AudioResampler("fltp", self._layout, self._rate)
        self._stream: Any = container.add_stream("aac", rate=self._rate, layout=self._layout)
        self._stream.bit_rate = min(96_000, 3 * self._rate) * min(channels, 2) + 48_000 * max(0, channels - 2)
        self._read = 0
        self._ended = False

    def advance(self, seconds: float) -> None:
        """Encode the sound up to a moment of the video."""
        while not self._ended and self._read < seconds * self._format.rate:
            self._take(next(self._blocks, None), None)

    def finish(self, seconds: float) -> None:
        """Encode what is left up to the end of the video and flush the encoder."""
        limit = round(seconds * self._format.rate)
        while not self._ended and self._read < limit:
            self._take(next(self._blocks, None), limit)
        if self._resampler is not None:
            self._encode(self._resampler.resample(None))
        self._container.mux(self._stream.encode(None))

    def close(self) -> None:
        """Close the source."""
        self._blocks.close()

    def _take(self, block: np.ndarray | None, limit: int | None) -> None:
        if block is None:
            self._ended = True
            return
        if limit is not None:
            block = block[: limit - self._read]
        if not len(block):
            return
        if self._mix_down:
            block = np.repeat(block.mean(axis=1, keepdims=True), 2, axis=1)
        planes = np.ascontiguousarray(np.clip(block.T, -1.0, 1.0), dtype=np.float32)
        frame = AudioFrame.from_ndarray(planes, format="fltp", layout=self._layout)
        frame.sample_rate = self._format.rate
        frame.time_base = Fraction(1, self._format.rate)
        frame.pts = self._read
        self._read += planes.shape[1]
        self._encode([frame] if self._resampler is None else self._resampler.resample(frame))

    def _encode(self, frames: list[AudioFrame] | Iterator[AudioFrame]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))
