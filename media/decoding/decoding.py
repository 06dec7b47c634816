"""Where images, sounds and performances are decoded: in this process, or each in a separate process."""

from __future__ import annotations

import os
import socket
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.decoding.limits import Limits

if TYPE_CHECKING:
    from media.performance.motion_template import LivePortraitTemplate
    from media.performance.performance import Performance
    from media.performance.reading import Angles
    from media.picture import Picture, PictureSource
    from media.sound_stream import SoundBlocks, SoundFormat, SoundSource

CAN_ISOLATE = hasattr(os, "fork") and hasattr(socket, "send_fds")
"""Whether processes can fork; False on Windows."""


class Decoding(ABC):
    """Opens images, sounds and performances. One object may serve many threads; a pickled copy starts its own
    processes.
    """

    @abstractmethod
    def open_picture(self, source: PictureSource, max_side: int, **more: Any) -> Picture:
        """As `media.picture.open_picture`."""

    @abstractmethod
    def open_sound(self, source: SoundSource, **more: Any) -> tuple[SoundFormat, SoundBlocks]:
        """As `media.sound_stream.open_sound`."""

    @abstractmethod
    def picture_size(self, source: Path | str | bytes) -> tuple[int, int]:
        """As `media.pictures.opened.picture_size`."""

    @abstractmethod
    def open_performance(
        self, path: Path, *, rate: Fraction | None = None, angles: Angles = "auto"
    ) -> Performance | LivePortraitTemplate:
        """As `media.performance.opening.open_performance`."""

    def start(self) -> None:
        """Prepare for the first file, so that it is as quick as the others; does not wait."""

    def close(self) -> None:
        """End what was started; the next file starts it again."""


@dataclass(frozen=True)
class DirectDecoding(Decoding):
    """Decodes in this process: the fastest way for your own files."""

    limits: Limits = field(default_factory=Limits)

    def open_picture(self, source: PictureSource, max_side: int, **more: Any) -> Picture:
        """As `media.picture.open_picture`."""
        from media.picture import open_picture

        return open_picture(source, max_side, max_pixels=self.limits.max_pixels, **more)

    def open_sound(self, source: SoundSource, **more: Any) -> tuple[SoundFormat, SoundBlocks]:
        """As `media.sound_stream.open_sound`."""
        from media.sound_stream import open_sound

        return open_sound(source, **more)

    def picture_size(self, source: Path | str | bytes) -> tuple[int, int]:
        """As `media.pictures.opened.picture_size`."""
        from media.pictures.opened import picture_size

        return picture_size(source)

    def open_performance(
        self, path: Path, *, rate: Fraction | None = None, angles: Angles = "auto"
    ) -> Performance | LivePortraitTemplate:
        """As `media.performance.opening.open_performance`."""
        from media.performance.opening import open_performance

        return open_performance(path, rate=rate, angles=angles)


DIRECT = DirectDecoding()
