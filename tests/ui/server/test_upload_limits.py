"""Uploads have limits on files and bytes, and refused ones leave nothing behind."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from studio.settings import Settings
from tests.ui.server.conftest import Bounded
from tests.ui.visit import PATIENCE
from ui.server.upload_ledger import HOUR, Ledger


def send(bounded: Bounded, address: str, *files: bytes) -> httpx.Response:
    """Upload files from an address, in one request."""
    parts = [("files", (f"{number}.bin", content)) for number, content in enumerate(files)]
    headers = {"X-Forwarded-For": address}  # from a proxy on this machine
    return httpx.post(f"{bounded.url}gradio_api/upload", files=parts, headers=headers)


def kept(bounded: Bounded) -> set[Path]:
    """Every file among the uploads."""
    return {path for path in bounded.uploads.rglob("*") if path.is_file()}


def test_uploads_within_the_limits_are_kept(bounded: Bounded) -> None:
    answer = send(bounded, "203.0.113.1", b"one", b"two", b"three")
    assert answer.status_code == 200
    assert [Path(path).read_bytes() for path in answer.json()] == [b"one", b"two", b"three"]


def test_too_many_files_in_one_request_leave_nothing(bounded: Bounded) -> None:
    before = kept(bounded)
    answer = send(bounded, "203.0.113.2", *[b"x" * 100] * 500)
    assert answer.status_code == 413
    assert "One request may upload 3 files" in answer.text
    assert kept(bounded) == before


def test_a_file_that_is_too_large_leaves_nothing(bounded: Bounded) -> None:
    before = kept(bounded)
    answer = send(bounded, "203.0.113.3", b"ok", bytes(1_500_000))
    assert answer.status_code == 413
    assert "a file may have 1 MB" in answer.text
    assert kept(bounded) == before


def test_a_full_disk_is_reported_and_leaves_nothing(bounded: Bounded) -> None:
    before = kept(bounded)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, usual[1]))
    try:
        answer = send(bounded, "203.0.113.8", b"ok", bytes(900_000), b"more")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert answer.status_code == 507
    assert answer.text.startswith("The server has no room for the upload (File too large).")
    assert kept(bounded) == before
    assert send(bounded, "203.0.113.8", bytes(900_000)).status_code == 200


def test_a_request_that_says_it_is_too_large_is_not_read(bounded: Bounded) -> None:
    host, port = bounded.url.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE / 1000) as line:
        line.sendall(
            f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: multipart/form-data; "
            "boundary=b\r\nContent-Length: 90000000\r\n\r\n".encode()
        )
        assert b" 413 " in line.recv(4096).splitlines()[0]


def test_an_upload_that_breaks_off_leaves_nothing(bounded: Bounded) -> None:
    before, begun = kept(bounded), threading.Event()

    def part() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + bytes(200_000)
        deadline = threading.Event()
        for _ in range(500):  # until the server has begun to write
            if kept(bounded) != before:
                begun.set()
                break
            deadline.wait(0.02)
        raise ConnectionError

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with pytest.raises(ConnectionError):
        httpx.post(f"{bounded.url}gradio_api/upload", content=part(), headers=headers)
    assert begun.is_set()
    pause = threading.Event()
    for _ in range(500):
        if kept(bounded) == before:
            break
        pause.wait(0.02)
    assert kept(bounded) == before


FILE = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n1234\r\n'
TEXT = b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\n1234\r\n'
STARRED = TEXT.replace(b'"files"', b"files; filename*=UTF-8''a")
NAMELESS = FILE.replace(b'"a"', b'""')
BARE = b"--b\r\n\r\n1234\r\n"
END = b"--b--\r\n"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(FILE, "before its last part was complete", id="no end"),
        pytest.param(FILE[:-3], "before its last part was complete", id="no end of a part"),
        pytest.param(FILE + FILE[:30], "before its last part was complete", id="a part that begins"),
        pytest.param(b"", "before its last part was complete", id="nothing"),
        pytest.param(TEXT + END, "has no file name", id="text"),
        pytest.param(FILE + TEXT + END, "has no file name", id="text after a file"),
        pytest.param(NAMELESS + END, "has no file name", id="an empty name"),
        pytest.param(STARRED + END, "has no file name", id="a name in the extended notation"),
        pytest.param(BARE + END, "has no file name", id="no headers"),
        pytest.param(b"before\r\n" + FILE + END, "is not a valid form", id="no boundary first"),
    ],
)
def test_a_form_that_is_not_whole_leaves_nothing(bounded: Bounded, body: bytes, words: str) -> None:
    before = kept(bounded)
    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "X-Forwarded-For": f"2001:db8:{len(body)}::",
    }
    answer = httpx.post(f"{bounded.url}gradio_api/upload", content=body, headers=headers)
    assert answer.status_code == 400
    assert words in answer.text
    assert kept(bounded) == before


@pytest.mark.parametrize("boundary", ["", "; boundary=", f"; boundary={'b' * 5000}"])
def test_a_form_without_a_boundary_is_refused(bounded: Bounded, boundary: str) -> None:
    headers = {"Content-Type": f"multipart/form-data{boundary}", "X-Forwarded-For": "203.0.113.7"}
    answer = httpx.post(f"{bounded.url}gradio_api/upload", content=FILE + END, headers=headers)
    assert answer.status_code == 400
    assert "is not a valid form" in answer.text


def test_an_address_uploads_so_much_an_hour(bounded: Bounded) -> None:
    answers = [send(bounded, "203.0.113.4", bytes(900_000), bytes(900_000)) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 200, 429]
    assert "has uploaded 7 MB in the last hour; the limit is 8 MB" in answers[-1].text
    assert send(bounded, "203.0.113.5", b"x").status_code == 200
    answers = [send(bounded, "203.0.113.6", b"x") for _ in range(21)]
    assert {one.status_code for one in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert "has uploaded 20 times" in answers[-1].text


def test_many_at_once_wait_and_all_arrive(bounded: Bounded) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=number: answers.append(
                send(bounded, f"203.0.114.{n}", bytes([n]) * 9000).status_code
            )
        )
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 12


def test_all_together_have_a_bound_and_an_hour_later_it_is_forgotten() -> None:
    now = 0.0
    ledger = Ledger(Settings(upload_mb_per_hour_in_all=10), lambda: now)
    for number in range(10):
        ledger.note(f"192.0.2.{number}", 1_000_000)
    assert "All visitors together have uploaded 10 MB" in ledger.refusal("192.0.2.99", 1)
    now = HOUR + 1
    assert ledger.refusal("192.0.2.99", 1) == ""
    ledger.note("192.0.2.99", 1)
    assert len(ledger._sent) == 2
