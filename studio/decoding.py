"""Chooses where this process decodes the users' files."""

from __future__ import annotations

import logging
from functools import cache

from media.decoding.decoding import CAN_ISOLATE, DIRECT, Decoding, DirectDecoding
from media.decoding.limits import Limits
from studio.settings import Settings

_log = logging.getLogger("joystudio.decoding")

__all__ = ["DIRECT", "Decoding", "decoding_for"]


def decoding_for(settings: Settings) -> Decoding:
    """The decoding for these settings. Equal settings share one object, as its helper process is shared."""
    limits = Limits(
        memory_mb=settings.decode_memory_mb,
        seconds=settings.decode_seconds,
        max_pixels=round(settings.max_picture_mpixels * 1e6),
        longest=settings.max_seconds,
    )
    return _decoding(settings.decode == "isolated", limits)


@cache
def _decoding(isolated: bool, limits: Limits) -> Decoding:
    if not isolated:
        return DirectDecoding(limits)
    if not CAN_ISOLATE:
        _log.warning("This system cannot fork: files are decoded in this process, without limits.")
        return DirectDecoding(limits)
    from media.decoding.isolated import IsolatedDecoding  # late: imports the decoders

    return IsolatedDecoding(limits)
