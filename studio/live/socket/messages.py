"""What the other end of a live connection may send, as JSON objects with a "type"."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engines.registry import DEFAULT_ENGINE
from media.documents.bounds import Bounds
from media.documents.json_text import parse_json
from media.documents.quoting import quoted, shown
from media.errors import DocumentError, LiveMessageError
from media.messages import said
from media.pictures.encoding import Encoding

TEXT = Bounds(100_000, depth=8, nodes=2_000, text=60_000)
"""The limits of one message. The largest are the offers of WebRTC, of about 10 kB."""
VERSION = 1
PictureKind = Encoding | Literal["none"]


class ClientMessage(BaseModel):
    """A message of one type. A field that it does not have is refused, because it may be misspelled."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    type: ClassVar[str]


class Open(ClientMessage):
    """Open the session: with a ticket, or with the arguments of `LiveSession.open` and a portrait after it.

    The session checks most values, so they may be anything here. portrait_bytes: the portrait comes in
    several messages of so many bytes together; None for one message.
    """

    type = "open"
    ticket: str | None = None
    engine: str = DEFAULT_ENGINE
    options: dict[str, Any] = Field(default_factory=dict)
    seed: Any = 0
    paced: bool = True
    look_ahead_ms: Any = 80
    max_backlog_ms: Any = None
    lead_ms: Any = 0
    face_index: Any = 0
    anchors: Any = None
    picture: PictureKind = "jpeg"
    consent: bool = False
    portrait_bytes: int | None = Field(None, ge=1)


class Audio(ClientMessage):
    """What the bytes after it are: mono PCM, 16 bit, little-endian, of this rate."""

    type = "audio"
    sample_rate: Any
    message_id: str | None = Field(None, max_length=200)


class Flush(ClientMessage):
    """The voice is complete."""

    type = "flush"


class Interrupt(ClientMessage):
    """Stop speaking."""

    type = "interrupt"


class Options(ClientMessage):
    """Change options in flight."""

    type = "options"
    values: dict[str, Any]


class StartRecording(ClientMessage):
    """Begin to record. owner_token: the owner of the video, for a program that has one."""

    type = "record"
    owner_token: Any = None


class StopRecording(ClientMessage):
    """End the recording, and keep it."""

    type = "stop_recording"


class Offer(ClientMessage):
    """Carry pictures and sound by WebRTC. sdp: the offer of the other end."""

    type = "offer"
    sdp: str


class StopWebrtc(ClientMessage):
    """Carry pictures and sound on this connection again."""

    type = "stop_webrtc"


class ShownFrame(ClientMessage):
    """Frames up to this one were shown."""

    type = "shown"
    frame_index: int = Field(ge=0)


class Close(ClientMessage):
    """End the session."""

    type = "close"


TYPES = {
    kind.type: kind
    for kind in (
        Open,
        Audio,
        Flush,
        Interrupt,
        Options,
        StartRecording,
        StopRecording,
        Offer,
        ShownFrame,
        StopWebrtc,
        Close,
    )
}


def parsed(text: str) -> ClientMessage:
    """The message of a text. Raises LiveMessageError."""
    try:
        value = parse_json(text, TEXT)
    except DocumentError as error:
        raise LiveMessageError("The message cannot be read: {reason}.", reason=error) from None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise LiveMessageError("The message has no type. Send an object such as {example}.", example=EXAMPLE)
    name = value.pop("type")
    if name not in TYPES:
        raise LiveMessageError(
            "The message has the unknown type {name}. The types are {known}.",
            name=quoted(name),
            known=", ".join(TYPES),
        )
    try:
        return TYPES[name].model_validate(value)
    except ValidationError as error:
        raise LiveMessageError(_explained(name, error)) from None


EXAMPLE = '{"type": "flush"}'


def _explained(name: str, error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    field = quoted(str(first["loc"][0]))
    if first["type"] == "missing":
        return said("The message {name} needs the field {field}.", name=name, field=field)
    if first["type"] == "extra_forbidden":
        return said("The message {name} has no field {field}.", name=name, field=field)
    return said(
        "The field {field} of the message {name} cannot be {value}: {reason}.",
        field=field,
        name=name,
        value=shown(first["input"]),
        reason=first["msg"],
    )
