"""Opens a finished video of any program for the metrics."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media.decoding.decoding import CAN_ISOLATE, DIRECT, Decoding
from media.errors import JoyStudioError, SilentVideoError, VideoError
from media.steady_clock import grid_origin

if TYPE_CHECKING:
    from media.sound_stream import SoundBlocks, SoundFormat

SOUND_RATE = 16_000
UNEVEN = 0.25
"""If the steps between frames differ by more than this share of a frame, the rate is variable."""
WHOLE = 0.98
"""Share of the frames in its index that a file must contain; edit lists leave some out."""
LONGEST = 86_400
"""Seconds. A damaged time stamp may claim years, which would be filled with one frame."""
SILENCE_DBFS = -60.0


class VideoFile:
    """One video file: its facts at once, its frames and sound as often as needed.

    path: the file. audio: a sound file that replaces the video's own track, from its beginning.
    reference: an image of the person. phonemes: a file with the times of the spoken sounds.
    decoding: where the reference, which may be a stranger's, is decoded. isolated: whether video, sound and
    reference are decoded in processes of their own. on_frame: called with each frame's part of the whole,
    0..1, before `frames` yields it; what it raises ends the reading.
    fps: frames per second, the mean where the rate is variable. frame_count: frames that `frames` yields.
    duration: seconds of video. size: (width, height). variable_rate: whether frames are unevenly spaced;
    `frames` then shows each for as long as the file says, at a steady `fps`.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        audio: Path | str | None = None,
        reference: Path | None = None,
        phonemes: Path | None = None,
        decoding: Decoding = DIRECT,
        isolated: bool = False,
        on_frame: Callable[[float], None] | None = None,
    ) -> None:
        """Read the file's index; nothing is decoded yet. Raises VideoError when it has no frames."""
        # Late: the decoder is not imported to print a help text.
        from media.decoding.isolated_video import open_video, video_decoding
        from media.video_reader import VideoReader

        self.path = Path(path)
        self.audio = None if audio is None else Path(audio)
        self.reference = reference
        self.phonemes = phonemes
        apart = isolated and CAN_ISOLATE
        self.decoding = video_decoding() if apart else decoding
        self._sounds: Decoding = video_decoding() if apart else DIRECT
        self._on_frame = on_frame
        try:
            self._reader = open_video(self.path) if isolated else VideoReader(self.path)
            times = np.array(self._reader.times())
        except JoyStudioError as error:
            raise VideoError(
                error.message.mapped(lambda text: text.replace(str(self.path.absolute()), self.path.name))
            ) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "av":
                raise
            reason = getattr(error, "strerror", None) or str(error)
            raise VideoError(
                "{name} is damaged ({reason}). Export it again.", name=self.path.name, reason=reason
            ) from error
        self.size: tuple[int, int] = self._reader.size
        if not len(times) or min(self.size) < 1:
            raise VideoError("{name} contains 0 frames; export it again.", name=self.path.name)
        if times[-1] > LONGEST:
            raise VideoError(
                "{name} claims to last {seconds:.0f} s; at most {longest} s are scored. Export it again.",
                name=self.path.name,
                seconds=times[-1],
                longest=LONGEST,
            )
        if len(times) < WHOLE * self._reader.indexed:
            raise VideoError(
                "{name} is truncated: it contains {frames} of its {indexed} frames. Copy or download it "
                "again.",
                name=self.path.name,
                frames=len(times),
                indexed=self._reader.indexed,
            )
        held = self._reader.empty_places > 0  # frames are shown at a steady rate, some for longer
        self._origin = 0.0 if held else grid_origin(times)
        steps = np.diff(times[1:] if self._origin else times)
        usual = float(np.median(steps)) if len(steps) else 0.0
        # Webcam files round times to milliseconds, so a step is compared with a part of a frame.
        uneven = bool(usual > 0 and np.abs(steps - usual).max() > UNEVEN * usual)
        self.variable_rate = uneven and not held
        claimed = float(self._reader.fps)
        shown = float(steps.sum())
        mean = len(steps) / shown if shown > 0 else claimed
        other = self.variable_rate or (abs(mean / claimed - 1) > 0.02 and not held)
        self.fps: float = mean if other else claimed
        self.duration: float = float(times[-1]) - self._origin + 1 / self.fps
        # A first frame that is shown for longer than a frame is repeated.
        longer = bool(self._origin) and times[1] - self._origin > 1.5 / self.fps
        self.frame_count: int = self.count_at(self.fps) if held or longer else len(times)
        self._as_stored = not held and not longer and not self.variable_rate
        self.variable_note = (
            f"The frame rate is variable; frames are shown at {self.fps:.2f} per second."
            if self.variable_rate
            else ""
        )

    def frames(self, fps: float | Fraction | None = None) -> Iterator[np.ndarray]:
        """The frames in order, (H, W, 3) uint8 RGB; every call decodes again from the first.

        fps: frames per second to show; frames are repeated or left out, never mixed. The default is
            every frame once, or the steady mean rate where the file's is variable.
        Raises VideoError where the file breaks off, after the frames before that.
        """
        done = 0
        as_stored = fps is None and self._as_stored
        part = 1 / (self.count_at(fps) if fps else self.frame_count)
        try:
            for frame in self._reader if as_stored else self._shown_at(float(fps or self.fps)):
                if self._on_frame is not None:
                    self._on_frame(part)
                yield frame
                done += 1
        except JoyStudioError as error:
            raise VideoError(str(error)) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "av":
                raise
            reason = getattr(error, "strerror", None) or str(error)
            raise VideoError(
                "{name} is damaged after frame {done} of {frame_count} ({reason}). Export it again.",
                name=self.path.name,
                done=done,
                frame_count=self.frame_count,
                reason=reason,
            ) from error
        if not done:
            raise VideoError(
                "{name} contains 0 frames that can be decoded; export it again.", name=self.path.name
            )

    def count_at(self, fps: float | Fraction) -> int:
        """How many frames `frames(fps)` yields."""
        return max(1, round(self.duration * float(fps)))

    def sound_blocks(self) -> Iterator[np.ndarray]:
        """The sound in pieces, (n,) float32 mono at 16 kHz, whose first sample belongs to the first frame.

        Raises SilentVideoError when there is no sound track or it cannot be decoded.
        """
        import soxr

        from media.sound.mono import MonoMix

        track, blocks = self.placed_sound()
        resampler = soxr.ResampleStream(track.rate, SOUND_RATE, 1, dtype="float32", quality="HQ")
        mix = MonoMix(track)
        with contextlib.closing(blocks):
            try:
                for block in blocks:
                    piece = resampler.resample_chunk(np.ascontiguousarray(mix.add(block)))
                    if len(piece):
                        yield piece
                yield resampler.resample_chunk(np.empty(0, np.float32), last=True)
            except JoyStudioError as error:
                raise SilentVideoError(str(error)) from error

    def placed_sound(self) -> tuple[SoundFormat, SoundBlocks]:
        """The sound at its own rate and with all channels; the first sample belongs to the first frame.

        Raises SilentVideoError when there is no sound track or it cannot be decoded.
        """
        try:
            if self.audio is not None:
                return self._sounds.open_sound(self.audio.absolute())
            return self._reader.sound(origin=self._origin)
        except JoyStudioError as error:
            raise SilentVideoError(str(error)) from error

    def sound(self) -> np.ndarray:
        """The whole sound, (n,) float32 mono at 16 kHz, full scale 1; it begins with the first frame.

        Raises SilentVideoError when there is none, or none louder than -60 dBFS.
        """
        samples = np.concatenate([np.zeros(0, np.float32), *self.sound_blocks()])
        peak = float(np.abs(samples).max(initial=0.0))
        if not peak > 10 ** (SILENCE_DBFS / 20):
            raise SilentVideoError(
                "{name} is silent: its loudest sample is {peak:.5f} of full scale. Add its sound with "
                "--audio.",
                name=self.path.name,
                peak=peak,
            )
        return samples

    def _shown_at(self, fps: float) -> Iterator[np.ndarray]:
        """At every i / fps the frame that is shown then: the last that began by half a frame later."""
        total = self.count_at(fps)
        first: float | None = None
        held: np.ndarray | None = None
        given = 0
        for number, (time, frame) in enumerate(self._reader.timed()):
            moment = number / self.fps if time is None else time
            first = moment if first is None else first
            while held is not None and given < total and (given + 0.5) / fps < moment - first - self._origin:
                yield held
                given += 1
            held = frame
        while held is not None and given < total:
            yield held
            given += 1
