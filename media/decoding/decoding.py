"""Where images and sounds are decoded: in this process, or each in a separate process."""

from __future__ import annotations

import os
import socket
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.decoding.limits import Limits

if TYPE_CHECKING:
    from media.picture import Picture, PictureSource
    from media.sound_stream import SoundBlocks, SoundFormat, SoundSource

CAN_ISOLATE = hasattr(os, "fork") and hasattr(socket, "send_fds")
"""Whether processes can fork; False on Windows."""


class Decoding(ABC):
    """Opens images and sounds. One object may serve many threads; a pickled copy starts its own processes."""

    @abstractmethod
    def open_picture(self, source: PictureSource, max_side: int, **more: Any) -> Picture:
        """As `media.picture.open_picture`."""

    @abstractmethod
    def open_sound(self, source: SoundSource, **more: Any) -> tuple[SoundFormat, SoundBlocks]:
        """As `media.sound_stream.open_sound`."""

    @abstractmethod
    def picture_size(self, source: Path | str | bytes) -> tuple[int, int]:
        """As `media.pictures.opened.picture_size`."""

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


DIRECT = DirectDecoding()
