"""How errors are reported to the other end of a live connection."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from media import errors
from media.errors import JoyStudioError
from studio.live.socket.connection import Closing

_log = logging.getLogger("joystudio.live")

CODES: tuple[tuple[type[JoyStudioError], str], ...] = (
    (errors.ConsentMissing, "no_consent"),
    (errors.NoFaceError, "no_face"),
    (errors.PortraitError, "bad_portrait"),
    (errors.VoiceError, "bad_sound"),
    (errors.OptionError, "bad_option"),
    (errors.LineFull, "no_place"),
    (errors.LiveTicketError, "bad_ticket"),
    (errors.LiveMessageError, "bad_message"),
    (errors.LiveEnded, "ended"),
    (errors.OutputError, "not_written"),
    (errors.JoyStudioError, "failed"),
)
"""The codes of errors, for programs: the first class that fits."""


class SessionOver(Exception):
    """The conversation ends. closing: the connection's code. error: what to say first, if anything."""

    def __init__(self, closing: Closing, error: JoyStudioError | None = None) -> None:
        super().__init__(closing.name)
        self.closing, self.error = closing, error


def code_of(error: JoyStudioError) -> str:
    """The code of an error, as in "bad_sound"."""
    return next(code for kind, code in CODES if isinstance(error, kind))


def as_message(
    error: JoyStudioError, worded: Callable[[str], dict[str, Any]], *, fatal: bool, **fields: Any
) -> str:
    """The message that reports an error. fatal: the connection ends with it. fields: more of the message."""
    about = {"type": "error", "code": code_of(error), "fatal": fatal, **fields}
    return json.dumps(about | worded(error.message))


def explained(error: Exception) -> JoyStudioError:
    """The error itself if it is a sentence; otherwise an apology with a number, which the log has, too."""
    if isinstance(error, JoyStudioError):
        return error
    number = secrets.token_hex(4)
    _log.error("Unexpected error %s", number, exc_info=error)
    return JoyStudioError(
        "Something went wrong in the program. Try again; if it stays, report it with the number {number}.",
        number=number,
    )


@contextmanager
def logged() -> Iterator[None]:
    """Log an error that changes nothing for the other end."""
    try:
        yield
    except Exception as error:
        _log.error("What a recording was made from could not be kept.", exc_info=error)
