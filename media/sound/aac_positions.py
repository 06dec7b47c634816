"""The channel positions of AAC layouts without a number of their own.

AAC has seven numbered layouts. For all others, a program config element lists the channels by position: in
front from the centre outwards, at the sides, behind, low frequencies (ISO/IEC 14496-3, 4.4.1.1 and 4.5.1.2).
FFmpeg reads the list and keeps its order, but names no channel of most of these layouts.
"""

from __future__ import annotations

from typing import NamedTuple

_PROGRAM_CONFIG = 5  # id_syn_ele
_HEADERS = (7, 9)  # bytes of an ADTS header without and with a checksum
_FRONT = {
    (1,): ("FC",),
    (2,): ("FL", "FR"),
    (1, 2): ("FC", "FL", "FR"),
    (2, 1): ("FL", "FR", "FC"),
    (2, 2): ("FLC", "FRC", "FL", "FR"),
    (1, 2, 2): ("FC", "FLC", "FRC", "FL", "FR"),
    (2, 1, 2): ("FLC", "FRC", "FC", "FL", "FR"),
}
_SIDE: dict[tuple[int, ...], tuple[str, ...]] = {
    (): (),
    # No loudspeaker is at one side alone: FFmpeg's encoder lists the LFE channel this way.
    (1,): ("LFE",),
    (2,): ("SL", "SR"),
    (1, 1): ("SL", "SR"),
}
_BACK: dict[tuple[int, ...], tuple[str, ...]] = {
    (): (),
    (1,): ("BC",),
    (2,): ("BL", "BR"),
    (1, 1): ("BL", "BR"),
    (2, 1): ("BL", "BR", "BC"),
    (2, 2): ("SL", "SR", "BL", "BR"),
}
_LOW: dict[tuple[int, ...], tuple[str, ...]] = {(): (), (1,): ("LFE",), (1, 1): ("LFE", "LFE2")}


def listed_positions(config: bytes, packet: bytes) -> tuple[str, ...]:
    """FFmpeg's names of the channels in the order of their list; empty if there is no known list.

    config: the AudioSpecificConfig of MP4 and Matroska. packet: the first one, which contains the list in
    ADTS.
    """
    try:
        parts = _of_config(_Bits(config)) if config else _of_packet(packet)
    except IndexError:
        return ()
    if parts is None:
        return ()
    known = _FRONT.get(parts.front), _SIDE.get(parts.side), _BACK.get(parts.back), _LOW.get(parts.low)
    names = [name for part in known for name in part or ()]
    return tuple(names) if None not in known and len(set(names)) == len(names) else ()


class _Parts(NamedTuple):
    """Channels of each listed element: 2 for a pair."""

    front: tuple[int, ...]
    side: tuple[int, ...]
    back: tuple[int, ...]
    low: tuple[int, ...]


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> int:
        """The next bits as a number. Raises IndexError after the end."""
        value = 0
        for _ in range(count):
            value = value << 1 | (self._data[self._at >> 3] >> (7 - (self._at & 7)) & 1)
            self._at += 1
        return value


def _of_config(bits: _Bits) -> _Parts | None:
    kind = bits.take(5)
    if kind == 31:  # escape: the kind follows
        bits.take(6)
    if bits.take(4) == 15:  # the rate itself follows
        bits.take(24)
    if bits.take(4):  # a numbered layout
        return None
    bits.take(1)  # frameLengthFlag
    if bits.take(1):  # dependsOnCoreCoder
        bits.take(14)
    bits.take(1)  # extensionFlag
    return _program(bits)


def _of_packet(packet: bytes) -> _Parts | None:
    if len(packet) < 9 or packet[0] != 0xFF or packet[1] & 0xF6 != 0xF0:
        return None
    bits = _Bits(packet[_HEADERS[not packet[1] & 1] :])
    return _program(bits) if bits.take(3) == _PROGRAM_CONFIG else None


def _program(bits: _Bits) -> _Parts:
    bits.take(4 + 2 + 4)  # tag, profile, rate
    front, side, back, low = (bits.take(width) for width in (4, 4, 4, 2))
    bits.take(3 + 4)  # counts of data and coupling elements, which are not channels
    for width in (4, 4, 3):  # mixes to mono, to stereo, by a matrix
        if bits.take(1):
            bits.take(width)
    groups = []
    for count in (front, side, back):
        elements = []
        for _ in range(count):
            elements.append(1 + bits.take(1))
            bits.take(4)
        groups.append(tuple(elements))
    return _Parts(groups[0], groups[1], groups[2], (1,) * low)
