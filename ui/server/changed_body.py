"""Changes the body of a response on its way to the client."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send


def changing(
    send: Send,
    *,
    wanted: Callable[[Message], bool],
    change: Callable[[bytes], bytes],
    status: int | None = None,
) -> Send:
    """A `send` that passes on a changed body, in one piece, with its length.

    wanted: whether to change a response, from its start; others pass as they are. status: of a changed
    response; None leaves it.
    """
    started: Message | None = None
    body = bytearray()

    async def send_changed(message: Message) -> None:
        nonlocal started
        if message["type"] == "http.response.start" and wanted(message):
            started = message
        elif message["type"] == "http.response.body" and started is not None:
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            changed = change(bytes(body))
            MutableHeaders(raw=started["headers"])["Content-Length"] = str(len(changed))
            await send(started if status is None else {**started, "status": status})
            await send({"type": "http.response.body", "body": changed})
        else:
            await send(message)

    return send_changed
