"""Foreign videos: frames at an uneven rate, a sound that begins late, a phone held upright."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from studio.clips.export import export
from studio.clips.source import open_source
from studio.settings import Settings
from tests.studio.clips.sources import bursts, changes, last, onsets

RATE = 48_000


def film(path: Path, times: Iterable[float], seconds: float, late: float = 0.0) -> Path:
    """Bright in every second second, with a tone at each whole second. late: when its sound begins."""
    sound = np.repeat(bursts(seconds), 3)[round(late * RATE) :]
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.time_base = Fraction(1, 90_000)
        audio = file.add_stream("aac", rate=RATE, layout="mono")
        for time in times:
            picture = np.full((48, 64, 3), 200 if int(time + 1e-6) % 2 else 40, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(time * 90_000), Fraction(1, 90_000)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        for begin in range(0, len(sound) - 1024, 1024):
            piece = av.AudioFrame.from_ndarray(
                sound[None, begin : begin + 1024], format="fltp", layout="mono"
            )
            piece.sample_rate, piece.time_base = RATE, Fraction(1, RATE)
            piece.pts = begin + round(late * RATE)
            file.mux(audio.encode(piece))
        file.mux(audio.encode(None))
    return path


def test_an_uneven_rate_does_not_run_away_from_the_sound(tmp_path: Path, settings: Settings) -> None:
    """As phones record: a sixth of the frames is missing here and there."""
    kept = np.random.default_rng(1).random(300) > 0.15
    kept[0] = kept[-1] = True
    source = film(tmp_path / "phone.mp4", (np.arange(300) / 30)[kept], 10.0)
    edited = last(export(source, tmp_path / "out.mp4", settings=settings))
    assert edited.duration == pytest.approx(10.0, abs=0.06)
    assert changes(edited.path) == pytest.approx(list(range(1, 10)), abs=0.07)
    assert onsets(edited.path) == pytest.approx(list(range(1, 10)), abs=0.01)


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_a_sound_that_begins_late_stays_late(tmp_path: Path, settings: Settings, ending: str) -> None:
    source = film(tmp_path / f"late.{ending}", np.arange(90) / 30, 3.0, late=0.6)
    edited = last(export(source, tmp_path / "out.webm", settings=settings))
    assert changes(edited.path) == pytest.approx([1.0, 2.0], abs=0.04)
    assert onsets(edited.path) == pytest.approx([1.0, 2.0], abs=0.03)


def test_the_rate_of_film_does_not_drift(tmp_path: Path, settings: Settings) -> None:
    """24000/1001 frames per second, of which FFmpeg gets two decimals."""
    source = film(tmp_path / "film.mkv", np.arange(240) * 1001 / 24_000, 10.0)
    edited = last(export(source, tmp_path / "out.mp4", settings=settings))
    assert edited.fps == 23.98
    assert changes(edited.path) == pytest.approx(list(range(1, 10)), abs=0.045)


def test_a_video_that_a_player_turns_is_turned(tmp_path: Path, settings: Settings, clock: Path) -> None:
    source = tmp_path / "upright.mp4"
    with av.open(str(clock)) as old, av.open(str(source), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    turned = turn_matrix(source.read_bytes())
    source.write_bytes(turned)
    assert open_source(source).size == (64, 96)
    edited = last(export(source, tmp_path / "out.mp4", settings=settings))
    assert edited.size == (64, 96)


def turn_matrix(data: bytes) -> bytes:
    """The same file with a quarter turn in its track's header (ISO 14496-12, 8.3.2)."""
    at = data.index(b"tkhd") + 4 + 4 + 36
    one, w = (1 << 16).to_bytes(4, "big"), (1 << 30).to_bytes(4, "big")
    nothing, minus = bytes(4), (2**32 - (1 << 16)).to_bytes(4, "big")
    matrix = nothing + one + nothing + minus + nothing + nothing + nothing + nothing + w
    return data[:at] + matrix + data[at + 36 :]
