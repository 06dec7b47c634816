"""Checks a visitor's form before the request waits for a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import UploadFile
from pydantic import BaseModel, Field

from media.documents.bounds import OPTIONS
from media.documents.json_text import parse_json
from media.documents.quoting import shown
from media.errors import DocumentError, InputError, OptionError
from media.messages import said
from studio.consent import STATEMENT, check_consent
from studio.given_performance import FIELDS as PARTS
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import performance_in
from studio.job import Job
from studio.options import explain_one
from studio.portrait_edit import edit_from
from studio.presets import load_preset
from studio.spoken_text import asked_for

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
_ROOM = 1_000_000
"""Bytes that a form may have besides its files."""
FILES = ("portrait", "voice", "second_voice", PERFORMANCE)
"""The fields of a form that are files."""


SILENCE = 20.0
"""Seconds without a byte after which an upload is aborted."""


SECOND = ("stereo_voices", "second_start", "second_face")
"""What a form says about a second voice besides its file."""


class TooLarge(InputError):
    """The request is larger than allowed."""


class TooSlow(InputError):
    """An upload has stalled."""


@dataclass(frozen=True)
class VideoRequest:
    """A request for one video: the files' bytes, and everything else in a job except its paths.

    voice: None if the request has a text to speak, or a performance alone. second_voice: None if one face
    speaks, or the voice has a channel for each. performance: a recorded one. performing: how it is used, as
    in `studio.given_performance`. accept_long: also make a video that takes over half an hour.
    """

    portrait: bytes
    voice: bytes | None
    wish: dict[str, Any]
    accept_long: bool = False
    second_voice: bytes | None = None
    performance: bytes | None = None
    performing: Mapping[str, Any] = field(default_factory=dict)

    def job(self, folder: Path, output: Path) -> Job:
        """The job, with its files written into a folder. Raises OptionError."""
        given: dict[str, Any] = {}
        for name in FILES:
            content = getattr(self, name)
            if content is not None:
                given[name] = folder / name
                given[name].write_bytes(content)
        if PERFORMANCE in given:
            given[PERFORMANCE] = {**self.performing, "file": given[PERFORMANCE]}
        return Job(output=output, **given, **self.wish)


def _as_in_a_job(name: str) -> Any:
    """A field with the default, the range and the description that it has in a job."""
    return copy(Job.model_fields[name])


class VideoForm(BaseModel):
    """The fields of POST /videos: the files, or a file and a text, the statement, and the settings
    of a job.
    """

    portrait: UploadFile = Field(description="An image with a face.")
    voice: UploadFile | None = Field(None, description="The recording: a sound or video file.")
    text: str | None = Field(None, description="A text to speak instead of a recording.")
    language: str | None = Field(None, description="Its language, such as en or zh; the letters' without it.")
    speech_engine: str | None = Field(None, description="The speech engine for the text.")
    speech_voice: str | None = Field(
        None, description="Which of its voices; the language's first without it."
    )
    speed: float | None = Field(
        None, ge=0.5, le=2.0, description="How fast the text is spoken; 1 without it."
    )
    consent: str = Field("", description=f"{STATEMENT} Send true.", examples=["true"])
    engine: str | None = Field(None, description="The engine; the deployment's first without it.")
    preset: str | None = Field(None, description="The name of one of the engine's presets.")
    seed: int = _as_in_a_job("seed")
    face_index: int = _as_in_a_job("face_index")
    audio_track: int | None = _as_in_a_job("audio_track")
    second_voice: UploadFile | None = Field(
        None, description="The voice of a second face of the portrait: a sound or video file."
    )
    stereo_voices: bool = _as_in_a_job("stereo_voices")
    second_start: float | None = _as_in_a_job("second_start")
    second_face: int | None = _as_in_a_job("second_face")
    performance: UploadFile | None = Field(
        None, description="A recorded performance that moves the face, with a voice or alone."
    )
    performance_rate: str | None = Field(
        None, description="Its frames per second, if it does not say them: 30 or 30000/1001."
    )
    performance_angles: str | None = Field(
        None, description="The unit of its angles: auto, deg or rad; auto without it."
    )
    performance_mouth: str | None = Field(
        None, description="What moves the mouth: file or voice; the file without it."
    )
    turn: int | None = Field(None, description="Degrees clockwise by which the portrait is turned first.")
    crop: str | None = Field(
        None,
        description="The part of the portrait that is kept: two corners in its pixels.",
        examples=["120,80 600,560"],
    )
    shape: str | None = Field(None, description="The video's shape: original, 9:16, 1:1 or 16:9.")
    background: str | None = Field(
        None, description="What is behind the person: original, blur, or a colour such as #1a2b3c."
    )
    options: str = Field(
        "{}", description="The engine's options: a JSON object.", examples=['{"head_motion": 0.5}']
    )
    accept_long: bool = Field(
        False, description="Whether to make a video that is expected to take over half an hour."
    )


def explain_form(errors: Sequence[Mapping[str, Any]]) -> str:
    """One sentence about the first error in a form. errors: FastAPI's, for `VideoForm`."""
    _, *place = errors[0]["loc"]
    if place and place[0] in FILES:
        return said("The form has no file called {name}; send one.", name=place[0])
    return explain_one(
        {**errors[0], "loc": place}, VideoForm, lambda name: said("The form's {name}", name=name)
    )


async def read_request(form: VideoForm, engines: Collection[str], max_bytes: int) -> VideoRequest:
    """The request in a form; closes the form's files.

    engines: those of this deployment; the first one is used if the form names none. max_bytes: of one file.
    Raises ConsentMissing, OptionError, and TooLarge for a file.
    """
    if form.voice is None and not form.text and form.performance is None:
        raise OptionError("The form has no file called voice; send one, or a text in the field text.")
    check_consent(form.consent == "true")
    wish = wish_of(form.model_dump(exclude={*FILES, "consent", "accept_long"}), engines)
    files = {name: Path(name) for name in FILES if getattr(form, name) is not None}
    recorded = performance_in(form.model_dump(include={*PARTS}), files.get(PERFORMANCE))
    given: dict[str, Any] = {**files, PERFORMANCE: recorded}
    Job(**given, **wish)  # raises for a wrong value before the request waits
    sent = {name: await _content(getattr(form, name), max_bytes) for name in files}
    return VideoRequest(
        sent["portrait"],
        sent.get("voice"),
        wish,
        form.accept_long,
        sent.get("second_voice"),
        sent.get(PERFORMANCE),
        recorded.model_dump(exclude={"file"}, exclude_none=True) if recorded is not None else {},
    )


def wish_of(fields: Mapping[str, Any], engines: Collection[str]) -> dict[str, Any]:
    """The fields of a form as the arguments of a job. Raises OptionError."""
    engine = fields.get("engine") or next(iter(engines))
    if engine not in engines:
        raise OptionError(
            "There is no engine called {engine}. Available: {engines}.",
            engine=shown(engine),
            engines=", ".join(engines),
        )
    try:
        options = parse_json(fields.get("options") or "{}", OPTIONS)
    except DocumentError as error:
        raise OptionError("The options cannot be read: {reason}.", reason=error) from error
    if not isinstance(options, dict):
        raise OptionError('The options have to be a JSON object, as in {"head_motion": 0.5}.')
    preset = fields.get("preset") or None
    before = load_preset(engine, preset).values if preset else {}
    numbers = {name: fields[name] for name in ("seed", "face_index", "audio_track") if fields.get(name)}
    numbers |= {name: fields[name] for name in SECOND if fields.get(name) is not None}
    spoken, edit = asked_for(fields), edit_from(fields)
    wish = {"engine": engine, "preset": preset, "options": before | options} | numbers
    wish |= {} if edit.plain else {"portrait_edit": edit}
    return wish | ({"spoken": spoken} if spoken is not None else {})


async def _content(upload: UploadFile, max_bytes: int) -> bytes:
    if (upload.size or 0) > max_bytes:
        raise too_large(upload.size or 0, max_bytes)
    content = await upload.read()
    await upload.close()
    return content


def limited(
    receive: Receive, length: str | None, max_bytes: int, took: Callable[[int], None] = lambda size: None
) -> Receive:
    """A request's `receive` that raises TooLarge as soon as more arrives than all files may have.

    length: the header Content-Length, which is not trusted. took: called with the size of each part, and may
    refuse it. Raises TooSlow if nothing arrives for a while.
    """
    most = len(FILES) * max_bytes + _ROOM
    if length is not None and length.isdecimal():
        claimed = int(length[-20:])
        if len(length) > 20 or claimed > most:
            raise too_large(claimed, max_bytes)
    came = 0

    async def counted() -> Message:
        nonlocal came
        try:
            message = await asyncio.wait_for(receive(), SILENCE)
        except TimeoutError:
            raise TooSlow("The upload arrived too slowly and was aborted. Send it again.") from None
        size = len(message.get("body", b""))
        came += size
        if came > most:
            raise too_large(came, max_bytes)
        took(size)
        return message

    return counted


def too_large(size: int, max_bytes: int) -> TooLarge:
    """The error for too many bytes."""
    return TooLarge(
        "The request has {size:.1f} MB; a file may have {max_bytes:g} MB. Send a smaller one.",
        size=size / 1e6,
        max_bytes=max_bytes / 1e6,
    )
