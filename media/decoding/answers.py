"""Checks a child's answers before they are used, and turns a child's failure into an error message."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from pydantic import BaseModel, ValidationError, create_model

from media import errors
from media.decoding.child import Child, ChildFailed, HelperLost
from media.decoding.texts import MOST_NOTES, MOST_TEXT
from media.errors import InputError, PerformanceError, PortraitError, VideoError, VoiceError
from media.messages import Message, said, unpacked
from media.picture import Picture
from media.sound.format import SoundFormat

_log = logging.getLogger("joystudio.decoding")


def size_of(header: dict[str, Any]) -> tuple[int, int]:
    """Width and height of an image. Raises PortraitError with the child's message, or ChildFailed."""
    expect(header, "size", PortraitError)
    match header.get("size"):
        case [int(width), int(height)] if width >= 0 and height >= 0:
            return width, height
    raise ChildFailed("the decoder answered with an impossible size")


def picture_of(header: dict[str, Any], pixels: bytearray, max_side: int) -> Picture:
    """A decoded image; pixels: height * width * 3 bytes. Raises PortraitError or ChildFailed."""
    expect(header, "picture", PortraitError)
    match header.get("shape"):
        case [int(height), int(width), 3] if (
            0 < height <= max_side and 0 < width <= max_side and len(pixels) == height * width * 3
        ):
            image = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        case _:
            raise ChildFailed(f"the decoder sent {len(pixels)} bytes, which are not an image")
    image.flags.writeable = False
    about = _checked(Picture, header)
    if not 0.0 < about["scale"] < float("inf"):
        raise ChildFailed(f"the decoder reported a scale of {about['scale']}")
    return Picture(image=image, **about)


def sound_of(header: dict[str, Any]) -> SoundFormat:
    """The format of a sound. Raises VoiceError with the child's message, or ChildFailed."""
    expect(header, "sound", VoiceError)
    about = _checked(SoundFormat, header)
    if not (1 <= about["channels"] <= 1024 and 1 <= about["rate"] <= 10_000_000):
        raise ChildFailed(f"the decoder reported {about['channels']} channels")
    if len(about["positions"]) != about["channels"]:
        raise ChildFailed(f"the decoder reported {len(about['positions'])} channel positions")
    return SoundFormat(**about)


@cache
def _about(kind: type[Any]) -> type[BaseModel]:
    """The header of an image or a sound besides its numbers, for pydantic to check."""
    hints = get_type_hints(kind)
    names = [one.name for one in dataclasses.fields(kind) if one.name not in ("image", "notes", "kept")]
    given: dict[str, Any] = {name: (hints[name], ...) for name in names}
    return create_model(f"About{kind.__name__}", **given)


def _checked(kind: Any, header: dict[str, Any]) -> dict[str, Any]:
    about = header.get("about")
    try:
        checked = dict(_about(kind).model_validate(about))
    except ValidationError as error:
        raise ChildFailed(f"the decoder's answer has {error.error_count()} errors") from None
    return checked | {"notes": notes_of(about.get("notes") if isinstance(about, dict) else None)}


def expect(header: dict[str, Any], kind: str, family: type[InputError]) -> None:
    """Raise the child's error, or ChildFailed if its message is not of the kind `kind`."""
    match header:
        case {"kind": "error", "error": str(name), "text": text}:
            found = getattr(errors, name, None)
            if isinstance(found, type) and issubclass(found, family):
                raise found(_message(text))
        case {"kind": "memory", "most": int(most)}:
            raise ChildFailed(said("it needs more than {most} MB of memory", most=most))
        case {"kind": "fault", "text": str(text), "trace": str(trace)}:
            _log.warning("A decoder failed:\n%s", _printable(trace, 8000))
            raise ChildFailed(_printable(text))
    if header.get("kind") != kind:
        raise ChildFailed("the decoder gave an unexpected answer")


def notes_of(notes: object) -> tuple[str, ...]:
    """A child's notes for users, without terminal control characters. Raises ChildFailed."""
    if not isinstance(notes, list):
        raise ChildFailed("the decoder sent no list of notes")
    return tuple(_message(note) for note in notes[:MOST_NOTES])


def _message(data: object) -> str:
    """A text from `media.decoding.work`: plain, or with its template and values."""
    if isinstance(data, str):
        return _printable(data)
    try:
        text = unpacked(data, MOST_TEXT)
    except ValueError as error:
        raise ChildFailed(f"the decoder sent {error}") from None
    return text.mapped(_printable) if isinstance(text, Message) else _printable(text)


def _printable(text: str, most: int = MOST_TEXT) -> str:
    return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text[:most])


@contextmanager
def explained(
    family: type[InputError], source: Path | str | bytes, child: Child | None = None
) -> Iterator[None]:
    """Turn a child's failure into the file's error, and close the child, if there is one."""
    try:
        yield
    except (ChildFailed, HelperLost) as error:
        raise refusal(family, source, error) from None
    finally:
        if child is not None:
            child.close()


_KINDS: dict[type[InputError], str] = {
    PortraitError: "portrait",
    VoiceError: "voice",
    VideoError: "video",
    PerformanceError: "performance",
}


def refusal(family: type[InputError], source: Path | str | bytes, reason: Exception) -> InputError:
    """The error for a file that no child could decode, with the reason and the next step."""
    what = _KINDS[family]
    if isinstance(source, bytes):
        name = said("The uploaded {what}", what=what)
    else:
        name = said('The {what} "{name}"', what=what, name=Path(source).name)
    _log.warning("%s cannot be decoded: %s", name, reason)
    if family is PortraitError:
        return PortraitError(
            "{name} cannot be decoded: {reason}; save it again as JPEG or PNG, with fewer pixels.",
            name=name,
            reason=reason,
        )
    if family is VideoError:
        return VideoError("{name} cannot be decoded: {reason}; export it again.", name=name, reason=reason)
    if family is PerformanceError:
        return PerformanceError(
            "{name} cannot be read: {reason}; export a shorter part of it.", name=name, reason=reason
        )
    return VoiceError(
        "{name} cannot be decoded: {reason}; convert it to WAV or record it again.", name=name, reason=reason
    )
