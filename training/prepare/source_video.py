"""Reads a video for trainings: 25 frames per second, and sound at 16 kHz that begins with the first frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from media.decoding.decoding import CAN_ISOLATE, DIRECT, Decoding
from media.decoding.isolated_video import open_video, video_decoding
from media.errors import JoyStudioError
from media.steady_clock import grid_origin
from media.voice import SAMPLE_RATE, Voice, open_voice
from training.dataset.index import FPS
from training.prepare.preparer import Rejected

SAMPLES_PER_FRAME = SAMPLE_RATE // FPS
WHOLE = 0.98
"""Share of the frames in its index that a file must contain; edit lists leave some out."""
MOST_APART = 3
"""Frames by which video and sound may differ, as in the public programs."""
LONGEST = 3600.0
"""Seconds. A longer video is better cut: one frame without a face would lose all of it."""
T = TypeVar("T")


class SourceVideo:
    """A video file of any frame rate, constant or not.

    path: the file. count: frames at 25 per second, by the file's own clock. size: (width, height)
    as a player shows it.
    """

    def __init__(self, path: Path) -> None:
        """Read the file's index; nothing is decoded yet. Raises Rejected("corrupt")."""
        self.path = path
        try:
            self._reader = open_video(path)
            self._times = self._reader.times()
            self._origin = grid_origin(self._times)
            self._start = self._reader.start() + self._origin
            self._turns = self._reader.quarter_turns()
        except JoyStudioError as error:
            raise Rejected("corrupt", str(error).replace(str(path.absolute()), path.name)) from error
        except Exception as error:
            raise Rejected("corrupt", f"The file is damaged ({_reason(error)}).") from error
        width, height = self._reader.size
        self.size = (height, width) if self._turns % 2 else (width, height)
        if not self._times or min(self.size) < 1:
            raise Rejected("corrupt", "The file holds 0 frames.")
        if len(self._times) < WHOLE * self._reader.indexed:
            raise Rejected(
                "corrupt",
                f"The file breaks off: it holds {len(self._times)} of its {self._reader.indexed} frames.",
            )
        self.duration = self._times[-1] - self._origin + self._last_shown()
        if self.duration > LONGEST:
            raise Rejected(
                "too_long",
                f"The video lasts {self.duration:.0f} s; up to {LONGEST:.0f} s are taken, so cut it.",
            )
        self.count = max(1, round(self.duration * FPS))

    def _last_shown(self) -> float:
        """How long the last frame is shown: as long as the frame before it, or as the file states."""
        if len(self._times) > 1 and self._times[-1] > 0:
            return float(np.median(np.diff(self._times)))
        return float(1 / self._reader.fps)

    def frames(self) -> Iterator[np.ndarray]:
        """`count` frames, (H, W, 3) uint8 RGB, chosen as by `steady`. Raises Rejected("corrupt") if the file
        is truncated.
        """
        last = 0.0

        def watched() -> Iterator[tuple[float, np.ndarray]]:
            nonlocal last
            for last, frame in self._decoded():
                yield last, frame
            if self._times[-1] - last > max(0.5, 2 * self._longest_gap()):
                raise Rejected(
                    "corrupt", f"The frames break off after {last:.2f} s of {self.duration:.2f} s."
                )

        given = 0
        for frame in steady(watched(), self.count):
            yield frame
            given += 1
        if not given:
            raise Rejected("corrupt", "The file holds 0 frames that can be decoded.")

    def speech(self) -> Voice:
        """The sound track. Raises Rejected("no_audio"), or ("bad_audio") when it is silent or damaged."""
        if not self._reader.has_sound:
            raise Rejected("no_audio", "The video has no sound.")
        try:
            return open_voice(self.path, max_seconds=LONGEST + 60, decoding=_decoding())
        except JoyStudioError as error:
            raise Rejected("bad_audio", str(error)) from error
        except Exception as error:
            raise Rejected("bad_audio", f"The sound is damaged ({_reason(error)}).") from error

    def aligned(self, samples: np.ndarray) -> np.ndarray:
        """The sound at 16 kHz from the first frame on: cut, or with silence before it. (n,) float32.

        samples: of `speech`, which begin with the sound track.
        """
        sound, blocks = _decoding().open_sound(self.path)
        blocks.close()
        late = sound.start - self._start
        shift = round(abs(late) * SAMPLE_RATE)
        return np.pad(samples, (shift, 0)) if late > 0 else samples[shift:]

    def length(self, samples: int) -> int:
        """The number of frames that both the frames and the samples cover. Raises
        Rejected("length_mismatch").
        """
        sounding = math.ceil(samples / SAMPLES_PER_FRAME)
        if abs(self.count - sounding) > MOST_APART:
            raise Rejected(
                "length_mismatch",
                f"There are {self.count} frames of video and {sounding} of sound; "
                f"they may differ by {MOST_APART}.",
            )
        return min(self.count, sounding)

    def _longest_gap(self) -> float:
        return float(np.diff(self._times).max(initial=0.0))

    def _decoded(self) -> Iterator[tuple[float, np.ndarray]]:
        """Every frame with its time in seconds from the first."""
        done, first = 0, 0.0
        try:
            for time, frame in self._reader.timed():
                moment = self._times[min(done, len(self._times) - 1)] if time is None else time
                first = moment if done == 0 else first
                yield moment - first - self._origin, np.ascontiguousarray(np.rot90(frame, self._turns))
                done += 1
        except JoyStudioError as error:
            raise Rejected("corrupt", str(error)) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "av":
                raise
            raise Rejected(
                "corrupt",
                f"The file is damaged after frame {done} of {len(self._times)} ({_reason(error)}).",
            ) from error


def steady(timed: Iterable[tuple[float, T]], count: int) -> Iterator[T]:
    """`count` frames at 25 per second. timed: frames in order, with their seconds from the first.

    At every 1/25 s, the frame with the nearest time among those shown until half a frame later: in a faster
    video the best one, and in a gap the last one before it.
    """
    moments = (number / FPS for number in range(count))
    wanted = next(moments, None)
    before: tuple[float, T] | None = None
    for moment, frame in timed:
        while before is not None and wanted is not None and _is_past(wanted, before[0], moment):
            yield before[1]
            wanted = next(moments, None)
        before = moment, frame
    while before is not None and wanted is not None:
        yield before[1]
        wanted = next(moments, None)


def _is_past(wanted: float, before: float, after: float) -> bool:
    """Whether the first of two consecutive frames is shown at a wanted time."""
    return after > wanted + 0.5 / FPS or abs(before - wanted) <= abs(after - wanted)


def _decoding() -> Decoding:
    return video_decoding() if CAN_ISOLATE else DIRECT


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
