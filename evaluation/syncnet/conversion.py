"""The first conversion of SyncNet's own pipeline, for numbers that match published ones.

It writes MPEG-4 frames and MP3 sound into an AVI file. MP3 begins with silence of its encoder's, and AVI
does not say so: the sound is delayed by 1105 of its samples, 69 ms at 16 kHz and 23 ms at 48 kHz. To make
room for it the first frame is held for one or two frames more. Offsets change by up to two frames; Sync-C and
Sync-D hardly.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from evaluation.video_file import VideoFile
from media.sound.mono import MonoMix
from media.sound_stream import SoundFormat

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet

FPS = 25
QUALITY = {"flags": "+qscale", "global_quality": str(2 * 118)}
"""ffmpeg's `-qscale:v 2`: 118 is its unit."""
PADDING = 1105
"""Samples of silence at the start of an MP3 that ffmpeg writes."""
MP3_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


@contextlib.contextmanager
def converted(video: VideoFile) -> Iterator[VideoFile]:
    """The same video after the original's first conversion, for the length of a `with` block.

    The original then also stores every frame as JPEG and the crop as MPEG-4; this is left out. Raises
    VideoError as the video itself does.
    """
    with tempfile.TemporaryDirectory(prefix="joystudio-") as folder:
        path = Path(folder) / "video.avi"
        _write(video, path)
        yield VideoFile(path)


def _write(video: VideoFile, path: Path) -> None:
    width, height = video.size
    with av.open(str(path), "w", format="avi") as container:
        pictures: Any = container.add_stream("mpeg4", rate=FPS, options=QUALITY)
        pictures.width, pictures.height, pictures.pix_fmt = width, height, "yuv420p"
        sound, blocks = video.placed_sound()
        with contextlib.closing(blocks):
            track = _Mp3(container, sound)
            given = shown = 0
            for number, picture in enumerate(video.frames(FPS)):
                # ffmpeg leaves a gap after the first frame, which every reader then fills with it.
                for _ in range(1 if number else 1 + track.held):
                    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
                    frame.pts = shown
                    container.mux(pictures.encode(frame))
                    shown += 1
                while given < (number + 1) / FPS * sound.rate and (block := next(blocks, None)) is not None:
                    track.add(block)
                    given += len(block)
            container.mux(pictures.encode(None))
            track.finish()


class _Mp3:
    """The sound as ffmpeg encodes it by default: its own rate if MP3 has it, and at most two channels."""

    def __init__(self, container: OutputContainer, sound: SoundFormat) -> None:
        rate = sound.rate
        self._container = container
        self._rate = rate
        self._mix = MonoMix(sound) if sound.channels > 2 else None
        self._layout = "stereo" if sound.channels == 2 else "mono"
        target = rate if rate in MP3_RATES else 44_100
        self._stream: Any = container.add_stream("libmp3lame", rate=target, layout=self._layout)
        self._resampler = AudioResampler("fltp", self._layout, target)
        self._count = 0
        self._start: int | None = None
        self.held = round(FPS * PADDING / target)
        """Frames by which the video is delayed to match the silence before the sound."""

    def add(self, block: np.ndarray) -> None:
        """The next (n, channels) float32."""
        if self._mix is not None:
            block = self._mix.add(block)[:, None]
        planes = np.ascontiguousarray(np.clip(block.T, -1, 1), dtype=np.float32)
        frame = AudioFrame.from_ndarray(planes, format="fltp", layout=self._layout)
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        frame.pts = self._count
        self._count += planes.shape[1]
        self._encode(self._resampler.resample(frame))

    def finish(self) -> None:
        """Write what is left."""
        self._encode(self._resampler.resample(None))
        self._mux(self._stream.encode(None))

    def _encode(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            self._mux(self._stream.encode(frame))

    def _mux(self, packets: list[Packet]) -> None:
        """The encoder begins before zero, where its silence is; the file begins with that silence."""
        for packet in packets:
            if packet.pts is not None and self._start is None:
                self._start = packet.pts
            if packet.pts is not None and packet.dts is not None and self._start is not None:
                packet.pts, packet.dts = packet.pts - self._start, packet.dts - self._start
        self._container.mux(packets)
