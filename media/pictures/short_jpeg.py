"""Truncated JPEGs: shown as every viewer shows them, if little is missing.

libjpeg fills the missing part with the last colour once it meets the end marker, so that marker is appended.
To measure the missing part, other bytes are put before the marker: the blocks that they change were not in
the file. Pillow's own switch for this affects the whole process and all its threads.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image

END = b"\xff\xd9"
PROBE = bytes((37 * k + 11) % 251 for k in range(96))
"""Any bytes except 0xFF: they are decoded as arbitrary blocks."""

DIFFERENT = 4
"""Levels by which two decodings of a block differ if neither came from the file."""

_COEFFICIENTS = 64
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
_PROGRESSIVE = {0xC2, 0xCA}


def complete_jpeg(data: bytes) -> tuple[bytes, float] | None:
    """A JPEG that can be decoded to its end, and the missing fraction of the image, 0..1.

    None for a complete one (its damage is elsewhere), or one that ends before its first scan. In a
    progressive one, the fraction of each block's detail that no complete scan contains counts as missing.
    """
    data = data.rstrip(b"\xff")  # half a marker
    layout = _Layout(data)
    if layout.ended or not layout.scans:
        return None
    try:
        missing = _missing_area(data, layout)
    except Exception:  # of Pillow's decoder: it is damaged as well
        return None
    if layout.progressive:
        missing = max(missing, 1 - layout.coefficients_sent() / _COEFFICIENTS)
    return data + END, missing


class _Layout:
    """The markers of a JPEG up to its end."""

    def __init__(self, data: bytes) -> None:
        self.progressive = self.ended = False
        self.block_rows = 1  # of 8 pixels in a row of its units
        self.scans: list[tuple[tuple[int, ...], int, int]] = []  # components, first and last coefficient
        self._first_component = 0
        at = 2
        while at + 4 <= len(data):
            if data[at] != 0xFF:
                return
            marker = data[at + 1]
            if marker == 0xFF:
                at += 1
                continue
            if marker == END[1]:
                self.ended = True
                return
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            body = data[at + 4 : at + 2 + length]
            if marker in _FRAMES and len(body) >= 9:
                self.progressive = marker in _PROGRESSIVE
                self._first_component = body[6]
                self.block_rows = max(body[7 + 3 * k] & 15 for k in range(body[5]) if 7 + 3 * k < len(body))
            at += 2 + length
            if marker == 0xDA and at <= len(data) and len(body) >= 4:
                count = body[0]
                self.scans.append((tuple(body[1 : 1 + 2 * count : 2]), body[-3], body[-2]))
                at = _after_scan(data, at)
        self.ended = data[at : at + 2] == END

    def coefficients_sent(self) -> int:
        """The number of the first component's 64 coefficients that a complete scan contains."""
        sent: set[int] = set()
        for components, first, last in self.scans[:-1]:
            if self._first_component in components:
                sent.update(range(first, last + 1))
        return len(sent)


def _after_scan(data: bytes, at: int) -> int:
    """The position of the next marker that is neither a stuffed byte nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        following = data[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2


def _missing_area(data: bytes, layout: _Layout) -> float:
    ours, probed = _blocks(data + END), _blocks(data + PROBE + END)
    differs = (np.abs(ours - probed) > DIFFERENT).any(axis=2)
    rows = np.flatnonzero(differs.any(axis=1))
    if not rows.size:
        return 0.0
    unit = layout.block_rows
    first = int(rows[0]) // unit * unit
    columns = np.flatnonzero(differs[first : first + unit].any(axis=0))
    height, width = differs.shape
    whole = first * width + int(columns[0]) * min(unit, height - first)
    return 1 - whole / (height * width)


def _blocks(data: bytes) -> np.ndarray:
    """(h, w, 3) int16: one value for each block of 8x8 pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(data), formats=["JPEG"])
        image.draft("RGB", (max(1, image.width // 8), max(1, image.height // 8)))
        return np.asarray(image.convert("RGB"), np.int16)
