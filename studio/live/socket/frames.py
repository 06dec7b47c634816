"""Frames as bytes: a header of 12 bytes, the sound, and the picture if it changed."""

from __future__ import annotations

import asyncio
import struct
from concurrent.futures import Executor

from media.pictures.encoding import encoded
from studio.live.frame import LiveFrame
from studio.live.socket.messages import PictureKind

HEADER = struct.Struct("<IBBHI")
"""Index, flags, 0, delay in milliseconds, bytes of sound."""
SPEAKING, END_OF_SPEECH, PICTURE = 1, 2, 4
NO_DELAY = 0xFFFF
_LONGEST_DELAY = NO_DELAY - 1


def packed(
    frame: LiveFrame, picture: bytes | None, *, silenced: bool = False, carried: bool = False
) -> bytes:
    """A frame as one message. picture: encoded; None if it is that of the frame before.

    silenced: the frame was interrupted after it was made, so its voice is left out. carried: something else
    carries its sound and its picture.
    """
    speaking = frame.speaking and not silenced
    flags = SPEAKING * speaking + END_OF_SPEECH * (speaking and frame.end_of_speech)
    flags += PICTURE * (picture is not None)
    delay = NO_DELAY
    if speaking and frame.delay is not None:
        delay = min(max(round(1000 * frame.delay), 0), _LONGEST_DELAY)
    sound = b""
    if not carried:
        silence = bytes(2 * len(frame.samples))
        sound = silence if silenced else frame.samples.astype("<i2", copy=False).tobytes()
    header = HEADER.pack(frame.frame_index & 0xFFFFFFFF, flags, 0, delay, len(sound))
    return b"".join((header, sound, picture or b""))


class PictureEncoder:
    """Encodes each new picture once, in a thread. kind: "none" sends no pictures."""

    def __init__(self, kind: PictureKind, threads: Executor) -> None:
        self.kind, self._threads = kind, threads
        self._whole = False

    def begin_again(self) -> None:
        """The other end has missed pictures: encode the next one, changed or not."""
        self._whole = True

    async def encode(self, frame: LiveFrame) -> bytes | None:
        """The frame's picture; None if it has none, or the other end has it already."""
        if self.kind == "none" or frame.rgb_image is None or not (frame.changed or self._whole):
            return None
        self._whole = False
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, encoded, frame.rgb_image, self.kind)
