"""What a running dub reports besides progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.dubbing.result import DubResult
from studio.events import Progress

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class DubStarted:
    """The faces are followed and the painting begins. duration: of the new video, in seconds. size: (width,
    height) of its upright frames."""

    job_id: str
    duration: float
    size: tuple[int, int]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DubPreview:
    """A finished frame, now and then, to be shown while the dub goes on.

    number: its place in the new video. picture: (H, W, 3) uint8 RGB, upright, read-only.
    """

    number: int
    picture: np.ndarray


@dataclass(frozen=True)
class DubFinished:
    """The video is complete under its final name."""

    result: DubResult


DubEvent = Progress | DubStarted | DubPreview | DubFinished
