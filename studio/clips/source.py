"""A finished video as a clip of MoviePy, with frames and samples at their timestamps.

MoviePy's own reader takes frames as evenly spaced at the mean rate. A phone's video, whose rate varies, then
drifts from its voice, by one second in six. Here `evaluation.video_file` and `media.sound` read the file by
its timestamps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from media.errors import InputError, SilentVideoError, VideoError
from studio.clips.moviepy_package import moviepy
from studio.clips.sound import RATE, SoundStream

if TYPE_CHECKING:
    from evaluation.video_file import VideoFile

_JUST = 1e-3
"""Fraction of a frame by which a time may precede its frame's, because sums of floats do."""


@dataclass(eq=False)
class ClipSource:
    """A video to edit.

    size: (width, height) as a player shows it. turns: quarter turns to the left that a player makes.
    channels: 1 for mono, 2 for all others, 0 without sound.
    """

    path: Path
    file: VideoFile
    turns: int
    size: tuple[int, int]
    channels: int
    _open: list[Any] = field(default_factory=list)

    @property
    def fps(self) -> float:
        """Frames per second; the mean if the rate is variable."""
        return self.file.fps

    def frames_at(self, fps: float) -> int:
        """The number of frames of `clip(fps)`."""
        return self.file.count_at(fps)

    def frames(self, fps: float) -> Iterator[np.ndarray]:
        """The frames as a player shows them, (H, W, 3) uint8 RGB, at a steady rate."""
        for frame in self.file.frames(fps):
            yield np.ascontiguousarray(np.rot90(frame, self.turns)) if self.turns else frame

    def clip(self, fps: float, channels: int) -> Any:
        """A moviepy.VideoClip of the whole video at a steady rate. Its times must not go back.

        channels: of the sound; 0 for none. The clip has the length of its frames; a longer sound is cut.
        """
        stream = _FrameStream(self, fps)
        seconds = self.frames_at(fps) / fps
        package = moviepy()
        clip = package.VideoClip(stream.at, duration=seconds).with_fps(fps)
        if channels and self.channels:
            sound = SoundStream(partial(self.file.placed_sound), channels)
            self._open.append(sound)
            clip = clip.with_audio(package.AudioClip(sound.at, duration=seconds, fps=RATE))
        return clip

    def close(self) -> None:
        """Close the files that the clips have opened."""
        while self._open:
            self._open.pop().close()


class _FrameStream:
    """Frames of a source, by time."""

    def __init__(self, source: ClipSource, fps: float) -> None:
        self._source, self._fps = source, fps
        self._last = source.frames_at(fps) - 1
        self._frames: Iterator[np.ndarray] | None = None
        self._number = -1
        self._frame: np.ndarray | None = None

    def at(self, time: float) -> np.ndarray:
        """The frame at a time; after the end, the last one."""
        wanted = min(self._last, max(0, int(time * self._fps + _JUST)))
        if self._frames is None or wanted < self._number:
            self._frames, self._number, self._frame = self._source.frames(self._fps), -1, None
        while self._number < wanted:
            frame = next(self._frames, None)
            if frame is None:  # fewer than its index says; `frames` raises for a damaged file
                self._number = wanted
                break
            self._frame, self._number = frame, self._number + 1
        if self._frame is None:
            raise VideoError(
                "{name} contains 0 frames that can be decoded; export it again.", name=self._source.path.name
            )
        return self._frame


def open_source(path: Path) -> ClipSource:
    """Read a video's facts. Raises InputError for a file that is not a video."""
    from evaluation.video_file import VideoFile
    from media.video import VideoReader

    if not path.is_file():
        raise InputError('There is no video at "{path}"; check the path.', path=path)
    file = VideoFile(path)
    turns = VideoReader(path).quarter_turns()
    width, height = file.size
    return ClipSource(path, file, turns, (height, width) if turns % 2 else (width, height), _channels(file))


def _channels(file: VideoFile) -> int:
    try:
        about, blocks = file.placed_sound()
    except SilentVideoError:
        return 0
    blocks.close()
    return min(2, about.channels)
