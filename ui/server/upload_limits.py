"""Limits uploads as they arrive: files and bytes per request, per address and in total."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.errors import LineFull
from media.output_file import NO_ROOM
from studio.admission import Line, LineLimits, Ticket, Visitor
from studio.client_address import address_of
from studio.settings import Settings
from ui.server.refusals import refused
from ui.server.upload_form import UploadForm, too_large
from ui.server.upload_parser import remove_unfinished_uploads

_log = logging.getLogger("joystudio.uploads")
HOUR = 3600.0
PATIENCE = 60.0
"""Seconds that an upload waits for its turn."""
SILENCE = 20.0
"""Seconds without a byte after which an upload is aborted."""
LONGEST = 900.0
"""Seconds that one upload may take in total."""
ROOM = 1_000_000
"""Bytes of a form beside its files."""
EVERYBODY = ""
UPLOAD = "/gradio_api/upload"


def brings_files(scope: Scope) -> bool:
    """Whether a request is an upload, which Gradio writes to files while it comes in.

    Every other address has the whole body in memory, whatever type the request says it has.
    """
    path = scope["path"].removeprefix(scope.get("root_path", "")).rstrip("/")
    kind = Headers(scope=scope).get("content-type", "").lower()
    return bool(path == UPLOAD and kind.startswith("multipart/"))


@dataclass
class Ledger:
    """What each address, and all together, have sent within the last hour.

    clock: seconds that never go back.
    """

    settings: Settings
    clock: Callable[[], float] = time.monotonic
    _sent: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)
    _sums: dict[str, int] = field(default_factory=dict)

    def note(self, address: str, size: int) -> None:
        """Note an upload of so many bytes."""
        for whose in (address, EVERYBODY):
            self._sent.setdefault(whose, deque()).append((self.clock(), size))
            self._sums[whose] = self._sums.get(whose, 0) + size
        for whose in [one for one, sent in self._sent.items() if sent[0][0] < self.clock() - HOUR]:
            self._of(whose)  # forgets it

    def refusal(self, address: str, more: int = 0) -> str:
        """Why `more` bytes are refused, in a sentence; "" if they are not."""
        files, size = self._of(address)
        _, in_all = self._of(EVERYBODY)
        settings = self.settings
        if files >= settings.uploads_per_hour:
            return (
                f"Your network address has uploaded {files} times in the last hour, the limit for one "
                "address. Try again later."
            )
        for sent, most, whose in (
            (size, settings.upload_mb_per_hour, "Your network address has"),
            (in_all, settings.upload_mb_per_hour_in_all, "All visitors together have"),
        ):
            if sent + more > most * 1_000_000:
                return (
                    f"{whose} uploaded {sent / 1e6:.0f} MB in the last hour; the limit is {most} MB. "
                    "Try again later."
                )
        return ""

    def _of(self, whose: str) -> tuple[int, int]:
        sent = self._sent.get(whose, deque())
        while sent and sent[0][0] < self.clock() - HOUR:
            self._sums[whose] -= sent.popleft()[1]
        if not sent:
            self._sent.pop(whose, None)
            self._sums.pop(whose, None)
        return len(sent), self._sums.get(whose, 0)


class UploadLimits:
    """ASGI middleware for every request that brings files."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        remove_unfinished_uploads()
        self.ledger = Ledger(settings)
        at_once = settings.uploads_at_once
        self.line = Line(
            LineLimits(at_once, 1000, 1000, 500, at_once_per_address=max(1, at_once - at_once // 4)),
            "uploads",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let uploads in by turns; answer 413 or 429 at a limit, and keep nothing then."""
        if scope["type"] != "http" or not brings_files(scope):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        content_type = headers.get("content-type", "")
        address, declared = address_of(scope, self.settings), _number(headers.get("content-length", ""))
        most = self.settings.upload_files * self.settings.max_upload_mb * 1_000_000 + ROOM
        if declared > most:
            await refused(too_large(declared, self.settings), 413)(scope, receive, send)
            return
        try:
            ticket = self.line.enter(Visitor(address))
        except LineFull as error:
            await _later(str(error))(scope, receive, send)
            return
        try:
            if not await _turn(ticket):
                why = (
                    f"The server is receiving {self.line.working} uploads, and yours waited too long. "
                    "Try again."
                )
                await _later(why)(scope, receive, send)
            elif why := self.ledger.refusal(address, declared):
                await _later(why)(scope, receive, send)
            else:
                await self._take(scope, receive, send, content_type, address)
        finally:
            ticket.leave()

    async def _take(
        self, scope: Scope, receive: Receive, send: Send, content_type: str, address: str
    ) -> None:
        form, size = UploadForm(content_type, self.settings), 0
        if form.refusal:
            await refused(form.refusal, form.status)(scope, receive, send)
            return
        refusal: Response | None = None
        deadline = time.monotonic() + LONGEST

        async def counted() -> Message:
            # Gradio removes the files that it has begun for this exception only, so every end is made one.
            nonlocal size, refusal
            left = min(SILENCE, deadline - time.monotonic())
            try:
                message = await asyncio.wait_for(receive(), max(0.0, left))
            except TimeoutError:
                refusal = _later("The upload arrived too slowly and was aborted. Send it again.", 408)
                raise MultiPartException("given up") from None
            if message["type"] != "http.request":
                raise MultiPartException("The upload ended early.")
            data = message.get("body", b"")
            size += len(data)
            form.take(data, last=not message.get("more_body", False))
            if form.refusal:
                refusal = refused(form.refusal, form.status)
            elif why := self.ledger.refusal(address, size):
                refusal = _later(why)
            if refusal is not None:
                raise MultiPartException("refused")
            return message

        faults: list[Message] = []

        async def answered(message: Message) -> None:
            if faults or message.get("status", 200) >= 500:
                faults.append(message)  # comes before the error that it stands for
            elif refusal is None:
                await send(message)

        try:
            await self.app(scope, counted, answered)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            _log.warning("An upload was not kept: %s", error)
            refusal = _later(
                f"The server has no room for the upload ({error.strerror}). Try again later.", 507
            )
        finally:
            self.ledger.note(address, size)
        for message in faults if refusal is None else ():
            await send(message)
        if refusal is not None:
            await refusal(scope, receive, send)


async def _turn(ticket: Ticket) -> bool:
    """Wait for an upload's turn; False where that takes too long."""
    began = time.monotonic()
    async with aclosing(ticket.turn(1.0)) as places:
        async for _ in places:
            if time.monotonic() - began > PATIENCE:
                return False
    return True


def _later(why: str, status: int = 429) -> Response:
    return refused(why, status, {"Retry-After": "60"})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 20 else 0
