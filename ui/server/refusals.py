"""Answers a refused request with a sentence that people and programs can read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from ui.i18n.catalogue import chinese
from ui.i18n.page_form import page_form


def refused(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> PlainTextResponse:
    """The response, as plain text: the sentence, and below it the same in Chinese."""
    sentence = page_form(sentence)
    other = chinese(sentence)
    return PlainTextResponse("\n".join(filter(None, (sentence, other))), status, headers)


async def refuse_socket(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket with a response in place of the handshake, so that its client can show the reason.

    A server that can send none (ASGI's extension `websocket.http.response`) answers 403 with an empty body.
    """
    # uvicorn 0.54 also logs an error then, though the client gets the whole answer.
    if "websocket.http.response" in scope.get("extensions", {}):
        await response(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008})
