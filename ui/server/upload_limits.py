"""Limits uploads as they arrive: files and bytes per request, per address and in total."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import aclosing

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.errors import LineFull
from media.messages import said
from media.output_file import NO_ROOM
from studio.admission import Line, LineLimits, Ticket
from studio.client_address import address_of
from studio.fair_turns import Visitor
from studio.settings import Settings
from ui.server.gradio_hooks import fetch_named_files, remove_unfinished_uploads
from ui.server.named_files import NamedFiles
from ui.server.refusals import refused
from ui.server.upload_form import UploadForm, too_large
from ui.server.upload_ledger import Ledger

_log = logging.getLogger("joystudio.uploads")
PATIENCE = 60.0
"""Seconds that an upload waits for its turn."""
SILENCE = 20.0
"""Seconds without a byte after which an upload is aborted."""
LONGEST = 900.0
"""Seconds that one upload may take in total."""
ROOM = 1_000_000
"""Bytes of a form besides its files."""
UPLOAD = "/gradio_api/upload"


def brings_files(scope: Scope) -> bool:
    """Whether a request is an upload, which Gradio writes to files as it arrives.

    Every other address holds the whole body in memory, whatever its declared type.
    """
    path = scope["path"].removeprefix(scope.get("root_path", "")).rstrip("/")
    kind = Headers(scope=scope).get("content-type", "").lower()
    return bool(path == UPLOAD and kind.startswith("multipart/"))


class UploadLimits:
    """ASGI middleware for every request with files."""

    def __init__(self, app: ASGIApp, settings: Settings, ledger: Ledger) -> None:
        self.app, self.settings, self.ledger = app, settings, ledger
        remove_unfinished_uploads()
        fetch_named_files(NamedFiles(settings, ledger).fetch)
        at_once = settings.uploads_at_once
        self.line = Line(
            LineLimits(at_once, 1000, 1000, 500, at_once_per_address=max(1, at_once - at_once // 4)),
            "uploads",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit uploads in turn; answer 413 or 429 at a limit, and store nothing then."""
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
                why = said(
                    "The server is receiving {count} uploads, and yours waited too long. Try again.",
                    count=self.line.working,
                )
                await _later(why)(scope, receive, send)
            elif full := self.ledger.refusal(address, declared):
                await _later(full)(scope, receive, send)
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
            # Gradio removes the files that it has begun only for this exception, so every failure becomes
            # one.
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
                faults.append(message)  # comes before the error that it replaces
            elif refusal is None:
                await send(message)

        try:
            await self.app(scope, counted, answered)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            _log.warning("An upload was not kept: %s", error)
            refusal = _later(
                said(
                    "The server has no room for the upload ({reason}). Try again later.",
                    reason=error.strerror,
                ),
                507,
            )
        finally:
            self.ledger.note(address, size)
        for message in faults if refusal is None else ():
            await send(message)
        if refusal is not None:
            await refusal(scope, receive, send)


async def _turn(ticket: Ticket) -> bool:
    """Wait until it is an upload's turn; False if that takes too long."""
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
