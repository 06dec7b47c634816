"""Limits a visitor's exports: the length of a video, and the size of all exports together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from media.errors import InputError, LineFull
from studio.gallery.exports import exports_size
from studio.gallery.videos import Gallery

if TYPE_CHECKING:
    from studio.events import Result


def check_bounds(gallery: Gallery, result: Result) -> None:
    """Raise InputError for a video that is too long, and LineFull if the visitor's exports are too large."""
    settings = gallery.settings
    if result.duration > settings.export_seconds:
        raise InputError(
            "The video lasts {duration:.1f} s, and this page exports at most {longest:g} s. Download it, "
            "and export it on your own machine.",
            duration=result.duration,
            longest=settings.export_seconds,
        )
    kept = sum(exports_size(entry.result.path) for entry in gallery.list()) / 1e6
    if kept >= settings.export_mb:
        raise LineFull(
            "Your exported files take {kept:.0f} MB; at most {most} MB are kept for one visitor. Delete "
            "videos in the gallery that you no longer need.",
            kept=kept,
            most=settings.export_mb,
        )
