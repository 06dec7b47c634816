"""Ends only the job that its visitor cancels, and no other of the same visitor.

Gradio ends every running call of the same function and session, and silently leaves the others waiting. Each
call runs in a task that is named after its session, function and event.
"""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from ui.server.request_body import BodyRefused, read_body

NO_FUNCTION = -1
"""A number without a function: with it, Gradio does everything for the event, and ends no other task."""


class Cancelling:
    """ASGI middleware for the address to which pages and programs send "cancel"."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle requests that would end too much; pass on everything else."""
        if (
            scope["type"] != "http"
            or scope["method"] != "POST"
            or not scope["path"].rstrip("/").endswith("/cancel")
        ):
            await self.app(scope, receive, send)
            return
        try:
            body = await read_body(scope, receive)
        except BodyRefused:
            return  # no client of ours sends this
        event, session = body.fields.get("event_id"), body.fields.get("session_hash")
        if isinstance(event, str) and event and isinstance(session, str):
            await _end(session, event)
            body = body.with_field("fn_index", NO_FUNCTION)
            scope = body.fitting(scope)
        await self.app(scope, body.again(receive), send)


async def _end(session: str, event: str) -> None:
    tasks = [
        task
        for task in asyncio.all_tasks()
        if task.get_name().startswith(f"{session}_") and task.get_name().endswith(f">{event}")
    ]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
