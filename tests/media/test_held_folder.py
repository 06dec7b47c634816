"""Temporary folders: removed with their process, or by the next of the same kind if it was killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media.held_folder import HeldFolder, sweep_held_folders

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "joystudio-live-"
CODE = """
import os, sys, tempfile
from media.held_folder import HeldFolder
tempfile.tempdir = sys.argv[1]
folder = HeldFolder("joystudio-live-")
(folder.path / "0.ts").write_bytes(b"a piece")
if len(sys.argv) > 2:
    there, tell = os.pipe()
    if not os.fork():
        os.write(tell, b".")
        sys.stdin.read()
        sys.exit()
    os.read(there, 1)
print("made", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def process(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CODE, str(folder), *more]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "made\n"
        try:
            yield running
        finally:
            running.kill()


def test_a_folder_is_removed_on_exit_and_is_private(temporary: Path) -> None:
    with HeldFolder(PREFIX) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert sweep_held_folders(PREFIX) == 0
    assert list(temporary.iterdir()) == []


def test_the_end_of_the_process_removes_it(temporary: Path) -> None:
    with process(temporary) as running:
        running.communicate()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("more", [(), ("with a child that lives on",)])
def test_the_folder_of_a_killed_process_is_removed_by_the_next(
    temporary: Path, more: tuple[str, ...]
) -> None:
    with process(temporary, *more) as running:
        assert sweep_held_folders(PREFIX) == 0
        running.kill()
        running.wait()
        (left,) = temporary.iterdir()
        with HeldFolder(PREFIX) as folder:
            assert not left.exists()
            assert list(temporary.iterdir()) == [folder]


def test_folders_of_other_processes_stay(temporary: Path) -> None:
    (temporary / f"{PREFIX}mine").mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary)
    (temporary / "other").mkdir()
    assert sweep_held_folders(PREFIX) == 0
    assert len(list(temporary.iterdir())) == 3
