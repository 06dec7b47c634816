"""Messages between the server and a painter: a length, and that many bytes.

Requests are pickled by the server. A painter works on what strangers sent, so nothing of it is unpickled: its
answers are JSON that is checked, as those of a decoder are.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import traceback
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from engines.live import FaceCurves
from media import errors
from media.errors import EngineError, JoyStudioError, NoFaceError
from media.messages import packed as packed_text
from media.messages import unpacked
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS

LENGTH = struct.Struct("!I")
CHANGED, SAME, LEFT_OUT, FAILED = b"c", b"s", b"l", b"f"
"""The first byte of an answer: there is a picture, it is the one before, none was wanted, or an error."""
_CURVES = len(BLENDSHAPES) + len(ROTATIONS)


@dataclass(frozen=True)
class FaceOpened:
    """What the server learns of a session that was opened. Its first picture is in slot 0."""

    fps: int
    look_ahead: int
    shape: tuple[int, ...]

    @property
    def body(self) -> bytes:
        """It as JSON."""
        return json.dumps([self.fps, self.look_ahead, self.shape]).encode()

    @classmethod
    def of(cls, body: bytes) -> Self:
        """It from its JSON. Raises EngineError for anything else."""
        try:
            return cls(*_OPENED.validate_json(body, strict=False))
        except ValidationError as error:
            raise unexpected() from error


_SIDE = Annotated[int, Field(gt=0, le=1 << 16)]
_OPENED = TypeAdapter(
    tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(ge=0)], tuple[_SIDE, _SIDE, Literal[3]]]
)
_PROPOSALS = TypeAdapter(tuple[tuple[tuple[float, float], tuple[float, float], tuple[float, float]], ...])
_MOST_TEXT, _MOST_TRACE = 4000, 8000
"""Characters of an error, and of where it happened."""


def packed(body: bytes) -> bytes:
    """A message with its length before it."""
    return LENGTH.pack(len(body)) + body


def receive(source: socket.socket) -> bytes:
    """The next message; empty when the other end is closed. source: a blocking socket."""
    return _exactly(source, size) if (size := _length(_exactly(source, LENGTH.size))) else b""


def receive_with_file(source: socket.socket) -> tuple[bytes, int | None]:
    """The next message, as `receive`, and the file that was sent with it, open; none without a message.

    source: it may have a timeout. Raises TimeoutError.
    """
    head, files, _, _ = socket.recv_fds(source, LENGTH.size, 1)
    body = b""
    try:
        head += _exactly(source, LENGTH.size - len(head)) if head else b""
        size = _length(head)
        body = _exactly(source, size) if size else b""
    finally:
        if not body:
            for file in files:
                os.close(file)
    return body, files[0] if body and files else None


def packed_curves(curves: FaceCurves | None) -> bytes:
    """What follows the first byte of an answer: 61 numbers, or nothing."""
    return b"" if curves is None else np.concatenate(curves).astype("<f4").tobytes()


def unpacked_curves(body: bytes) -> FaceCurves | None:
    """The curves of an answer by `packed_curves`; None for anything else."""
    if len(body) != 4 * _CURVES:
        return None
    numbers = np.nan_to_num(np.frombuffer(body, "<f4").astype(np.float32))
    return FaceCurves(np.clip(numbers[: len(BLENDSHAPES)], 0.0, 1.0), numbers[len(BLENDSHAPES) :])


def failure(error: Exception) -> bytes:
    """The message of an error. Where it happened becomes a note of it."""
    about: dict[str, Any] = {"trace": "".join(traceback.format_exception(error))[-_MOST_TRACE:]}
    if isinstance(error, JoyStudioError):
        about |= {"error": type(error).__name__, "text": packed_text(error.message)}
    elif isinstance(error, MemoryError):
        about |= {"error": "MemoryError", "text": str(error)[:_MOST_TEXT]}
    else:
        about |= {"error": "EngineError", "text": f"{type(error).__name__}: {error}"[:_MOST_TEXT]}
    if isinstance(error, NoFaceError):
        about["proposals"] = error.proposals
    return FAILED + json.dumps(about).encode()


def failed(body: bytes) -> Exception:
    """The error of a message by `failure`; an EngineError for anything else."""
    try:
        about = json.loads(body[1:])
        name, text = str(about["error"]), unpacked(about["text"], _MOST_TEXT)
        kind = MemoryError if name == "MemoryError" else getattr(errors, name)
        if not (isinstance(kind, type) and issubclass(kind, JoyStudioError | MemoryError)):
            return unexpected()
        error: Exception = kind(text)
        if isinstance(error, NoFaceError):
            error.proposals = _PROPOSALS.validate_python(about["proposals"])
        error.add_note(f"In the process that paints:\n{str(about['trace'])[:_MOST_TRACE]}")
    except (ValueError, KeyError, TypeError, AttributeError):
        return unexpected()
    return error


def unexpected() -> EngineError:
    """The error of an answer that no painter gives."""
    return EngineError("The process that paints the session gave an unexpected answer. Open a new session.")


def _length(head: bytes) -> int:
    return int(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else 0


def _exactly(source: socket.socket, count: int) -> bytes:
    """That many bytes; empty if the other end is closed before."""
    found = bytearray()
    while len(found) < count:
        part = source.recv(count - len(found))
        if not part:
            return b""
        found += part
    return bytes(found)
