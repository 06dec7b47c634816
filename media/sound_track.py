"""The original sound as an AAC track, decoded and encoded piece by piece along with the frames."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import OutputContainer

from media.sound.layouts import WRITTEN, mixing, written_layout
from media.sound_stream import SoundBlocks, SoundFormat

AAC_RATES = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)

QUICK: dict[str, object] = {"aac_coder": "fast"}
"""FFmpeg's quicker choice of quantizers, for one channel: a third of the work. At the bit rates used here,
three voices at 8 to 48 kHz came out with 3 to 24 dB less noise in all, and 0.4 to 7 dB less in the average
mel band, in as many bytes. With two channels, there was sometimes 9 dB more.
"""


class SoundTrack:
    """Feeds one audio stream of a container, up to the time that the frames have come to."""

    def __init__(self, container: OutputContainer, form: SoundFormat, blocks: SoundBlocks) -> None:
        """form, blocks: as from `media.sound_stream.open_sound`.

        The channels keep their positions in a layout that every player supports, and are mixed to the next
        smaller one if AAC has none for them. Raises VoiceError if the source can no longer be decoded.
        """
        self._container = container
        self._format, self._blocks = form, blocks
        # The next higher rate that AAC has, so that no frequencies are lost.
        self._rate = next((rate for rate in AAC_RATES if rate >= self._format.rate), AAC_RATES[-1])
        self._layout = written_layout(self._format.positions)
        target = WRITTEN[self._layout]
        same = self._format.positions == target or self._format.channels == 1
        self._mix = None if same else mixing(self._format.positions, target)
        channels = len(target)
        self._resampler: AudioResampler | None = None
        if self._rate != self._format.rate:
            self._resampler = AudioResampler("fltp", self._layout, self._rate)
        self._stream: Any = container.add_stream("aac", rate=self._rate, layout=self._layout)
        if channels == 1:
            self._stream.options = QUICK
        self._stream.bit_rate = min(96_000, 3 * self._rate) * min(channels, 2) + 48_000 * max(0, channels - 2)
        self._left = np.empty((0, self._format.channels), np.float32)  # read and not yet encoded
        self._read = 0
        self._ended = False

    def advance(self, seconds: float) -> None:
        """Encode the sound up to a time in the video."""
        self._encode_until(round(seconds * self._format.rate))

    def finish(self, seconds: float) -> None:
        """Encode the rest up to the end of the video and flush the encoder."""
        self._encode_until(round(seconds * self._format.rate))
        if self._resampler is not None:
            self._encode(self._resampler.resample(None))
        self._container.mux(self._stream.encode(None))

    def close(self) -> None:
        """Close the source."""
        self._blocks.close()

    def _encode_until(self, limit: int) -> None:
        while not self._ended and self._read < limit:
            if not len(self._left):
                block = next(self._blocks, None)
                self._ended = block is None
                self._left = self._left if block is None else block
            piece, self._left = self._left[: limit - self._read], self._left[limit - self._read :]
            if len(piece):
                self._take(piece)

    def _take(self, block: np.ndarray) -> None:
        if self._mix is not None:
            block = block @ self._mix
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
