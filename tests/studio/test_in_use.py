"""Files in use by a job are visible to every process, and released however the job ends."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import studio.in_use
from studio.in_use import holding, in_use

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, pathlib
import pytest

import studio.in_use
from studio.in_use import holding
with holding(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_files_and_folders_are_held_by_several_jobs(tmp_path: Path) -> None:
    file = tmp_path / "voice.wav"
    file.write_bytes(b"voice")
    with holding(file, tmp_path, None, b"bytes", tmp_path / "missing"):
        with holding(file):
            assert in_use(file)
            assert in_use(tmp_path)
        assert in_use(file)
    assert not in_use(file)
    assert not in_use(tmp_path)
    assert not in_use(tmp_path / "missing")


def test_a_question_neither_keeps_a_job_from_its_lock_nor_answers_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.in_use, "PATIENCE", 60.0)
    file = tmp_path / "voice.wav"
    file.write_bytes(b"voice")

    def asking() -> threading.Timer:
        """Another process in the middle of its question; it ends while someone waits for it."""
        descriptor = os.open(file, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        later = threading.Timer(0.02, os.close, [descriptor])
        later.start()
        return later

    later = asking()
    assert not in_use(file)
    later.join()
    later = asking()
    with holding(file):
        later.join()
        assert in_use(file)


def test_another_process_is_seen_until_it_dies(tmp_path: Path) -> None:
    file = tmp_path / "voice.wav"
    file.write_bytes(b"voice")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert in_use(file)
        other.kill()
        other.wait()
    assert not in_use(file)
