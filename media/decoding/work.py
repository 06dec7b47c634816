"""A child's work: it sets its limits, decodes one file, sends the result, and ends."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pi_heif  # noqa: F401  # like every format's code, before any child is forked
from PIL import Image

from media.decoding.messages import Channel, Ended
from media.decoding.performance_work import PERFORMANCE_WORK
from media.decoding.source_work import SOURCE_WORK
from media.decoding.texts import MOST_TEXT, sent_notes, sent_text
from media.decoding.video_work import VIDEO_WORK
from media.errors import InputError, PortraitError
from media.picture import open_picture
from media.pictures.opened import picture_size
from media.sound_stream import open_sound

MOST_BLOCK_BYTES = 1 << 23
"""Bytes of one block of sound: the maximum of `media.sound.format.block_length`."""
OPEN_FILES = 32

Image.init()


def work(channel: Channel) -> None:
    """Do what the single request asks for and send the answer; errors are answers, too."""
    request, body = channel.receive(most=1 << 40)
    with contextlib.suppress(Ended):  # the server needs no more
        accept_limits(request["memory_mb"], request["processor_seconds"])
        answer(channel, DOING[request["do"]], request, body)


def answer(channel: Channel, do: Any, request: dict[str, Any], body: bytearray) -> None:
    """Run `do(channel, request, body)`, and send its error, if any."""
    try:
        do(channel, request, body)
    except InputError as error:
        channel.send({"kind": "error", "error": type(error).__name__, "text": sent_text(error.message)})
    except MemoryError:
        channel.send({"kind": "memory", "most": request["memory_mb"]})
    except Ended:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {error}"[:MOST_TEXT]
        trace = "".join(traceback.format_exception(error))[-8000:]
        channel.send({"kind": "fault", "text": text, "trace": trace})


def accept_limits(memory_mb: int, processor_seconds: float) -> None:
    """Limit this process permanently; nothing can raise the limits again."""
    import resource

    allowed = memory_mb * 1_000_000
    with contextlib.suppress(OSError):  # not on macOS, where these would have no effect
        pages = Path("/proc/self/statm").read_text().split()
        whole, data = (resource.getpagesize() * int(pages[place]) for place in (0, 5))
        _limit(resource.RLIMIT_AS, whole + allowed)
        _limit(resource.RLIMIT_DATA, data + allowed)
    seconds = max(1, -int(-processor_seconds // 1))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)


def _limit(kind: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(kind, (most, most))


def _picture(channel: Channel, request: dict[str, Any], body: bytearray) -> None:
    """Send the size, wait until there is room for an image of that size, and decode it."""
    source = _source(request, body)
    try:
        size = picture_size(source)
    except PortraitError:  # `open_picture` accepts more kinds, or gives the reason
        size = (0, 0)
    channel.send({"kind": "size", "size": size})
    channel.receive(most=0)
    picture = open_picture(source, request["max_side"], max_pixels=request["max_pixels"], **request["more"])
    about = {one.name: getattr(picture, one.name) for one in fields(picture) if one.name != "image"}
    about["notes"] = sent_notes(picture.notes)
    channel.send(
        {"kind": "picture", "shape": picture.image.shape, "about": about},
        picture.image.data.cast("B"),
    )


def _size(channel: Channel, request: dict[str, Any], body: bytearray) -> None:
    channel.send({"kind": "size", "size": picture_size(_source(request, body))})


def _source(request: dict[str, Any], body: bytearray) -> Path | bytes:
    return bytes(body) if request["path"] is None else Path(request["path"])


def _sound(channel: Channel, request: dict[str, Any], body: bytearray) -> None:
    sound, blocks = open_sound(Path(request["path"]), **request["more"])
    channel.send({"kind": "sound", "about": asdict(sound) | {"notes": sent_notes(sound.notes)}})
    with contextlib.closing(blocks):
        while True:
            try:
                block = next(blocks)
            except StopIteration as end:
                channel.send({"kind": "end", "notes": sent_notes(end.value or ())})
                return
            block = np.ascontiguousarray(block, np.float32)
            channel.send({"kind": "block", "samples": len(block)}, block.data.cast("B"))


DOING: dict[str, Callable[[Channel, dict[str, Any], bytearray], None]] = {
    "picture": _picture,
    "size": _size,
    "sound": _sound,
    **VIDEO_WORK,
    **SOURCE_WORK,
    **PERFORMANCE_WORK,
}
