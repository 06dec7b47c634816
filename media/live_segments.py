"""Cuts a video into MPEG-TS segments of about a second while its frames are being made.

A browser plays the segments before the file is finished (HTTP Live Streaming). They share one encoder and one
clock: played in sequence, the sound has no gaps.
"""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import Any

import av
import numpy as np

from media.closeable import Closeable
from media.decoding.decoding import DIRECT, Decoding
from media.held_folder import LIVE, HeldFolder
from media.partial_frames import PartialFrames
from media.segment import Segment
from media.sound_stream import SoundSource
from media.sound_track import SoundTrack
from media.steady_encoding import steady_options
from media.yuv_converter import Piece, YuvConverter, tag_colours

LARGEST_SIDE = 640
"""Pixels. The segments are only seen during rendering, and must not slow it down."""
QUALITY = 21


class LiveSegments(Closeable):
    """Takes frames in order and returns every completed segment.

    Use it as a context manager; leaving it releases everything, finished or not. It writes the segments into
    a temporary folder, because FFmpeg's segmenter only writes files.
    """

    def __init__(
        self,
        size: tuple[int, int],
        fps: float | Fraction,
        sound: SoundSource | None = None,
        *,
        track: int | None = None,
        seconds: float = 1.0,
        decoding: Decoding = DIRECT,
    ) -> None:
        """size: (width, height) of the frames; larger ones are reduced to LARGEST_SIDE.

        sound: the voice, from the first frame on. track: its audio track, as for `open_sound`. seconds: the
        length of a segment. decoding: where the voice is decoded. Raises OSError or FFmpegError if the
        encoder cannot be set up, VoiceError if the sound cannot be read.
        """
        self._fps = Fraction(fps).limit_denominator(1001)
        self._frames_each = max(1, round(seconds * self._fps))
        self._size = _reduced(size)
        self._count = self._given = 0
        self._converter = YuvConverter(size, self._size, exact=False)
        self._sound: SoundTrack | None = None
        # Removed at the end of the process at the latest: a thread that is still working is not waited for.
        self._temporary = HeldFolder(LIVE)
        self._folder = self._temporary.path
        try:
            # One muxer from beginning to end, so that the packets' counters continue from segment to segment.
            options = {
                "segment_time": str(float(self._frames_each / self._fps)),
                "segment_format": "mpegts",
                "individual_header_trailer": "0",
                "segment_time_delta": str(0.5 / float(self._fps)),
            }
            self._container: Any = av.open(
                str(self._folder / "%d.ts"), "w", format="segment", options=options
            )
            self._stream = self._video_stream()
            if sound is not None:
                self._sound = SoundTrack(self._container, *decoding.open_sound(sound, track=track))
        except BaseException:
            self.close()
            raise

    def write(self, frames: np.ndarray | PartialFrames) -> list[Segment]:
        """Add frames, (n, H, W, 3) uint8 RGB. Returns the segments completed by them, usually none."""
        for piece in self._converter.pieces(frames):
            self._add(piece)
        return self._completed(whole=False)

    def finish(self) -> list[Segment]:
        """End the video. Returns the last segments."""
        if self._sound is not None:
            self._sound.finish((self._count + 0.5) / float(self._fps))
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._completed(whole=True)

    def close(self) -> None:
        """Release everything; returned segments stay valid. A second call does nothing."""
        if self._sound is not None:
            self._sound.close()
        if hasattr(self, "_container"):
            with contextlib.suppress(Exception):
                self._container.close()
        self._temporary.cleanup()

    def _video_stream(self) -> Any:
        stream: Any = self._container.add_stream("libx264", rate=self._fps)
        stream.width, stream.height = self._size
        stream.pix_fmt = "yuv420p"
        # Every segment begins with a key frame, and none depends on frames of the next.
        each = f"keyint={self._frames_each}:min-keyint={self._frames_each}:scenecut=0"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency"}
        stream.options |= steady_options(QUALITY, self._size[1], each)
        stream.gop_size = self._frames_each
        stream.thread_count = 1
        tag_colours(stream)
        return stream

    def _add(self, piece: Piece) -> None:
        frame = self._converter.convert(piece)
        frame.pts = self._count
        frame.time_base = 1 / self._fps
        self._count += 1
        if self._sound is not None:
            self._sound.advance(self._count / float(self._fps))
        self._container.mux(self._stream.encode(frame))

    def _completed(self, *, whole: bool) -> list[Segment]:
        """The finished files: those that another one follows, and the last one at the end."""
        segments = []
        while (path := self._folder / f"{self._given}.ts").is_file():
            if not whole and not (self._folder / f"{self._given + 1}.ts").is_file():
                break
            rest = self._count - self._given * self._frames_each
            segments.append(Segment(path.read_bytes(), float(min(rest, self._frames_each) / self._fps)))
            path.unlink()
            self._given += 1
        return segments


def _reduced(size: tuple[int, int]) -> tuple[int, int]:
    """The size with its longest side at most LARGEST_SIDE, as even numbers."""
    scale = min(1.0, LARGEST_SIDE / max(size))
    width, height = (max(2, 2 * round(scale * side / 2)) for side in size)
    return width, height
