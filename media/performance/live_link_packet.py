"""Packs a face as a packet of the app Live Link Face, which Unreal Engine receives over UDP.

The layout is that of public receivers such as PyLiveLinkFace. All numbers are big-endian.
"""

from __future__ import annotations

import struct
import uuid

import numpy as np

from media.performance.blendshapes import BLENDSHAPES, ROTATIONS

PORT = 11111
"""Where Unreal Engine's plug-in listens."""
LONGEST_NAME = 100
"""Bytes of a subject's name."""
_VERSION = 6
_DAY = 86_400
_SWAPPED = {
    "jawRight": "jawLeft",
    "jawLeft": "jawRight",
    "mouthRight": "mouthLeft",
    "mouthLeft": "mouthRight",
}
ORDER = tuple(_SWAPPED.get(name, name) for name in BLENDSHAPES)
"""The order of the packets: unlike in the app's files, left comes before right for jaw and mouth, too."""
_COUNT = len(BLENDSHAPES) + len(ROTATIONS)
_PLACES = [BLENDSHAPES.index(name) for name in ORDER]
_DEVICES = uuid.UUID("5b0d4f0e-6a57-4f0c-9a0b-6f8d5f3c2e11")


class LiveLinkPackets:
    """The packets of one face.

    subject: the name that Unreal Engine shows. rate: whole frames per second. begin: the time of day of the
    first frame, in seconds, from which the app counts frames.
    """

    def __init__(self, subject: str, rate: int, begin: float = 0.0) -> None:
        # Receivers take the identifier's 36 characters as a device; a subject stays the same one.
        device = str(uuid.uuid5(_DEVICES, subject)).upper()
        self._head = struct.pack(">B", _VERSION) + _text(device) + _text(subject)
        self._rate, self._first = rate, round(begin * rate)

    def packet(self, frame: int, blendshapes: np.ndarray, angles: np.ndarray) -> bytes:
        """The packet of a frame. blendshapes: (52,) 0..1. angles: (9,) radians, as in the app's files."""
        time = struct.pack(">ifii", (self._first + frame) % (_DAY * self._rate), 0.0, self._rate, 1)
        numbers = np.concatenate([blendshapes[_PLACES], angles]).astype(">f4")
        return self._head + time + struct.pack(">B", _COUNT) + numbers.tobytes()


def _text(text: str) -> bytes:
    coded = text.encode()
    return struct.pack(">i", len(coded)) + coded
