"""A child's work on a video: it sends the facts, the timestamps of the frames, or the frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.decoding.messages import Channel
from media.video_reader import VideoReader


def _facts(channel: Channel, reader: VideoReader) -> None:
    about = {
        "fps": [reader.fps.numerator, reader.fps.denominator],
        "size": reader.size,
        "indexed": reader.indexed,
        "empty_places": reader.empty_places,
        "frames": reader.frames,
        "duration": reader.duration,
        "has_sound": reader.has_sound,
        "metadata": reader.metadata,
    }
    channel.send({"kind": "video"}, json.dumps(about).encode("ascii"))


def _times(channel: Channel, reader: VideoReader) -> None:
    channel.send({"kind": "times"}, np.array(reader.times(), np.float64).data.cast("B"))


def _start(channel: Channel, reader: VideoReader) -> None:
    channel.send({"kind": "start", "start": reader.start()})


def _turns(channel: Channel, reader: VideoReader) -> None:
    channel.send({"kind": "turns", "turns": reader.quarter_turns()})


def _frames(channel: Channel, reader: VideoReader) -> None:
    for time, frame in reader.timed():
        pixels = np.ascontiguousarray(frame)
        channel.send({"kind": "frame", "time": time, "shape": pixels.shape}, pixels.data.cast("B"))
    channel.send({"kind": "end"})


_DOING = {"video": _facts, "times": _times, "start": _start, "turns": _turns, "frames": _frames}


def _doing(
    do: Callable[[Channel, VideoReader], None],
) -> Callable[[Channel, dict[str, Any], bytearray], None]:
    def doing(channel: Channel, request: dict[str, Any], _: bytearray) -> None:
        try:
            do(channel, VideoReader(Path(request["path"])))
        except av.error.FFmpegError as error:
            reason = str(getattr(error, "strerror", None) or error)[:500]
            channel.send({"kind": "damaged", "code": int(error.errno or 0), "reason": reason})

    return doing


VIDEO_WORK = {name: _doing(do) for name, do in _DOING.items()}
