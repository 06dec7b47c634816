"""Opens the socket of a session, and waits until its portrait is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from joystudio_live.errors import LiveEnded, LiveError
from joystudio_live.refusal import refusal
from joystudio_live.wire import VERSION, event, message, sentence, without_login

LARGEST = 64 * 2**20
"""Bytes of a message; a raw picture of 4096x4096 has 48 MiB."""
PORTRAIT_PIECE = 2**18


async def connected(
    address: str, opening: dict[str, Any], portrait: bytes, headers: Mapping[str, str] | None, seconds: float
) -> tuple[ClientConnection, dict[str, Any]]:
    """The socket, and the server's "ready". address: of the socket, also with a login. headers: for one.

    Raises LiveError if the server does not answer or refuses.
    """
    shown = without_login(address)
    try:
        async with asyncio.timeout(seconds):
            socket = await connect(
                address,
                additional_headers=headers,
                compression=None,  # pictures are compressed, or travel inside one computer
                max_size=LARGEST,
                proxy=None if _is_here(shown) else True,
            )
            try:
                return socket, await _opened(socket, opening, portrait)
            except BaseException:
                await socket.close()
                raise
    except TimeoutError:
        raise LiveError(f"JoyStudio at {shown} was not ready within {seconds:g} s.") from None
    except InvalidStatus as error:
        raise LiveError(refusal(shown, error.response)) from error
    except (OSError, InvalidHandshake) as error:
        raise LiveError(
            f"JoyStudio does not answer at {shown} ({error}). Start it with `python app.py`, or correct "
            "the address."
        ) from error


def _is_here(address: str) -> bool:
    return "//127.0.0.1" in address or "//localhost" in address or "//[::1]" in address


async def _opened(socket: ClientConnection, opening: dict[str, Any], portrait: bytes) -> dict[str, Any]:
    try:
        await socket.send(message("open", **opening, portrait_bytes=len(portrait)))
        for start in range(0, len(portrait), PORTRAIT_PIECE):
            await socket.send(portrait[start : start + PORTRAIT_PIECE])
        while True:
            answer = await socket.recv()
            if isinstance(answer, bytes):
                continue
            said = event(answer)
            if said["type"] == "error":
                raise LiveError(sentence(said), str(said.get("code", "")))
            if said["type"] == "ready":
                break
    except ConnectionClosed as error:
        raise ended(error) from error
    if said.get("version") != VERSION:
        raise LiveError(f"JoyStudio speaks version {said.get('version')} of the protocol, not {VERSION}.")
    return said


def ended(error: ConnectionClosed) -> LiveEnded:
    """Why a connection is closed, as far as its codes say it."""
    close = error.rcvd
    why = f"code {close.code}{', ' + close.reason if close.reason else ''}" if close else "it is gone"
    return LiveEnded(f"JoyStudio has closed the connection ({why}). Open a new session.")


def portrait_bytes(portrait: Path | str | bytes) -> bytes:
    """The bytes of a portrait's file. Raises LiveError if it cannot be read, or is empty."""
    if isinstance(portrait, bytes):
        data = portrait
    else:
        try:
            data = Path(portrait).read_bytes()
        except OSError as error:
            raise LiveError(f"The portrait {portrait} cannot be read: {error.strerror}.") from error
    if not data:
        raise LiveError("The portrait is empty.", "bad_portrait")
    return data
