"""Measures how fast a dub is made, and how much memory it takes, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from benchmarks import lip_tracks
from benchmarks.dub_videos import dub, talking
from benchmarks.figures import EXAMPLES, ROOT, Figure
from benchmarks.speed import make_voice
from evaluation.builtin.face_track import FaceTrack
from evaluation.builtin.lips import gap_and_width, opening
from media.dubbing.encoding_choice import encoding_of
from media.dubbing.source import open_source
from media.video import VideoReader, VideoWriter
from studio.peak_memory import peak_bytes

PORTRAIT = EXAMPLES / "portraits" / "astronaut.png"
SIZES = {"720p": ((1280, 720), 0.5), "1080p": ((1920, 1080), 1.0)}
"""Size of the frames, and seconds that a dub may take for a second of video."""
DEEP = "1080p, 10 bit HLG"
"""The video in 1080p again, as phones record HDR: in HEVC with 10 bits."""
SECONDS = 20.0
GROWTH = 60.0
"""Megabytes that a long dub may take more than one of a minute."""


def speed_figures(folder: Path) -> Iterator[Figure]:
    """Wall time of the whole dub, and of the encoding alone, for a second of video."""
    voice = make_voice(SECONDS, folder / "voice.wav")
    face = talking(PORTRAIT, voice, folder / "face.mp4")
    for name, (size, most) in SIZES.items():
        source = scene(face, folder / f"{name}.mp4", size)
        yield from _speed_of(name, source, voice, most)
    deep = in_10_bits(source, folder / "deep.mp4")
    yield from _speed_of(DEEP, deep, voice, SIZES["1080p"][1])


def _speed_of(name: str, source: Path, voice: Path, most: float) -> Iterator[Figure]:
    dubbed = source.with_name("dubbed.mp4")
    made = _alone(source, voice, dubbed)
    yield Figure(f"{name}: real-time factor", made["seconds"] / SECONDS, "", most, at_least=False)
    yield Figure(f"{name}: of it, following the faces", made["following"] / SECONDS)
    yield Figure(f"{name}: processor time per frame", 1000 * made["processor"] / made["frames"], "ms")
    alone = _encoding(dubbed, dubbed.parent)
    yield Figure(f"{name}: real-time factor of encoding alone", alone["seconds"] / SECONDS)
    yield Figure(
        f"{name}: processor time of encoding alone", 1000 * alone["processor"] / made["frames"], "ms"
    )


def memory_figures(folder: Path, minutes: int) -> Iterator[Figure]:
    """Peak memory of a long dub against one of a minute."""
    voice = make_voice(20.0, folder / "voice.wav")
    face = talking(PORTRAIT, voice, folder / "face.mp4", fps=15)
    peaks = []
    for length in (1, minutes):
        source = _repeated(face, folder / f"{length}.mp4", length * 60.0)
        voice = make_voice(length * 60.0, folder / f"{length}.wav")
        made = _alone(source, voice, folder / "dubbed.mp4")
        peaks.append(made["peak"])
        yield Figure(f"peak memory of {length} min", made["peak"], "MB")
    yield Figure(f"growth from 1 to {minutes} min", peaks[1] - peaks[0], "MB", GROWTH, at_least=False)
    first, last = (best_lag_in(folder / "dubbed.mp4", voice, begin) for begin in (0, minutes * 60 - 60))
    yield Figure(
        f"lag of the last minute of {minutes} against the first", abs(last - first), "frames", 1, False
    )


def best_lag_in(video: Path, voice: Path, begin: int) -> int:
    """Frames by which the mouth comes after the loudness of the voice in one minute, from a second on."""
    fps = round(VideoReader(video).fps)
    track, frames = FaceTrack(), slice(begin * fps, (begin + 60) * fps)
    pictures = islice(VideoReader(video), frames.start, frames.stop)
    gap = opening(*zip(*(gap_and_width(track.next(picture)) for picture in pictures), strict=True))
    with wave.open(str(voice)) as file:
        rate = file.getframerate()
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)
    edges = np.round(np.arange(frames.start, frames.start + len(gap) + 1) * rate / fps).astype(int)
    total = np.concatenate([[0.0], np.cumsum(np.square(sound))])[np.minimum(edges, len(sound))]
    return lip_tracks.best_lag(gap, np.sqrt(np.diff(total)))


def scene(face: Path, video: Path, size: tuple[int, int]) -> Path:
    """A talking square in the middle of a wide frame, as tall as the frame."""
    width, height = size
    reader = VideoReader(face)
    with VideoWriter(video, size, round(reader.fps), sound=None, quality=18, metadata={}) as writer:
        for picture in reader:
            square = cv2.resize(picture, (height, height), interpolation=cv2.INTER_CUBIC)
            side = (width - height) // 2
            frame = cv2.copyMakeBorder(square, 0, 0, side, width - height - side, cv2.BORDER_REFLECT_101)
            writer.write(frame[None])
    return video


def in_10_bits(source: Path, video: Path) -> Path:
    """The same frames in HEVC with 10 bits and the tags of HLG."""
    with av.open(str(source)) as read, av.open(str(video), "w") as out:
        given = read.streams.video[0]
        stream: Any = out.add_stream(
            "libx265",
            rate=given.average_rate,
            options={"preset": "ultrafast", "x265-params": "crf=18:log-level=none"},
        )
        stream.width, stream.height, stream.pix_fmt = given.width, given.height, "yuv420p10le"
        stream.codec_context.codec_tag = "hvc1"
        stream.colorspace, stream.color_primaries, stream.color_trc, stream.color_range = 9, 9, 18, 1
        for frame in read.decode(given):
            out.mux(stream.encode(frame.reformat(format="yuv420p10le")))
        out.mux(stream.encode(None))
    return video


def _repeated(face: Path, video: Path, seconds: float) -> Path:
    """The video again and again, its packets copied."""
    with av.open(str(face)) as source, av.open(str(video), "w") as out:
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        assert stream.time_base is not None
        period = round(float(VideoReader(face).duration) / stream.time_base)
        begin = 0
        while begin * stream.time_base < seconds:
            source.seek(0)
            for packet in source.demux(stream):
                if packet.pts is None or packet.dts is None:
                    continue
                packet.pts, packet.dts = packet.pts + begin, packet.dts + begin
                packet.stream = copy
                out.mux(packet)
            begin += period
    return video


def _alone(video: Path, voice: Path, output: Path) -> dict[str, Any]:
    """Dub in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.dub_speed", str(video), str(voice), str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _encoding(video: Path, folder: Path) -> dict[str, float]:
    """Seconds and processor seconds that encoding the frames of a finished dub takes, as dubs are encoded:
    they are decoded before, in parts that fit into the memory.
    """
    choice = encoding_of(open_source(video).facts, "mp4")
    code = (
        "import itertools, json, sys, time, av\n"
        "source = av.open(sys.argv[1]); stream = source.streams.video[0]\n"
        "out = av.open(sys.argv[2], 'w')\n"
        "codec, options = json.loads(sys.argv[3])\n"
        "made = out.add_stream(codec, rate=stream.average_rate, options=options)\n"
        "made.width, made.height, made.pix_fmt = stream.width, stream.height, stream.pix_fmt\n"
        "spent = [0.0, 0.0]\n"
        "frames = source.decode(stream)\n"
        "while part := list(itertools.islice(frames, 25)) or [None]:\n"
        "    began = time.monotonic(), time.process_time()\n"
        "    for frame in part:\n"
        "        out.mux(made.encode(frame))\n"
        "    spent[0] += time.monotonic() - began[0]; spent[1] += time.process_time() - began[1]\n"
        "    if part == [None]:\n"
        "        break\n"
        "out.close()\n"
        "print(json.dumps({'seconds': spent[0], 'processor': spent[1]}))\n"
    )
    how = json.dumps([choice.codec, choice.options])
    command = [sys.executable, "-c", code, str(video), str(folder / "again.mp4"), how]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """One dub, whose figures are printed as JSON."""
    video, voice, output = map(Path, sys.argv[1:4])
    began = time.process_time()
    made = dub(video, voice, output)
    spent = time.process_time() - began
    peak = (peak_bytes() or 0) / 2**20
    print(
        json.dumps(
            {
                "seconds": made.seconds,
                "following": made.report.following_seconds,
                "processor": spent,
                "frames": made.report.frames,
                "peak": round(peak, 1),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
