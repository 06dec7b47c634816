"""What a visitor's form asks for, checked before anything waits for a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.documents.bounds import OPTIONS
from media.documents.json_text import parse_json
from media.documents.quoting import shown
from media.errors import DocumentError, InputError, OptionError
from studio.consent import check_consent
from studio.job import Job
from studio.presets import load_preset

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
_ROOM = 1_000_000
"""Bytes that a form may have besides its two files."""


SILENCE = 20.0
"""Seconds without a byte after which an upload is given up."""


class TooLarge(InputError):
    """More was sent than is taken."""


class TooSlow(InputError):
    """An upload stands still."""


@dataclass(frozen=True)
class Order:
    """One video to be made: the files' bytes, and everything else a job has but for its places."""

    portrait: bytes
    voice: bytes
    wish: dict[str, Any]

    def job(self, folder: Path, output: Path) -> Job:
        """The job, with its files written into a folder of its own. Raises OptionError."""
        portrait, voice = folder / "portrait", folder / "voice"
        portrait.write_bytes(self.portrait)
        voice.write_bytes(self.voice)
        return Job(portrait=portrait, speech=voice, output=output, **self.wish)


async def read_order(form: Any, engines: Collection[str], max_bytes: int) -> Order:
    """The order of a form with the files portrait and voice, and the fields consent, engine, preset, seed,
    face_index, audio_track and options, a JSON object.

    form: Starlette's. engines: those that there are here, the first for who names none. max_bytes: of one
    file. Raises ConsentMissing, OptionError, and InputError for files that are missing or too large.
    """
    check_consent(form.get("consent") == "true")
    wish = wish_of({name: value for name, value in form.items() if isinstance(value, str)}, engines)
    Job(portrait=b"", speech=Path("voice"), **wish)  # says now what is wrong with it
    return Order(await _file(form, "portrait", max_bytes), await _file(form, "voice", max_bytes), wish)


def wish_of(fields: dict[str, str], engines: Collection[str]) -> dict[str, Any]:
    """What a form's texts ask for, as the arguments of a job. Raises OptionError."""
    engine = fields.get("engine") or next(iter(engines))
    if engine not in engines:
        raise OptionError(f"There is no engine called {shown(engine)}; there is {', '.join(engines)}.")
    try:
        options = parse_json(fields.get("options") or "{}", OPTIONS)
    except DocumentError as error:
        raise OptionError(f"The options cannot be read: {error}.") from error
    if not isinstance(options, dict):
        raise OptionError('The options have to be a JSON object, as in {"head_motion": 0.5}.')
    preset = fields.get("preset") or None
    before = load_preset(engine, preset).values if preset else {}
    numbers = {name: fields[name] for name in ("seed", "face_index", "audio_track") if fields.get(name)}
    return {"engine": engine, "preset": preset, "options": before | options} | numbers


async def _file(form: Any, name: str, max_bytes: int) -> bytes:
    upload = form.get(name)
    if upload is None or isinstance(upload, str):
        raise InputError(f"The form has no file called {name}; send one.")
    if upload.size > max_bytes:
        raise too_large(upload.size, max_bytes)
    content: bytes = await upload.read()
    return content


def limited(
    receive: Receive, length: str | None, max_bytes: int, took: Callable[[int], None] = lambda size: None
) -> Receive:
    """A request's `receive` that raises TooLarge as soon as more comes than two files may have.

    length: the header Content-Length, which is not to be trusted. took: hears how many bytes each part has,
    and may refuse them. Raises TooSlow where nothing comes for a while.
    """
    most = 2 * max_bytes + _ROOM
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
            raise TooSlow("The upload came too slowly and was given up. Send it again.") from None
        size = len(message.get("body", b""))
        came += size
        if came > most:
            raise too_large(came, max_bytes)
        took(size)
        return message

    return counted


def too_large(size: int, max_bytes: int) -> TooLarge:
    """What is said about too much, in bytes."""
    return TooLarge(
        f"What was sent has {size / 1e6:.1f} MB; a file may have {max_bytes / 1e6:g} MB. Send a smaller one."
    )
