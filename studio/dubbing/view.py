"""What a page shows about a video before it is dubbed: its length and rate, a still, and the faces in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.dubbing.run import open_dub_source
from studio.settings import Settings

if TYPE_CHECKING:
    import numpy as np

STILL_SIDE, PREVIEW_SIDE = 960, 640
"""Longest sides, in pixels, of the pictures that the page gets."""
MOST_FACES = 12
LOOKED_AT = (0.1, 0.5, 0.9)
"""Where in a video faces are counted, in parts of its length."""


@dataclass(frozen=True)
class VideoView:
    """seconds: of the video, by its file. size: (width, height), upright. fps: frames per second on average.
    sound: whether it has any. notes: sentences for the user. depth: bits of a value of its pixels.
    """

    seconds: float
    size: tuple[int, int]
    fps: float
    sound: bool
    notes: tuple[str, ...]
    depth: int = 8


@dataclass(frozen=True)
class VideoStill:
    """A frame of a video. time: its second. jpeg: the picture, reduced. size: (width, height) of the video.

    faces: (x0, y0, x1, y1) of each, as parts of width and height, from left to right.
    """

    time: float
    jpeg: bytes
    faces: tuple[tuple[float, float, float, float], ...]
    size: tuple[int, int]


def view_video(video: Path, settings: Settings) -> VideoView:
    """Examine a video as a dub would. Raises VideoError or InputError for an unusable one."""
    source = open_dub_source(video, settings)
    facts = source.facts
    return VideoView(
        float(facts.duration),
        source.size,
        float(facts.mean_fps),
        bool(facts.sounds),
        tuple(source.notes),
        facts.depth,
    )


def most_faces(video: Path, view: VideoView, settings: Settings) -> int:
    """The largest number of faces in a few stills of a video, at least 1. Raises as `view_video`."""
    return max(1, *(len(still_of(video, share * view.seconds, settings).faces) for share in LOOKED_AT))


def still_of(video: Path, second: float, settings: Settings) -> VideoStill:
    """The frame at a second, and the faces in it. Raises the errors of `view_video`."""
    from media.faces import default_detector  # late: imports MediaPipe
    from media.thumbnail import small_jpeg

    picture, time = open_dub_source(video, settings).picture_at(second)
    height, width = picture.shape[:2]
    boxes = [face.box for face in default_detector().detect(picture)[:MOST_FACES]]
    parts = [(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in boxes]
    within = (tuple(min(1.0, max(0.0, value)) for value in box) for box in parts)
    faces = sorted((x0, y0, x1, y1) for x0, y0, x1, y1 in within)
    return VideoStill(round(time, 3), small_jpeg(picture, STILL_SIDE), tuple(faces), (width, height))


def preview_jpeg(picture: np.ndarray) -> bytes:
    """A frame of a running dub, (H, W, 3) uint8 RGB, as a JPEG for the page."""
    from media.thumbnail import small_jpeg

    return small_jpeg(picture, PREVIEW_SIDE)
