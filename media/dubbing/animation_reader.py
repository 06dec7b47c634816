"""Reads a GIF, an APNG or an animated WebP as a source, with Pillow."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, UnidentifiedImageError

from media.documents.quoting import LONG, quoted
from media.dubbing.facts import SourceFacts, SubtitleLine, VideoColours
from media.dubbing.frame_clock import constant_rate
from media.dubbing.frame_planes import PlanarFrames
from media.dubbing.stored_picture import layout_of
from media.errors import VideoError

MILLISECOND = Fraction(1, 1000)
SHORTEST, USUAL = 20, 100
"""Milliseconds: browsers show a frame of less than the first number for the second."""
MOST_FRAMES = 100_000
_KINDS = {"GIF": "gif", "PNG": "apng", "WEBP": "webp"}
_RGB709 = VideoColours(matrix=1, primaries=1, transfer=1, full_range=False)


def is_animation(path: Path) -> bool:
    """Whether a file begins like a GIF, a PNG or a WebP."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return head.startswith((b"GIF8", b"\x89PNG")) or (head[:4] == b"RIFF" and head[8:] == b"WEBP")


class AnimationReader:
    """An animated picture as stored frames with their ticks, which are milliseconds."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).absolute()
        self._name = quoted(self.path.name, LONG)

    def facts(self, alive: Callable[[], None] = lambda: None) -> SourceFacts:
        """What the file is; all frames are decoded. Raises VideoError."""
        ends: list[int] = []
        kind, size, transparent = "", (1, 1), False
        for image, end in self._images([]):
            kind, size = image.format or "", image.size
            transparent = transparent or _is_transparent(image)
            ends.append(end)
            alive()
        if not ends:
            raise VideoError(
                'None of the frames in "{name}" can be decoded; export it again.', name=self._name
            )
        ticks = np.array([0, *ends[:-1]], np.int64)
        even = len(ends) > 1 and ends[-1] * (len(ends) - 1) == int(ticks[-1]) * len(ends)
        fps = constant_rate(ticks, MILLISECOND, (Fraction(1000, ends[0]),)) if even else None
        return SourceFacts(
            container=_KINDS.get(kind, kind.lower()),
            codec=_KINDS.get(kind, kind.lower()),
            pixel_format="rgb24",
            fps=fps,
            mean_fps=Fraction(1000 * len(ends), ends[-1]),
            frames=len(ends),
            duration=ends[-1] * MILLISECOND,
            clock=MILLISECOND,
            origin=0,
            last=ends[-1] - int(ticks[-1]),
            stored_size=size,
            stored="yuv420p",
            colours=_RGB709,
            transparent=transparent,
            seekable=False,
        )

    def frames(
        self, facts: SourceFacts, begin: int = 0, end: int | None = None, damage: list[int] | None = None
    ) -> Generator[tuple[int, np.ndarray]]:
        """As `StoredFrames.frames`. Every frame before `begin` is decoded, too."""
        layout = layout_of(facts)
        planar = PlanarFrames(facts)
        tick = 0
        for image, finish in self._images([] if damage is None else damage):
            if end is not None and tick >= end:
                return
            if tick >= begin:
                frame = VideoFrame.from_ndarray(_on_white(image), format="rgb24")
                frame.pts, frame.time_base = tick, MILLISECOND
                yield tick, layout.packed(planar.of(frame))
            tick = finish

    def cues(self, facts: SourceFacts, track: int) -> Iterator[SubtitleLine]:
        """None: such files have no subtitles."""
        return iter(())

    def _images(self, damage: list[int]) -> Iterator[tuple[Image.Image, int]]:
        """Each whole picture, with the millisecond at which it ends. A damaged file ends early."""
        try:
            opened = Image.open(self.path, formats=list(_KINDS))
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError) as error:
            raise VideoError(
                'The video "{name}" cannot be read ({reason}); check the path.',
                name=self._name,
                reason=getattr(error, "strerror", None) or type(error).__name__,
            ) from None
        with opened as image:
            at, number = 0, 0
            while number < MOST_FRAMES:
                try:
                    image.seek(number)
                    image.load()
                except EOFError:
                    return
                except (OSError, ValueError, SyntaxError):
                    damage.append(number)
                    return
                number += 1
                if number == 1 and image.info.get("default_image"):
                    continue  # an APNG's picture for programs without animation
                shown = round(float(image.info.get("duration", 0) or 0))
                at += shown if shown >= SHORTEST else USUAL
                yield image, at


def _is_transparent(image: Image.Image) -> bool:
    """Whether any pixel is: Pillow gives every animated WebP an alpha channel."""
    return image.has_transparency_data and bool(np.asarray(image.convert("RGBA"))[..., 3].min() < 255)


def _on_white(image: Image.Image) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return np.asarray(ground.convert("RGB"))
