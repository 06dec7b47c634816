"""A live session's sound as Opus packets of 20 ms, on the clock of its frames."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext

from studio.live.frame import LiveFrame

RATE = 48000
PACKET = RATE // 50
"""Samples in a packet."""
_BITS_PER_SECOND = 48_000
_TIME_BASE = Fraction(1, RATE)
_NOTHING = np.zeros(0, np.int16)


class OpusPackets:
    """Encodes the sound of one session's frames, in order.

    aiortc would encode them, too, but in stereo and each in another thread, for 2.5 times the processor time.
    In a silence that lasts, every packet is the one before: it is not encoded again.
    fps: the session's frames per second.
    """

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._encoder = _encoder()
        self._resampler: av.AudioResampler | None = None
        self._rate = RATE
        self._waiting = _NOTHING
        """Samples at RATE that are in no packet yet."""
        self._next: int | None = None
        """The number of the next frame."""
        self._sent = 0
        """Samples at RATE since frame 0 that are in packets, or came before the first one."""
        self._was_silent = False
        """Whether the frame before was digital silence."""
        self._settling = b""
        """The packet of silence that was encoded last."""
        self._silence = b""
        """The packet of a silence that lasts: empty while there is sound, and until two are the same."""

    def add(self, frame: LiveFrame) -> list[av.Packet]:
        """The packets that are complete now, with the time of the frames: `frame_index` / fps seconds."""
        begin, end = (number * RATE // self._fps for number in (frame.frame_index, frame.frame_index + 1))
        if frame.frame_index != self._next:
            self._waiting, self._sent = _NOTHING, begin
        self._next = frame.frame_index + 1
        silent = not frame.samples.any()
        # After one silent frame, a resampler has nothing left of the sound before.
        came = _NOTHING if silent and self._was_silent else self._resampled(frame)
        self._was_silent = silent
        # A resampler is a little behind, which its first frame shows; the frames' clock is not.
        missing = max(end - self._sent - len(self._waiting) - len(came), 0)
        self._waiting = np.concatenate([self._waiting, np.zeros(missing, np.int16), came])
        packets: list[av.Packet] = []
        while len(self._waiting) >= PACKET:
            packets += self._packets_of(self._waiting[:PACKET])
            self._waiting = self._waiting[PACKET:]
            self._sent += PACKET
        return packets

    def _packets_of(self, samples: np.ndarray) -> list[av.Packet]:
        if samples.any():
            self._settling = self._silence = b""
            return self._encoded(samples)
        if self._silence:
            packet = av.Packet(self._silence)
            packet.pts, packet.time_base = self._sent, _TIME_BASE
            return [packet]
        packets = self._encoded(samples)
        before, self._settling = self._settling, b"".join(map(bytes, packets))
        self._silence = self._settling if self._settling == before else b""
        return packets

    def _resampled(self, frame: LiveFrame) -> np.ndarray:
        """(n,) int16 at RATE."""
        if frame.sample_rate != self._rate:
            self._rate, self._resampler = frame.sample_rate, None
            if frame.sample_rate != RATE:
                self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        if self._resampler is None:
            return frame.samples
        parts = self._resampler.resample(_audio_frame(frame.samples, frame.sample_rate))
        return np.concatenate([_NOTHING, *(part.to_ndarray()[0] for part in parts)])

    def _encoded(self, samples: np.ndarray) -> list[av.Packet]:
        frame = _audio_frame(samples, RATE)
        frame.pts, frame.time_base = self._sent, _TIME_BASE
        packets = self._encoder.encode(frame)
        for packet in packets:
            # The encoder counts from before its first sample.
            packet.pts, packet.time_base = self._sent, _TIME_BASE
        return packets


def _audio_frame(samples: np.ndarray, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="s16", layout="mono")
    frame.sample_rate = rate
    return frame


def _encoder() -> AudioCodecContext:
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.bit_rate, encoder.sample_rate = _BITS_PER_SECOND, RATE
    encoder.format, encoder.layout = "s16", "mono"
    encoder.time_base = _TIME_BASE
    # 2.5 ms of delay in place of 6.5 ms, and half the processor time of the default.
    encoder.options = {"application": "lowdelay", "frame_duration": "20"}
    return encoder
