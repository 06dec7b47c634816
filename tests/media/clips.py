"""Clips whose picture turns white at the moment a tone begins, in any container, with holes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE, FPS = 48_000, 25


def write_clip(
    path: Path,
    *,
    container: str | None = None,
    codec: str = "pcm_s16le",
    video: str = "mpeg4",
    sound_at: float = 0.0,
    picture_at: float = 0.0,
    signal_at: float = 1.0,
    hole: tuple[float, float] | None = None,
    jitter: float = 0.0,
    seconds: float = 2.0,
    options: dict[str, str] | None = None,
    video_options: dict[str, str] | None = None,
) -> Path:
    """Write it. All moments are seconds of the file's clock; signal_at falls on a picture.

    hole: from when to when the packets of sound are left out. jitter: seconds that sound's timestamps are off
    by at most, at random.
    """
    rng = np.random.default_rng(1)
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        pictures: Any = out.add_stream(video, rate=FPS, options=video_options or {})
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        sound: Any = out.add_stream(codec, rate=RATE, layout="mono")
        packets: list[Any] = []
        for i in range(round(seconds * FPS)):
            white = picture_at + i / FPS >= signal_at - 1e-6
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 255 * white, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round((picture_at + i / FPS) * 1000), Fraction(1, 1000)
            packets += pictures.encode(frame)
        packets += pictures.encode(None)
        moments = sound_at + np.arange(round(seconds * RATE)) / RATE
        inside = (moments >= signal_at) & (moments < signal_at + 0.2)
        wave = (0.7 * inside * np.sin(2 * np.pi * 1500 * (moments - signal_at))).astype(np.float32)
        heard: list[Any] = []
        for at in range(0, len(wave), 960):
            piece = av.AudioFrame.from_ndarray(wave[None, at : at + 960], format="fltp", layout="mono")
            piece.sample_rate, piece.time_base = RATE, Fraction(1, RATE)
            piece.pts = at + round(sound_at * RATE)
            heard += sound.encode(piece)
        heard += sound.encode(None)
        for packet in heard:
            time = float(packet.pts * packet.time_base)
            if hole is not None and hole[0] <= time < hole[1]:
                continue
            off = round(rng.uniform(-jitter, jitter) / float(packet.time_base))
            packet.pts, packet.dts = packet.pts + off, packet.dts + off
            packets.append(packet)
        for packet in sorted(packets, key=lambda one: float(one.dts * one.time_base)):
            out.mux(packet)
    return path


def tone_after_white(path: Path) -> float:
    """Seconds from the white picture to the tone by the timestamps that PyAV decodes, as a player does."""
    with av.open(str(path)) as file:
        white = next(one.time for one in file.decode(video=0) if _brightness(one) > 128)
    with av.open(str(path)) as file:
        for piece in file.decode(audio=0):
            values = piece.to_ndarray()[0].astype(np.float64)
            values = values / (1.0 if piece.format.name.startswith("flt") else 32768.0)
            loud = np.flatnonzero(np.abs(values) > 0.1)
            if len(loud):
                return float(piece.time + loud[0] / piece.sample_rate - white)
    raise AssertionError(f"no tone in {path}")


def _brightness(picture: av.VideoFrame) -> float:
    """The mean of its first plane, which is luma in every format that `write_clip` encodes."""
    luma = picture.planes[0]
    return float(np.frombuffer(luma, np.uint8).reshape(-1, luma.line_size)[:, : luma.width].mean())


def trim_start(path: Path, out: Path, seconds: float) -> Path:
    """Copy an MP4 with an edit list that leaves out the first seconds, as phones trim; all data stays."""
    with (
        av.open(str(path)) as given,
        av.open(str(out), "w", options={"avoid_negative_ts": "disabled"}) as made,
    ):
        streams = {stream.index: made.add_stream_from_template(stream) for stream in given.streams}
        for packet in given.demux():
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            earlier = round(seconds / packet.time_base)
            packet.pts, packet.dts = packet.pts - earlier, packet.dts - earlier
            packet.stream = streams[packet.stream.index]
            made.mux(packet)
    return out
