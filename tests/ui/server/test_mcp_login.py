"""Language models at a page with a password: with it there are tools, and without it nothing."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from engines import registry
from studio.settings import Settings
from tests.ui.server.serving import serving
from tests.ui.visit import Files
from ui.app import build
from ui.serve import PageAccess
from ui.tabs.animate import animate_tab

TOKEN = base64.b64encode(b"ann:ann's password").decode("ascii")
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("mcp"), sign=False)
    page = build(settings, [animate_tab(registry.spec_of("preview"))])
    access = PageAccess(auth="ann:ann's password", mcp=True)
    with serving(settings, page, **access.launch_options(settings)) as url:
        yield url


def with_tools(
    url: str, use: Callable[[ClientSession], Awaitable[Any]], token: str = f"Bearer {TOKEN}"
) -> Any:
    """The result of `use` on a session of a language model's program."""

    async def ask() -> Any:
        headers = {"Authorization": token}
        async with (
            streamablehttp_client(f"{url}gradio_api/mcp/", headers=headers) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await use(session)

    with ThreadPoolExecutor(1) as pool:  # the browser's tests have a loop in this thread
        return pool.submit(lambda: asyncio.run(ask())).result()


def data(path: Path, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


@pytest.mark.parametrize("scheme", ["Basic", "Bearer"])
def test_with_a_password_the_tools_are_there(url: str, scheme: str) -> None:
    async def use(session: ClientSession) -> list[str]:
        return [tool.name for tool in (await session.list_tools()).tools]

    assert with_tools(url, use, f"{scheme} {TOKEN}")[0] == "preview"


@pytest.mark.parametrize("value", [None, "Bearer", "Bearer hf_token", "Basic !"])
def test_without_one_there_is_nothing(url: str, value: str | None) -> None:
    given = (
        ACCEPT
        | ({"Authorization": value} if value else {})
        | {"x-gradio-user": "mcp", "X-Forwarded-For": "::1"}
    )
    asked = [
        httpx.post(f"{url}gradio_api/mcp/", json=LIST, headers=given),
        httpx.post(f"{url}gradio_api/mcp/messages/", json=LIST, headers=given),
        httpx.get(f"{url}gradio_api/mcp/", headers=given),
        httpx.get(f"{url}gradio_api/mcp/schema", headers=given),
        httpx.get(f"{url}gradio_api/mcp/sse", headers=given),
    ]
    for answer in asked:
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic realm=")
        assert "preview" not in answer.text


def test_with_a_wrong_one_there_is_nothing_either(url: str) -> None:
    wrong = ACCEPT | {"Authorization": "Basic " + base64.b64encode(b"ann:secret").decode("ascii")}
    answer = httpx.post(f"{url}gradio_api/mcp/", json=LIST, headers=wrong)
    assert answer.status_code == 401
    assert "name or the password in the header Authorization is wrong" in answer.text


def test_a_tool_takes_what_was_uploaded_by_its_address(url: str, files: Files) -> None:
    sent = {"files": files.portrait.read_bytes()}
    (path,) = httpx.post(
        f"{url}gradio_api/upload", files=sent, headers={"Authorization": f"Basic {TOKEN}"}
    ).json()
    given = {
        "portrait": f"{url}gradio_api/file={path}",
        "voice": data(files.voice, "audio/wav"),
        "consent": True,
    }

    async def use(session: ClientSession) -> Any:
        return await session.call_tool("preview", given)

    made = with_tools(url, use)
    assert not made.isError, made.content
    assert ".mp4" in str(made.content)


def test_a_tool_makes_a_video_and_says_in_words_why_it_does_not(url: str, files: Files) -> None:
    portrait, voice = data(files.portrait, "image/png"), data(files.voice, "audio/wav")
    given = {"portrait": portrait, "voice": voice, "consent": True}

    async def use(session: ClientSession) -> list[Any]:
        async def heard(progress: float, total: float | None, message: str | None) -> None:
            """Asked for, because Gradio goes another way then."""

        broken = given | {"portrait": data(files.text, "image/png")}
        return [
            await session.call_tool("preview", given),
            await session.call_tool("preview", given | {"consent": False}),
            await session.call_tool("preview", given | {"consent": False}, progress_callback=heard),
            await session.call_tool("preview", broken),
            await session.call_tool("preview", given | {"blink_rate": 99}),
            await session.call_tool("preview", given | {"portrait": "http://127.0.0.1:1/portrait.png"}),
        ]

    made, *refused = with_tools(url, use)
    assert not made.isError
    assert ".mp4" in str(made.content)
    assert all(answer.isError for answer in refused)
    said = [" ".join(part.text for part in answer.content) for answer in refused]
    assert "you have not confirmed that you have the right" in said[0]
    assert "you have not confirmed that you have the right" in said[1]
    assert "is not a readable image" in said[2]
    assert "99 is greater than the maximum of 3.0" in said[3]
    assert 'The file at "http://127.0.0.1:1/portrait.png" cannot be fetched' in said[4]
