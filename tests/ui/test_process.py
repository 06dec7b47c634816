"""`python app.py` as a service: how it ends, and which files it leaves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from tests.media.decoding.processes import alive, children, helper_of, wait_until
from tests.ui.visit import Files
from ui.uploads import FOLDER, PREFIX, sweep_uploads

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def server(folder: Path, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server with its own temporary folder and outputs, and its address. more: of its environment."""
    (folder / "tmp").mkdir(exist_ok=True)
    settings = {
        "TMPDIR": str(folder / "tmp"),
        "JOYSTUDIO_OUTPUTS": str(folder / "outputs"),
        "JOYSTUDIO_HISTORY": str(folder / "history.sqlite"),
        "JOYSTUDIO_PORT": "0",
        "PYTHONUNBUFFERED": "1",
    }
    environment = {name: value for name, value in os.environ.items() if name != FOLDER} | settings | more
    process = subprocess.Popen(
        # Under nohup, SIGHUP would be ignored here, too.
        ["env", "--default-signal=HUP", sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if found := re.search(r"http://[\d.]+:\d+", line):
                yield process, found.group()
                break
        else:
            raise AssertionError(said)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def begin(address: str, files: Files) -> Client:
    """A visitor who has asked for a long video, and it is being made."""
    client = Client(address, verbose=False)
    job = client.submit(
        portrait=handle_file(files.portrait),
        voice=handle_file(files.long_voice),
        consent=True,
        api_name="/preview",
    )
    next(iter(job))  # the first word of its progress
    return client


def uploads(folder: Path) -> list[Path]:
    return list((folder / "tmp").glob(f"{PREFIX}*"))


def decoders_of(page: int) -> list[int]:
    """The processes that decode for a page that is at work on a video."""
    helper = helper_of(page)
    wait_until(lambda: children(helper), "nothing is being decoded")
    return [helper, *children(helper)]


def test_a_service_that_is_stopped_leaves_nothing(tmp_path: Path, files: Files) -> None:
    with server(tmp_path) as (process, address):
        begin(address, files)
        assert len(uploads(tmp_path)) == 1
        decoders = decoders_of(process.pid)
        process.send_signal(signal.SIGHUP)  # SIGTERM is in test_interrupted_jobs.py
        assert process.wait(60) == 0
    wait_until(lambda: not any(map(alive, decoders)), f"the decoders {decoders} have not ended")
    assert list((tmp_path / "tmp").glob("joystudio-*")) == []
    for folder in ("tmp", "outputs"):
        assert [path for path in (tmp_path / folder).rglob("*") if path.is_file()] == []


def test_what_a_killed_server_leaves_goes_with_the_next(
    tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    with server(tmp_path) as (process, address):
        begin(address, files)
        assert sweep_uploads() == 0  # it is alive
        decoders = decoders_of(process.pid)
        process.kill()
    wait_until(lambda: not any(map(alive, decoders)), f"the decoders {decoders} have not ended")
    assert len(uploads(tmp_path)) == 1
    assert sweep_uploads() == 1
    assert uploads(tmp_path) == []


def test_a_full_temporary_folder_is_reported(tmp_path: Path) -> None:
    """The page itself writes little there, so its drawing fails here as with a full disk."""
    code = (
        "import errno, sys, app, ui.gradio_start\n"
        "ui.gradio_start.import_gradio()\n"
        "import ui.app\n"
        "def full(*_, **__): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "ui.app.build_inputs = full\n"
        "sys.exit(app.main([]))"
    )
    settings = {
        "TMPDIR": str(tmp_path),
        "JOYSTUDIO_OUTPUTS": str(tmp_path / "outputs"),
        "JOYSTUDIO_PORT": "0",
    }
    # Without the folder of a page that another test has started in this process.
    environment = {name: value for name, value in os.environ.items() if name != FOLDER} | settings
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: The page's own files cannot be written to the temporary folder: No space"
    )
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.glob(f"{PREFIX}*")) == []
