"""Videos, written and read as streams."""

from __future__ import annotations

from media.video_reader import VideoReader
from media.video_writer import VideoWriter

__all__ = ["VideoReader", "VideoWriter"]
