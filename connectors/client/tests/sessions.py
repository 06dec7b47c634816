"""Sessions of the client on a server whose frames the test sends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fake_server import FakeServer, FakeSession, fake_server
from joystudio_live import LiveFrame, LiveSession


def served(test: Callable[[FakeServer], Awaitable[None]]) -> Callable[[], None]:
    """Run a test with a server of its own, no longer than it may take."""

    @wraps(test)
    def run() -> None:
        async def with_server() -> None:
            async with asyncio.timeout(20), fake_server() as server:
                await test(server)

        asyncio.run(with_server())

    del run.__wrapped__  # pytest would look for a fixture
    return run


async def opened(server: FakeServer, **more: Any) -> tuple[LiveSession, FakeSession]:
    session = await LiveSession.open(server.address, b"portrait", consent=True, **more)
    return session, await server.session()


async def read(session: LiveSession, count: int) -> list[LiveFrame]:
    frames: list[LiveFrame] = []
    async for frame in session.run():
        frames.append(frame)
        if len(frames) == count:
            break
    return frames
