"""Files that appear complete or not at all, and the removal of unfinished ones."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from media import output_file
from media.errors import OutputError
from media.file_lock import NoLocks
from media.output_file import ABANDONED, OutputFile, sweep

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from media.output_file import OutputFile
file = OutputFile(sys.argv[1])
file.path.write_bytes(b"half")
print("begun", flush=True)
sys.stdin.read()
file.keep()
"""


@contextmanager
def writer(target: Path, code: str = WRITER) -> Iterator[subprocess.Popen[str]]:
    """Another process that has begun a file, and finishes it when its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(target)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob(".joystudio-*"))


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"before")
    file = OutputFile(tmp_path / "a.mp4")
    file.path.write_bytes(b"after")
    assert (tmp_path / "a.mp4").read_bytes() == b"before"
    file.keep()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.mp4", b"after")]
    file = OutputFile(tmp_path / "a.mp4")
    file.discard()
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_a_file_in_progress_stays_and_that_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    with writer(tmp_path / "killed.mp4") as process, writer(tmp_path / "whole.mp4") as living:
        os.utime(parts(tmp_path)[0], (0, 0))  # its age decides nothing
        os.utime(parts(tmp_path)[1], (0, 0))
        assert sweep(tmp_path) == 0
        process.kill()
        process.wait()
        assert sweep(tmp_path) == 1
        assert len(parts(tmp_path)) == 1
        living.communicate()
    assert [path.name for path in tmp_path.iterdir()] == ["whole.mp4"]


def test_a_file_of_a_thread_of_the_same_process_stays(tmp_path: Path) -> None:
    files: list[OutputFile] = []
    for work in (lambda: files.append(OutputFile(tmp_path / "a")), lambda: sweep(tmp_path)):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert parts(tmp_path) == [files[0].path]
    files[0].discard()
    assert parts(tmp_path) == []


FORKED = """
import os, sys
from media.output_file import OutputFile
file = OutputFile(sys.argv[1])
file.path.write_bytes(b"half")
# Each in one piece, as both write into the same pipe.
os.write(1, b"begun\\n" if os.fork() else b"forked\\n")
sys.stdin.read()
"""


def test_a_forked_child_does_not_keep_a_dead_parents_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FORKED, str(tmp_path / "a")]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert {process.stdout.readline() for _ in range(2)} == {"begun\n", "forked\n"}
        assert sweep(tmp_path) == 0
        process.kill()
        process.wait()  # the child lives: its input is open
        assert sweep(tmp_path) == 1


def test_a_copy_that_takes_the_place_of_an_unfinished_file_is_locked_as_well(tmp_path: Path) -> None:
    video = OutputFile(tmp_path / "a.mp4")
    video.path.write_bytes(b"plain")
    signed = OutputFile(video.path)
    signed.path.write_bytes(b"signed")
    signed.keep()
    assert sweep(tmp_path) == 0
    video.keep()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.mp4", b"signed")]


def test_only_plain_files_of_ours_are_swept(tmp_path: Path) -> None:
    (tmp_path / "mine.mp4").write_bytes(b"video")
    (tmp_path / ".joystudio-link.part").symlink_to(tmp_path / "mine.mp4")
    (tmp_path / ".joystudio-folder.part").mkdir()
    os.mkfifo(tmp_path / ".joystudio-pipe.part")
    (tmp_path / ".joystudio-old.part.signed").write_bytes(b"")
    (tmp_path / ".joystudio-old.part").write_bytes(b"")
    (tmp_path / ".joystudio-dataset").mkdir()
    assert sweep(tmp_path) == 2
    assert len(parts(tmp_path)) == 4
    assert (tmp_path / "mine.mp4").read_bytes() == b"video"
    assert sweep(tmp_path / "nowhere") == 0


def test_without_locks_the_age_decides_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_locks(*_: object, **__: object) -> bool:
        raise NoLocks

    monkeypatch.setattr(output_file, "lock", no_locks)
    file = OutputFile(tmp_path / "a")
    assert sweep(tmp_path) == 0
    assert "Nothing can be locked" in caplog.text
    past = file.path.stat().st_mtime - ABANDONED - 60
    os.utime(file.path, (past, past))
    assert sweep(tmp_path) == 1


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., bool] = output_file.lock
    swept: list[Path] = []

    def slow(descriptor: int, patience: float = 0.0) -> bool:
        for path in () if swept else parts(tmp_path):
            swept.append(path)
            path.unlink()  # as a sweep does between the making of a file and its lock
        return real(descriptor, patience)

    monkeypatch.setattr(output_file, "lock", slow)
    file = OutputFile(tmp_path / "a")
    assert swept == [file.path]
    assert file.path.is_file()
    assert sweep(tmp_path) == 0
    file.discard()


def test_without_permission_no_file_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for target in (tmp_path / "file" / "a", tmp_path / "none" / "a", tmp_path):
        with pytest.raises(OutputError):
            OutputFile(target)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_interrupt_right_after_the_file_is_made_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open = os.open

    def interrupted(*given: Any) -> int:
        os.close(really_open(*given))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        OutputFile(tmp_path / "a.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_device_is_not_replaced(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for target in (pipe, link):
        with pytest.raises(OutputError, match="not a file; choose another name"):
            OutputFile(target)
    assert sorted(tmp_path.iterdir()) == [link, pipe]
    assert pipe.is_fifo()
