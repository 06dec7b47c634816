"""What goes over the socket: docs/live-api.md describes it."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from joystudio_live.errors import LiveError

PATH = "/live/v1"
VERSION = 1
_HEADER = struct.Struct("<IBBHI")
_SPEAKING, _END, _PICTURE = 1, 2, 4
_NO_DELAY = 0xFFFF


def socket_address(address: str) -> str:
    """The address of the socket of a page: ws://127.0.0.1:7860/live/v1 for http://127.0.0.1:7860.

    Raises LiveError for a text that is not the address of a page.
    """
    parts = urlsplit(address)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in ("ws", "wss") or not parts.netloc:
        raise LiveError(
            f"{without_login(address)!r} is not the address of a JoyStudio page. Give one such as "
            "http://127.0.0.1:7860."
        )
    path = parts.path.rstrip("/")
    return urlunsplit((scheme, parts.netloc, path if path.endswith(PATH) else path + PATH, parts.query, ""))


def without_login(address: str) -> str:
    """An address to be shown: without a name and a password."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@dataclass(frozen=True)
class WireFrame:
    """A binary message of the server. sound: little-endian int16. picture: None if it is the one before."""

    frame_index: int
    speaking: bool
    end_of_speech: bool
    delay: float | None
    sound: bytes
    picture: bytes | None


def unpacked(message: bytes) -> WireFrame:
    """A frame from its binary message. Raises LiveError for a message that is too short."""
    if len(message) < _HEADER.size:
        raise LiveError(f"JoyStudio sent a frame of {len(message)} bytes; {_HEADER.size} are the least.")
    index, flags, _, delay, size = _HEADER.unpack_from(message)
    picture_at = _HEADER.size + size
    if len(message) < picture_at:
        raise LiveError(f"JoyStudio sent a frame of {len(message)} bytes that names {picture_at}.")
    return WireFrame(
        index,
        bool(flags & _SPEAKING),
        bool(flags & _END),
        None if delay == _NO_DELAY else delay / 1000,
        message[_HEADER.size : picture_at],
        message[picture_at:] if flags & _PICTURE else None,
    )


def packed(frame: WireFrame) -> bytes:
    """The binary message of a frame; what a server does."""
    flags = _SPEAKING * frame.speaking + _END * frame.end_of_speech + _PICTURE * (frame.picture is not None)
    delay = _NO_DELAY if frame.delay is None else min(round(frame.delay * 1000), _NO_DELAY - 1)
    head = _HEADER.pack(frame.frame_index, flags, 0, delay, len(frame.sound))
    return head + frame.sound + (frame.picture or b"")


def message(kind: str, **values: Any) -> str:
    """A text message."""
    return json.dumps({"type": kind, **values})


def event(text: str) -> dict[str, Any]:
    """A text message of the server. Raises LiveError if it is none."""
    try:
        read = json.loads(text)
    except ValueError as error:
        raise LiveError(f"JoyStudio sent a message that is not JSON: {text[:80]!r}.") from error
    if not isinstance(read, dict) or not isinstance(read.get("type"), str):
        raise LiveError(f"JoyStudio sent a message without a type: {text[:80]!r}.")
    return read


def sentence(said: object) -> str:
    """The English sentence of a note or an error: an object with a `message`. A bare text is one, too."""
    return str(said.get("message", "")) if isinstance(said, dict) else str(said)
