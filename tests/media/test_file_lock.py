from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import has_fcntl

from media import file_lock
from media.file_lock import hold, is_held, let_go, lock, lock_file, open_to_lock

HOLDER = """
import os, sys
from pathlib import Path
from media.file_lock import lock_file

with lock_file(Path(sys.argv[1])):
    if "fork" not in sys.argv or os.fork() == 0:  # the child says so, as soon as it runs
        print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / ".a.lock"


def taken(place: Path) -> bool:
    """Whether another process holds it, by both kinds of lock."""
    descriptor = open_to_lock(place)
    by_descriptor = not lock(descriptor)
    os.close(descriptor)
    try:
        with lock_file(place):
            assert not by_descriptor
            return False
    except BlockingIOError:
        assert by_descriptor
        return True


def holder(place: Path, *more: str) -> subprocess.Popen[str]:
    """A process that holds the file until its input ends, or it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(file_lock.__file__).parent.parent,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("held")
    return process


def test_a_lock_of_another_process_lasts_until_it_is_released(place: Path) -> None:
    with holder(place) as process:
        assert taken(place)
        process.communicate("")
    assert not taken(place)


def test_a_killed_process_holds_nothing(place: Path) -> None:
    with holder(place) as process:
        assert taken(place)
        process.kill()
    assert not taken(place)


def test_a_forked_child_does_not_hold_on_when_its_parent_is_killed(place: Path) -> None:
    with holder(place, "fork") as process:
        assert taken(place)
        process.kill()
        process.wait()
        assert not taken(place)  # the child still waits for the end of its input


def test_two_locks_in_one_process_exclude_each_other(place: Path) -> None:
    with lock_file(place):
        assert taken(place)
    assert not taken(place)


def test_a_waiting_lock_is_taken_as_soon_as_it_is_free(place: Path) -> None:
    had = threading.Event()

    def wait() -> None:
        with lock_file(place, patience=60.0):
            had.set()

    with lock_file(place, remove=True):  # as with the name of one that is gone
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not had.is_set()
    waiting.join()
    assert had.is_set()


def test_a_locked_file_keeps_its_content(place: Path) -> None:
    place.write_text("kept")
    with lock_file(place):
        pass
    let_go(hold(place))
    assert place.read_text() == "kept"


def test_those_who_ask_do_not_disturb_each_other_and_a_patient_lock_waits_for_them(place: Path) -> None:
    import fcntl

    place.touch()
    asking = open_to_lock(place)
    fcntl.flock(asking, fcntl.LOCK_SH)  # as `is_held` has it for a moment
    assert not is_held(place)
    with pytest.raises(BlockingIOError):
        hold(place)
    later = threading.Timer(0.0, os.close, [asking])
    later.start()
    held = hold(place, patience=60.0)
    later.join()
    assert is_held(place)
    let_go(held)
    assert not is_held(place)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(OSError, match="symbolic"), lock_file(link):
        pass
    assert not target.exists()


def test_the_file_is_removed_at_the_end_on_request(place: Path) -> None:
    with lock_file(place, mode=0o600, remove=True):
        assert place.stat().st_mode & 0o777 == 0o600
    assert not place.exists()


@pytest.mark.parametrize("number", [38, 95])  # ENOSYS, EOPNOTSUPP
def test_without_locks_the_work_is_done_anyway(
    place: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    assert has_fcntl
    monkeypatch.setattr(fcntl, "flock", refuse)
    done = []
    with lock_file(place), lock_file(place):
        done.append(1)
    let_go(hold(place))
    assert done
