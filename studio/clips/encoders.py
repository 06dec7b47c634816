"""How each file type is encoded: the options for FFmpeg that MoviePy does not set.

MoviePy sends RGB and names no colour matrix. FFmpeg then uses that of standard definition without a tag,
players read HD as BT.709, and every face looks redder. The filter and the tags below set BT.709.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.steady_encoding import key_frame_distance, steady_options
from studio.clips.options import FileFormat

_BT709 = (
    "scale=out_color_matrix=bt709:out_range=tv:flags=bilinear+accurate_rnd+full_chroma_inp,format=yuv420p"
)
_CLEAR = _BT709.replace("format=yuv420p", "format=yuva420p")
_TAGS = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]


@dataclass(frozen=True)
class SoundEncoding:
    """FFmpeg's names of codec and container, and kilobits per second for each channel."""

    codec: str
    container: str
    kilobits: int

    def bitrate(self, channels: int) -> str:
        """The bit rate as FFmpeg takes it."""
        return f"{self.kilobits * channels}k"


@dataclass(frozen=True)
class Encoding:
    """One file type.

    media_type: as in HTTP. video: FFmpeg's codec. preset: MoviePy always passes it; only x264 reads it.
    quality: 0 to 51, smaller is better. palette: an image with the colours of a GIF. clear: whether frames
    have an opacity, as VP9 in WebM takes it.
    """

    format: FileFormat
    media_type: str
    video: str
    sound: SoundEncoding | None
    preset: str = "veryfast"
    quality: int = 20
    palette: Path | None = None
    clear: bool = False

    def parameters(
        self, size: tuple[int, int], fps: float, frames: int, tags: dict[str, str], *, sound: bool
    ) -> list[str]:
        """The arguments after MoviePy's own; no shell reads them. tags: the file's metadata."""
        maps = ["-map", "0:v:0", *(["-map", "1:a:0"] if sound else [])]
        said = [word for name, value in tags.items() for word in ("-metadata", f"{name}={value}")]
        threads = ["-threads", str(min(6, 1 + (os.cpu_count() or 1)))]
        return [*maps, *self._codec(size, fps, frames), *threads, *said, "-f", self.format]

    def _codec(self, size: tuple[int, int], fps: float, frames: int) -> list[str]:
        if self.format == "gif":
            assert self.palette is not None
            colours = f"movie=filename={escaped(str(self.palette))}[p]"
            return ["-vf", f"{colours};[in][p]paletteuse=dither=bayer:bayer_scale=4", "-loop", "0"]
        distance = ["-g", str(key_frame_distance(Fraction(fps).limit_denominator(1001), frames))]
        if self.format == "webm":
            # VP9's scale goes to 63; 20 in x264 corresponds to 31 here.
            quality = ["-crf", str(min(63, self.quality + 11)), "-b:v", "0"]
            speed = ["-deadline", "good", "-cpu-used", "4", "-row-mt", "1"]
            # Frames that are never shown have no opacity of their own.
            layers = ["-auto-alt-ref", "0"] if self.clear else []
            return ["-vf", _CLEAR if self.clear else _BT709, *_TAGS, *distance, *quality, *speed, *layers]
        steady = [word for k, v in steady_options(self.quality, size[1]).items() for word in (f"-{k}", v)]
        return ["-vf", _BT709, *_TAGS, *distance, *steady, "-movflags", "+faststart+use_metadata_tags"]


def encoding_for(
    format: FileFormat, quality: int = 20, palette: Path | None = None, *, clear: bool = False
) -> Encoding:
    """The encoding of a file type. clear: as in `Encoding`."""
    if format == "gif":
        return Encoding("gif", "image/gif", "gif", None, quality=quality, palette=palette)
    if format == "webm":
        opus = SoundEncoding("libopus", "ogg", 64)
        return Encoding("webm", "video/webm", "libvpx-vp9", opus, quality=quality, clear=clear)
    return Encoding("mp4", "video/mp4", "libx264", SoundEncoding("aac", "mp4", 96), quality=quality)


def escaped(text: str) -> str:
    """A value in a filter graph: escaped for the filter's options, then for the graph."""
    option = "".join(f"\\{sign}" if sign in "\\':" else sign for sign in text)
    return "".join(f"\\{sign}" if sign in "\\'[],;" else sign for sign in option)
