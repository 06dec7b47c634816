"""Decodes a video in separate processes: facts, timestamps and frames come from children."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from pydantic import BaseModel, Field, FiniteFloat, NonNegativeInt, PositiveInt, ValidationError

from media.decoding.answers import expect, explained
from media.decoding.child import ChildFailed
from media.decoding.decoding import CAN_ISOLATE
from media.decoding.isolated import IsolatedDecoding
from media.decoding.limits import Limits
from media.errors import InputError, VideoError
from media.sound_stream import SoundBlocks, SoundFormat
from media.video_reader import VideoReader

MOST_FACTS = 1 << 24
"""Bytes of a video's facts, most of them metadata."""
MOST_TIMES = 1 << 27
"""Bytes of the timestamps of a video's frames: 77 hours at 60 frames per second."""
MOST_FRAME = 3 * 8192 * 8192
VIDEO_LIMITS = Limits(memory_mb=4000, longest=90_000.0)
"""A decoder of 4K video holds dozens of frames for each core; the longest scored video is a day long."""


class _Facts(BaseModel):
    fps: tuple[PositiveInt, PositiveInt]
    size: tuple[NonNegativeInt, NonNegativeInt]
    indexed: NonNegativeInt
    empty_places: NonNegativeInt
    frames: int
    duration: FiniteFloat
    has_sound: bool
    metadata: dict[str, str] = Field(max_length=10_000)


class IsolatedVideo(VideoReader):
    """As VideoReader, with nothing decoded in this process. Each reading has its own child.

    Raises VideoError for a file whose child crashes, hangs, grows or sends invalid answers.
    """

    def __init__(self, path: Path | str, decoding: IsolatedDecoding) -> None:
        """Read the facts. Raises InputError if there is no video in the file."""
        self._decoding = decoding
        self._name_path(path)
        _, facts = self._asked("video", MOST_FACTS)
        with explained(VideoError, self._path):
            try:
                given = _Facts.model_validate_json(bytes(facts))
            except ValidationError as error:
                raise ChildFailed(f"the decoder's answer has {error.error_count()} errors") from None
        self.fps = Fraction(*given.fps)
        self.size, self.frames, self.duration = given.size, given.frames, given.duration
        self.indexed, self.empty_places = given.indexed, given.empty_places
        self.has_sound, self.metadata = given.has_sound, given.metadata

    def times(self) -> list[float]:
        """As VideoReader.times."""
        _, body = self._asked("times", MOST_TIMES)
        with explained(VideoError, self._path):
            if len(body) % 8:
                raise ChildFailed(f"the decoder sent {len(body)} bytes, which are not timestamps")
            moments = np.frombuffer(body, np.float64)
            if not np.isfinite(moments).all() or (np.diff(moments) < 0).any():
                raise ChildFailed("the decoder sent moments out of order")
            return [float(moment) for moment in moments]

    def start(self) -> float:
        """As VideoReader.start."""
        header, _ = self._asked("start", 0)
        return self._number(header.get("start"))

    def quarter_turns(self) -> int:
        """As VideoReader.quarter_turns."""
        header, _ = self._asked("turns", 0)
        return int(self._number(header.get("turns"))) % 4

    def timed(self) -> Iterator[tuple[float | None, np.ndarray]]:
        """As VideoReader.timed. The child ends with the frames, or when the iterator is closed."""
        child, header, body = self._begun("frames", MOST_FRAME)
        try:
            while header.get("kind") != "end":
                with explained(VideoError, self._path):
                    _raise_damage(header)
                    expect(header, "frame", InputError)
                    frame = _frame(header, body)
                    time = header.get("time")
                    moment = None if time is None else self._number(time)
                yield moment, frame
                with explained(VideoError, self._path):
                    header, body = child.answer(MOST_FRAME, self._decoding.limits.seconds)
        finally:
            child.close()

    def _sound_stream(self, track: int | None) -> tuple[SoundFormat, SoundBlocks]:
        return self._decoding.open_sound(self._path, track=track)

    def _begun(self, do: str, most: int) -> tuple[Any, dict[str, Any], bytearray]:
        return self._decoding.first(VideoError, self._path, {"do": do}, most)

    def _asked(self, do: str, most: int) -> tuple[dict[str, Any], bytearray]:
        """The single answer of a child to one request."""
        child, header, body = self._begun(do, most)
        with explained(VideoError, self._path, child):
            _raise_damage(header)
            expect(header, do, InputError)
            return header, body

    def _number(self, value: object) -> float:
        with explained(VideoError, self._path):
            if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
                raise ChildFailed("the decoder answered with an impossible moment")
            return float(value)  # type: ignore[arg-type]


def open_video(path: Path | str) -> VideoReader:
    """An untrusted video, decoded in separate processes; on Windows, in this one."""
    return IsolatedVideo(path, video_decoding()) if CAN_ISOLATE else VideoReader(path)


@cache
def video_decoding() -> IsolatedDecoding:
    """The decoder for untrusted videos; its helper starts with the first video and ends with this process."""
    return IsolatedDecoding(VIDEO_LIMITS)


def _raise_damage(header: dict[str, Any]) -> None:
    """Raise FFmpeg's own error again, so that readers report damage in the same words."""
    match header:
        case {"kind": "damaged", "code": int(code), "reason": str(reason)}:
            raise av.error.FFmpegError(code, reason[:500])


def _frame(header: dict[str, Any], body: bytearray) -> np.ndarray:
    match header.get("shape"):
        case [int(height), int(width), 3] if min(height, width) > 0 and len(body) == height * width * 3:
            return np.frombuffer(body, np.uint8).reshape(height, width, 3)
    raise ChildFailed(f"the decoder sent {len(body)} bytes, which are not a frame")
