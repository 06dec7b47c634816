from __future__ import annotations

from itertools import pairwise

import av
import numpy as np
import pytest

from studio.live import LiveFrame
from studio.live.webrtc.sound import RATE, OpusPackets


def sweep(rate: int, seconds: float) -> np.ndarray:
    """Rises from 200 to 2000 Hz, so that no moment is like another."""
    t = np.arange(round(rate * seconds)) / rate
    return np.rint(8000 * np.sin(2 * np.pi * (200 + 900 * t / seconds) * t)).astype(np.int16)


def frames_of(sound: np.ndarray, rate: int, fps: int, first: int = 0) -> list[LiveFrame]:
    ends = [number * rate // fps for number in range(len(sound) * fps // rate + 1)]
    return [
        LiveFrame(first + number, None, False, sound[begin:end], rate, speaking=True)
        for number, (begin, end) in enumerate(pairwise(ends))
    ]


def decoded(packets: list[av.Packet]) -> np.ndarray:
    decoder = av.CodecContext.create("libopus", "r")
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    return np.concatenate(
        [frame.to_ndarray().reshape(-1, frame.layout.nb_channels)[:, 0] for frame in frames]
    )


def lag(given: np.ndarray, heard: np.ndarray) -> int:
    """Samples by which one is later than the other."""
    size = min(len(given), len(heard))
    spectrum = np.fft.rfft(heard[:size], 2 * size) * np.conj(np.fft.rfft(given[:size], 2 * size))
    place = int(np.argmax(np.fft.irfft(spectrum)))
    return place if place < size else place - 2 * size


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("fps", [24, 25, 30])
def test_the_sound_of_a_frame_has_its_time_at_every_rate(rate: int, fps: int) -> None:
    opus = OpusPackets(fps)
    packets = [packet for frame in frames_of(sweep(rate, 2.0), rate, fps) for packet in opus.add(frame)]
    assert [packet.pts for packet in packets] == [960 * number for number in range(100)]
    heard = decoded(packets).astype(float)
    # The encoder takes 2.5 ms, a resampler less than 3 ms.
    assert 0 <= lag(sweep(RATE, 2.0).astype(float), heard) <= 0.006 * RATE
    assert np.std(heard) == pytest.approx(np.std(sweep(RATE, 2.0)), rel=0.05)


def test_a_voice_of_another_rate_and_a_viewer_who_comes_later_keep_the_clock() -> None:
    opus = OpusPackets(25)
    first = [packet.pts for f in frames_of(np.zeros(16000, np.int16), 16000, 25, 7) for packet in opus.add(f)]
    then = [packet.pts for f in frames_of(sweep(24000, 1.0), 24000, 25, 32) for packet in opus.add(f)]
    later = [packet.pts for f in frames_of(sweep(24000, 0.2), 24000, 25, 100) for packet in opus.add(f)]
    assert first + then == list(range(7 * 1920, 57 * 1920, 960))
    assert later == list(range(100 * 1920, 105 * 1920, 960))


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_a_silence_that_lasts_is_one_packet_and_what_follows_keeps_its_time(rate: int) -> None:
    opus, said = OpusPackets(25), sweep(rate, 1.0)
    sound = np.concatenate([said, np.zeros(rate, np.int16), said])
    packets = [packet for frame in frames_of(sound, rate, 25) for packet in opus.add(frame)]
    assert [packet.pts for packet in packets] == [960 * number for number in range(150)]
    assert len({bytes(packet) for packet in packets[75:99]}) == 1
    heard = decoded(packets).astype(float)
    assert not heard[76 * 960 : 100 * 960].any()
    assert 0 <= lag(sweep(RATE, 1.0).astype(float), heard[100 * 960 :]) <= 0.006 * RATE
    assert np.std(heard[100 * 960 :]) == pytest.approx(np.std(sweep(RATE, 1.0)), rel=0.05)
