"""Files as clients of language models really send them, with the real client against a running server."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes
from typing import Any

import httpx
import pytest
from gradio.mcp import DEFAULT_TEMP_DIR
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from engines import registry
from media.errors import LineFull, OutputError
from studio.settings import Settings
from tests.ui.server.serving import serving
from tests.ui.visit import Files
from ui.app import build
from ui.serve import PageAccess
from ui.server.data_files import DataFiles
from ui.server.given_files import given_text, with_addresses
from ui.server.upload_ledger import Ledger
from ui.tabs.animate import animate_tab
from ui.uploads import FOLDER


@dataclass(frozen=True)
class Server:
    """A page with tools. folder: whose files programs may name."""

    url: str
    folder: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("opened")
    outputs = tmp_path_factory.mktemp("mcp")
    settings = Settings(port=0, outputs=outputs, sign=False, local_files=folder, max_upload_mb=1)
    page = build(settings, [animate_tab(registry.spec_of("preview"))])
    with serving(settings, page, **PageAccess(mcp=True).launch_options(settings)) as url:
        yield Server(url, folder)


def answers(server: Server, calls: list[dict[str, Any]]) -> list[Any]:
    """The answers of the tool "preview" to some calls."""

    async def ask() -> list[Any]:
        async with (
            streamablehttp_client(f"{server.url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return [await session.call_tool("preview", call) for call in calls]

    with ThreadPoolExecutor(1) as pool:  # the browser's tests have a loop in this thread
        return pool.submit(lambda: asyncio.run(ask())).result()


def uploaded(server: Server, path: Path) -> str:
    """The path from the answer of the upload address."""
    sent = {"files": (path.name, path.read_bytes())}
    found: list[str] = httpx.post(f"{server.url}gradio_api/upload", files=sent).json()
    return found[0]


def test_files_arrive_in_every_form_that_clients_send(server: Server, files: Files) -> None:
    portrait, voice = uploaded(server, files.portrait), uploaded(server, files.voice)
    own = server.folder / "My face.png"
    own.write_bytes(files.portrait.read_bytes())
    # Gradio names such a file by its content: this one was never stored anywhere.
    data = as_data(files.voice.read_bytes() + token_bytes(16), "audio/wav")
    before = set(Path(DEFAULT_TEMP_DIR).rglob("*"))
    made = answers(
        server,
        [
            {"portrait": portrait, "voice": f"/gradio_api/file={voice}", "consent": True},
            {
                "portrait": {"path": portrait, "meta": {}},
                "voice": data,
                "consent": True,
            },
            {"portrait": [portrait], "voice": f"http://localhost/gradio_api/file={voice}", "consent": True},
            {"portrait": str(own), "voice": voice, "consent": True},
            {"portrait": own.as_uri(), "voice": "", "text": "Hello.", "consent": True},
        ],
    )
    for answer in made:
        assert not answer.isError, answer.content
        assert ".mp4" in str(answer.content)
    assert own.read_bytes() == files.portrait.read_bytes()  # a copy was used
    new = set(Path(DEFAULT_TEMP_DIR).rglob("*")) - before
    assert [path for path in new if not path.is_relative_to(os.environ[FOLDER])] == []  # never removed there


def as_data(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def test_files_inside_a_call_become_uploads_with_the_limits_of_uploads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    monkeypatch.setitem(os.environ, FOLDER, str(uploads))
    settings = Settings(max_upload_mb=1, upload_mb_per_hour=2)
    files = DataFiles(settings, Ledger(settings))

    def passed_on(content: bytes) -> str | None:
        call = {"method": "tools/call", "params": {"arguments": {"portrait": as_data(content, "image/png")}}}
        sent = json.dumps(call).replace("tools/call", "tools\\/call")  # as some clients escape it
        changed = with_addresses(sent.encode(), lambda text: files.stored(text, "192.0.2.1"))
        return given_text(json.loads(changed)["params"]["arguments"]["portrait"])

    path = Path(str(passed_on(bytes(1_000_000))))
    assert path.is_relative_to(uploads)
    assert (path.name, path.read_bytes()) == ("file.png", bytes(1_000_000))
    assert passed_on(bytes(1_000_001)) == "data:1000001"
    assert passed_on(b"") == "data:"
    passed_on(bytes(900_000))
    with pytest.raises(LineFull, match=r"has uploaded 2 MB in the last hour"):
        passed_on(bytes(200_000))
    assert len([one for one in uploads.rglob("*") if one.is_file()]) == len([*uploads.iterdir()]) == 2
    monkeypatch.setitem(os.environ, FOLDER, str(tmp_path / "gone"))
    with pytest.raises(OutputError, match="no room for the file"):
        passed_on(b"x")


def test_refusals_reach_the_model_in_our_words(server: Server, files: Files, tmp_path: Path) -> None:
    voice = uploaded(server, files.voice)
    secret = tmp_path / "secret.png"
    secret.write_bytes(files.portrait.read_bytes())
    (server.folder / "link.png").symlink_to(secret)
    (server.folder / "large.png").write_bytes(bytes(1_000_001))
    expected = {
        str(secret): '"secret.png" is not in the folder that the owner of this machine has opened',
        str(tmp_path / "no.png"): '"no.png" is not in the folder that the owner of this machine has opened',
        str(server.folder / "link.png"): "is not in the folder",
        str(server.folder / ".." / secret.name): "is not in the folder",
        str(server.folder / "gone.png"): "on this machine; check the path.",
        str(server.folder / "large.png"): "The file has 1.0 MB or more; a file may have 1 MB.",
        "portrait.png": "is not in the folder",
        "data:image/png;base64,a": 'A file that begins with "data:" is not readable.',
        as_data(bytes(1_000_001), "image/png"): "The file has 1.0 MB or more; a file may have 1 MB.",
        f"http://given.invalid/?data:{'9' * 400}": 'A file that begins with "data:" is not readable.',
        "data:text/plain,hello": 'A file that begins with "data:" is not readable.',
        "\0" * 10: "is not in the folder",
        "http://10.0.0.1/face.png": "cannot be fetched: its host has no public address",
    }
    given = [{"portrait": value, "voice": voice, "consent": True} for value in expected]
    for (value, words), answer in zip(expected.items(), answers(server, given), strict=True):
        said = " ".join(part.text for part in answer.content)
        assert answer.isError, value
        assert words in said, (value, said)
        assert "given.invalid" not in said
        assert str(tmp_path) not in said
        assert "Traceback" not in said


def test_without_the_setting_or_with_other_visitors_no_path_is_read(tmp_path: Path) -> None:
    assert Settings().readable_folder is None
    assert Settings(local_files=tmp_path).readable_folder == tmp_path
    for others in ({"host": "0.0.0.0"}, {"allowed_hosts": "studio.example.org"}, {"trusted_proxy": True}):
        assert Settings(local_files=tmp_path, **others).readable_folder is None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"method": "tools/call"}', b'["tools/call", 1]', b"tools/call {"]
)
def test_other_messages_are_passed_on_as_they_are(content: bytes) -> None:
    assert with_addresses(content, str.upper) is content


def test_only_addresses_of_our_own_name_carry_a_text() -> None:
    assert given_text("http://given.invalid/?%2Fa%20b") == "/a b"
    assert given_text("http://given.invalid.example.org/?a") is None
    assert given_text("http://[x/") is None
