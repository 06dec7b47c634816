"""Checks sound, and what belongs to it, before it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from joystudio_live.errors import LiveError

LOWEST, HIGHEST = 8000, 48000
LONGEST_MESSAGE_ID = 200
"""Characters."""


def checked_sound(pcm16: bytes | bytearray | memoryview, sample_rate: int) -> bytes:
    """The bytes of mono 16 bit PCM. Raises LiveError for what is none."""
    if isinstance(sample_rate, bool) or not isinstance(sample_rate, int):
        raise LiveError(f"The sample rate is {sample_rate!r}, but takes whole numbers.", "bad_sound")
    if not LOWEST <= sample_rate <= HIGHEST:
        raise LiveError(f"The sample rate is {sample_rate} Hz, but takes {LOWEST} to {HIGHEST}.", "bad_sound")
    if not isinstance(pcm16, bytes | bytearray | memoryview):
        raise LiveError(
            f"The sound is of the type {type(pcm16).__name__}. Push bytes: mono PCM, 16 bit, little-endian.",
            "bad_sound",
        )
    data = bytes(pcm16)
    if len(data) % 2:
        raise LiveError(
            f"The sound has {len(data)} bytes, an odd number. A sample of mono 16 bit PCM has two.",
            "bad_sound",
        )
    return data


def checked_message_id(message_id: str | None) -> None:
    """Raises LiveError for what the server does not take."""
    if message_id is None:
        return
    if not isinstance(message_id, str):
        raise LiveError(f"The message_id is {message_id!r}, but takes text.", "bad_message")
    if len(message_id) > LONGEST_MESSAGE_ID:
        raise LiveError(
            f"The message_id has {len(message_id)} characters, but takes at most {LONGEST_MESSAGE_ID}.",
            "bad_message",
        )


def pieces(data: bytes, sample_rate: int) -> Iterator[bytes]:
    """The sound in pieces of at most a second."""
    size = 2 * sample_rate
    for start in range(0, len(data), size):
        yield data[start : start + size]
