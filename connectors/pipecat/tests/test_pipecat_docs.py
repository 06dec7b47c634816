"""The documented bot is called, seen and heard."""

from __future__ import annotations

import asyncio
import os
import socket
import sys

import aiohttp
from aiortc import RTCSessionDescription

from documented import program
from real_server import ROOT, server_address
from visitor import Visitor


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


async def answered(address: str, visitor: Visitor) -> None:
    """Call the bot, once its page answers."""
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(address) as page:
                    assert "<video" in await page.text()
                break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)  # until it has started
        offer = visitor.peer.localDescription
        async with http.post(address + "/offer", json={"sdp": offer.sdp, "type": offer.type}) as answer:
            body = await answer.json()
    await visitor.peer.setRemoteDescription(RTCSessionDescription(body["sdp"], body["type"]))


def test_the_bot_speaks_to_who_calls() -> None:
    async def test() -> None:
        port = free_port()
        paths = [str(ROOT / "connectors" / one) for one in ("client", "pipecat")]
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program("Pipecat"), server_address(), str(port)),
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            visitor = await Visitor.ready()
            await answered(f"http://127.0.0.1:{port}", visitor)
            async with visitor.news:
                await visitor.news.wait_for(lambda: sum(visitor.loud) > 20 and len(visitor.pictures) > 10)
            assert {picture.shape for picture in visitor.pictures} == {(512, 512, 3)}
            await visitor.close()
        finally:
            bot.terminate()
            await bot.wait()

    asyncio.run(asyncio.wait_for(test(), 60))
