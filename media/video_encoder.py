"""The container of a video and its two streams: frames by x264, the original sound as AAC."""

from __future__ import annotations

import contextlib
import os
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av

from media.sound_stream import SoundBlocks, SoundFormat
from media.sound_track import SoundTrack
from media.steady_encoding import NO_SEARCH, key_frame_distance, steady_options
from media.yuv_converter import Piece, YuvConverter, tag_colours

# Tags that the mp4 muxer stores under standard names; others need its free form.
_KNOWN_TAGS = {"title", "artist", "comment", "description", "copyright", "date", "genre", "synopsis"}

SOUND_FRAMES = 10
"""The sound of so many frames is encoded at once, as handing over a block takes time, too."""


def movflags(metadata: dict[str, str]) -> str:
    """The mp4 muxer's flags for a file with this metadata, which can be played before it is complete."""
    return "+faststart" + ("" if metadata.keys() <= _KNOWN_TAGS else "+use_metadata_tags")


class VideoSound(Protocol):
    """The sound of a video, such as a `media.voice.Voice`."""

    def open_original(self) -> tuple[SoundFormat, SoundBlocks]:
        """Its format and blocks, as from `media.sound_stream.open_sound`."""


class VideoEncoder:
    """The container and its two streams; for use by one thread at a time."""

    def __init__(
        self,
        path: Path,
        converter: YuvConverter,
        size: tuple[int, int],
        fps: Fraction,
        sound: VideoSound | None,
        quality: int,
        frames: int | None,
        metadata: dict[str, str],
    ) -> None:
        self._fps = fps
        self._count = 0
        self._converter = converter
        self._container: Any = av.open(str(path), "w", format="mp4", options={"movflags": movflags(metadata)})
        self._sound: SoundTrack | None = None
        try:
            self._container.metadata.update(metadata)
            stream: Any = self._container.add_stream("libx264", rate=fps)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.options = {"preset": "veryfast"} | steady_options(quality, size[1], *NO_SEARCH)
            stream.gop_size = key_frame_distance(fps, frames)
            # One core is left to what makes the frames. Every further thread costs processor time and holds
            # more frames; three on two cores cost 3 to 10 %.
            stream.thread_count = max(1, min(6, (os.cpu_count() or 1) - 1))
            stream.thread_type = "FRAME"  # SLICE would set the number of slices to that of the threads
            tag_colours(stream)
            self._stream = stream
            if sound is not None:
                self._sound = SoundTrack(self._container, *sound.open_original())
        except BaseException:
            with contextlib.suppress(Exception):
                self._container.close()
            raise

    def add(self, piece: Piece) -> None:
        """Encode one frame, copied by the converter's `pieces`, and now and then the sound up to its end."""
        frame = self._converter.convert(piece)
        frame.pts = self._count
        frame.time_base = 1 / self._fps
        self._count += 1
        if self._sound is not None and self._count % SOUND_FRAMES == 0:
            self._sound.advance(self._count / float(self._fps))
        self._container.mux(self._stream.encode(frame))

    def finish(self, whole: bool) -> None:
        """Flush the encoders and write the index; without `whole`, only release everything."""
        try:
            if whole and self._count:
                if self._sound is not None:
                    # Half a frame more, because the number of frames was rounded from the sound's length.
                    self._sound.finish((self._count + 0.5) / float(self._fps))
                self._container.mux(self._stream.encode(None))
                self._container.close()
        finally:
            if self._sound is not None:
                self._sound.close()
            with contextlib.suppress(Exception):
                self._container.close()
