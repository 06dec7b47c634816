"""Files that programs name by an address have the limits of uploads, and refused ones leave nothing."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import anyio
import gradio as gr
import pytest
import safehttpx

from studio.settings import Settings
from ui.components.examples import example_portraits
from ui.server.addresses import EXAMPLES
from ui.server.given_files import given_address
from ui.server.named_files import NAMED, NamedFiles
from ui.server.upload_ledger import Ledger

SETTINGS = Settings(max_upload_mb=1, uploads_at_once=2, upload_mb_per_hour_in_all=8)


class Elsewhere(BaseHTTPRequestHandler):
    """A web server that answers as the path says."""

    def do_GET(self) -> None:
        what = self.path.split("?")[0].strip("/").split("/")[0]
        headers, body = {}, b"the file"
        status = {"gone": 404, "round": 302, "inside": 302}.get(what, 200)
        if what == "round":
            headers["Location"] = "/round/and/round"
        if what == "inside":
            headers["Location"] = "http://127.0.0.1:1/secret"
        if what == "packed":
            body, headers["Content-Encoding"] = gzip.compress(bytes(50_000_000)), "gzip"
        if what == "said":
            headers["Content-Length"] = "5000000"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if what == "held":
            self.server.go.wait(30)  # type: ignore[attr-defined]
        pieces = [bytes(100_000)] * 1000 if what == "endless" else [body]
        try:
            for piece in pieces:
                self.wfile.write(piece)
        except OSError:  # the caller has gone
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address, under a name that is public for this test."""

    async def public(host: str) -> str:
        if host != "files.example":
            raise ValueError(host)
        return "127.0.0.1"

    monkeypatch.setattr(safehttpx, "async_validate_url", public)
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        server.daemon_threads = True
        server.go = threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://files.example:{server.server_port}"
        server.go.set()  # type: ignore[attr-defined]
        server.shutdown()


def fetch(url: str, folder: Path, ledger: Ledger | None = None) -> Path:
    files = NamedFiles(SETTINGS, ledger or Ledger(SETTINGS))
    return Path(anyio.run(files.fetch, url, str(folder)))


def test_a_file_is_fetched_under_its_name_and_counted(site: str, tmp_path: Path) -> None:
    ledger = Ledger(SETTINGS)
    path = fetch(f"{site}/a%20b/../portrait.png?size=2", tmp_path, ledger)
    assert (path.name, path.read_bytes()) == ("portrait.png", b"the file")
    assert path.is_relative_to(tmp_path)
    assert ledger.refusal_of_all(8_000_000)
    assert not ledger.refusal_of_all(7_999_992)


def test_an_upload_is_named_by_its_address_here(tmp_path: Path) -> None:
    """As `gradio upload-mcp` does it: this server's own address is no public one."""
    uploads, outside = tmp_path / "uploads", tmp_path / "secret.png"
    upload = uploads / "0123" / "a face ü.png"
    upload.parent.mkdir(parents=True)
    for path in (upload, outside):
        path.write_bytes(b"x")
    (uploads / "link.png").symlink_to(outside)
    ours = "http://127.0.0.1:7860/gradio_api/file="
    assert fetch(ours + quote(str(upload)), uploads) == upload
    for other in (
        outside, uploads / ".." / "secret.png", uploads / "link.png", uploads / "gone.png", uploads, "", "\0",
        "x" * 5000,
    ):  # fmt: skip
        with pytest.raises(gr.Error, match="cannot be fetched"):
            fetch(ours + quote(str(other)), uploads)


def test_a_compressed_response_stays_compressed(site: str, tmp_path: Path) -> None:
    assert fetch(f"{site}/packed", tmp_path).stat().st_size < 100_000


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/endless/a.png", r"The file has 1\.\d MB or more; a file may have 1 MB"),
        ("/said", r"The file has 5\.0 MB or more"),
        ("/gone", "its server answers with status 404"),
        ("/round", "more than 5 redirects"),
        ("/inside", "its host has no public address"),
    ],
)
def test_unusable_files_are_reported_and_leave_nothing(
    site: str, tmp_path: Path, path: str, said: str
) -> None:
    with pytest.raises(gr.Error) as told:
        fetch(site + path, tmp_path)
    assert re.search(said, told.value.message)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://169.254.169.254/",
        "http://[::1]/",
        "http://",
        "http://[x/",
        "https://u@/",
    ],
)
def test_all_private_addresses_get_the_same_refusal(tmp_path: Path, url: str) -> None:
    with pytest.raises(gr.Error) as told:
        fetch(url, tmp_path)
    assert "its host has no public address" in told.value.message


def test_uploads_are_limited_at_once_and_per_hour(site: str, tmp_path: Path) -> None:
    ledger = Ledger(SETTINGS)
    files = NamedFiles(SETTINGS, ledger)
    refused: list[str] = []

    async def visit() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(2):
                group.start_soon(files.fetch, f"{site}/held", str(tmp_path))
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(gr.Error) as told:
                await files.fetch(site, str(tmp_path))
            refused.append(told.value.message)
            group.cancel_scope.cancel()

    anyio.run(visit)
    assert "is fetching 2 files from other addresses" in refused[0]
    assert list(tmp_path.iterdir()) == []
    ledger.note(NAMED, 8_000_001)
    with pytest.raises(gr.Error) as told:
        fetch(site, tmp_path, ledger)
    assert "All visitors together have uploaded 8 MB in the last hour" in told.value.message


def test_copies_of_examples_and_of_files_of_this_machine_count_as_uploads(tmp_path: Path) -> None:
    example = example_portraits()[0].path
    own = tmp_path / "opened" / "own.png"
    own.parent.mkdir()
    own.write_bytes(bytes(1_000))
    settings = Settings(local_files=own.parent, upload_mb_per_hour_in_all=1)
    ledger = Ledger(settings)
    files = NamedFiles(settings, ledger)
    addresses = [f"http://127.0.0.1:7860/{EXAMPLES}/{quote(example.name)}", given_address(str(own))]
    uploads = tmp_path / "uploads"
    copies = [Path(anyio.run(files.fetch, address, str(uploads))) for address in addresses]
    assert [copy.read_bytes() for copy in copies] == [example.read_bytes(), own.read_bytes()]
    left = 1_000_000 - sum(copy.stat().st_size for copy in copies)
    assert not ledger.refusal_of_all(left)
    assert ledger.refusal_of_all(left + 1)
    ledger.note(NAMED, left + 1)
    for address in addresses:
        with pytest.raises(gr.Error) as told:
            anyio.run(files.fetch, address, str(uploads))
        assert "All visitors together have uploaded 1 MB in the last hour" in told.value.message
    assert sorted(path for path in uploads.rglob("*") if path.is_file()) == sorted(copies)
