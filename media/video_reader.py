"""Read a video frame by frame."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from media.documents.quoting import LONG, quoted
from media.errors import InputError, VoiceError
from media.sound.format import block_length
from media.sound.mono import MonoMix
from media.sound_stream import OPEN_OPTIONS, SoundBlocks, SoundFormat, open_sound

# Without these two flags, swscale rounds down, by one level and more.
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
MOST_APART = 86_400.0
"""Seconds between the starts of video and sound. A longer gap is a damaged clock, and would mean days of
silence.
"""


class VideoReader:
    """A video file as a stream of (H, W, 3) uint8 RGB frames. Every iteration starts at the beginning."""

    def __init__(self, path: Path | str) -> None:
        """Raises InputError if there is no video in the file."""
        self._name_path(path)
        with self._open() as container:
            stream = container.streams.video[0]
            self.fps: Fraction = stream.average_rate or stream.guessed_rate or Fraction(25)
            self.size: tuple[int, int] = (stream.width, stream.height)
            seconds = 0.0
            if stream.duration is not None:
                seconds = float(stream.duration * stream.time_base)
            elif container.duration is not None:
                seconds = container.duration / 1_000_000
            self.indexed: int = stream.frames
            """Frames by the file's own index; 0 where it has none."""
            self.empty_places: int = 0
            """Places of an AVI file without a frame of their own: they show the one before again."""
            if container.format.name == "avi" and _whole_index(stream):
                self.indexed = len(stream.index_entries)  # the header also counts empty places
                self.empty_places = max(0, stream.frames - self.indexed)
            elif "mov" in container.format.name and len(stream.index_entries):
                # Without frames that edit lists drop, and without those decoded only for the frames after
                # them.
                kept = sum(not entry.is_discard for entry in stream.index_entries)
                self.indexed = min(self.indexed, kept)
            self.frames: int = stream.frames or round(seconds * self.fps)
            self.duration: float = seconds or float(self.frames / self.fps)
            self.has_sound: bool = bool(container.streams.audio)
            self.metadata: dict[str, str] = dict(container.metadata)

    def _name_path(self, path: Path | str) -> None:
        self._path = Path(path).absolute()
        self._name = quoted(str(self._path), LONG)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (picture for _, picture in self.timed())

    def times(self) -> list[float]:
        """When each frame is shown, in seconds from the first, in order; nothing is decoded."""
        with self._open() as container:
            stream = container.streams.video[0]
            shown = sorted(
                packet.pts
                for packet in container.demux(stream)
                if packet.pts is not None and packet.size and not packet.is_discard
            )
            return [float((pts - shown[0]) * stream.time_base) for pts in shown]

    def start(self) -> float:
        """When the first decodable frame is shown, in seconds on the file's clock."""
        with self._open() as container:
            stream = container.streams.video[0]
            with contextlib.suppress(av.error.FFmpegError):
                first = next(container.decode(stream), None)
                if first is not None and first.time is not None:
                    return float(first.time)
            return float((stream.start_time or 0) * stream.time_base)

    def sound(self, *, origin: float = 0.0, track: int | None = None) -> tuple[SoundFormat, SoundBlocks]:
        """The sound as from `open_sound`, with its first sample at the first frame.

        origin: seconds after the first frame at which the sound begins instead. Earlier sound is dropped; if
        the sound begins later, silence precedes it. Raises VoiceError if there is none.
        """
        sound, blocks = self._sound_stream(track)
        begin = self.start() + origin
        apart = sound.start - begin
        if not abs(apart) <= MOST_APART:
            blocks.close()
            raise VoiceError(
                'The sound in "{name}" begins {apart:.0f} s away from its frames; export the video again.',
                name=self._name,
                apart=apart,
            )
        late = round(apart * sound.rate)
        return replace(sound, start=begin), _moved(blocks, late, sound)

    def quarter_turns(self) -> int:
        """Number of 90-degree turns to the left that a player makes before showing the frames, 0 to 3.

        A phone held upright stores them lying. Nothing here turns them. The first one is decoded.
        """
        with self._open() as container:
            first = next(container.decode(container.streams.video[0]), None)
            return 0 if first is None else round(first.rotation / 90) % 4

    def timed(self) -> Iterator[tuple[float | None, np.ndarray]]:
        """Each frame with the time it is shown, in seconds on the file's clock; None if it has none."""
        reformatter = VideoReformatter()
        size: tuple[int, int] | None = None
        with self._open() as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                # Untagged videos follow the convention of players: HD is 709, the rest 601.
                space = frame.colorspace
                if space == 2:
                    space = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
                full = frame.color_range == ColorRange.JPEG
                size = size or (frame.width, frame.height)
                width, height = size  # a video may continue in another size
                rgb = reformatter.reformat(
                    frame,
                    width=width,
                    height=height,
                    format="rgb24",
                    src_colorspace=space,
                    src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
                    dst_color_range=ColorRange.JPEG,
                    interpolation=_EXACT,
                )
                yield frame.time, rgb.to_ndarray()

    def read_sound(self) -> tuple[int, np.ndarray]:
        """(rate, (n,) float32 mono) of the audio track. Raises VoiceError if there is none."""
        sound, blocks = self._sound_stream(None)
        mix = MonoMix(sound)
        mono = [mix.add(block) for block in blocks]
        return sound.rate, np.concatenate(mono) if mono else np.zeros(0, np.float32)

    def _sound_stream(self, track: int | None) -> tuple[SoundFormat, SoundBlocks]:
        return open_sound(self._path, track=track)

    @contextlib.contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            container = av.open(str(self._path), options=OPEN_OPTIONS, metadata_errors="replace")
        except (av.error.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(
                'The video "{name}" cannot be read ({reason}); check the path.',
                name=self._name,
                reason=reason,
            ) from None
        with container:
            if not container.streams.video:
                raise InputError('There are no frames in "{name}"; choose a video file.', name=self._name)
            if container.streams.video[0].codec_context is None:  # of a kind that FFmpeg knows by name only
                raise InputError(
                    'The frames in "{name}" have an unknown codec; export it as MP4.', name=self._name
                )
            yield container


def _whole_index(stream: Any) -> bool:
    """Whether the index reaches to the end; a truncated AVI file has lost it, and FFmpeg rebuilds it."""
    entries = stream.index_entries
    return len(entries) > 0 and entries[len(entries) - 1].timestamp + 1 >= 0.98 * stream.frames


def _moved(blocks: SoundBlocks, late: int, sound: SoundFormat) -> SoundBlocks:
    """The blocks, delayed by `late` samples of silence; for a negative number, their front is cut."""
    with contextlib.closing(blocks):
        length = block_length(sound.rate, sound.channels)
        for done in range(0, late, length):
            yield np.zeros((min(length, late - done), sound.channels), np.float32)
        cut = max(0, -late)
        while True:
            try:
                block = next(blocks)
            except StopIteration as end:
                return end.value or ()
            if cut < len(block):
                yield block[cut:]
            cut = max(0, cut - len(block))
