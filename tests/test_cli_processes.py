"""Commands of the shell in their own processes: imports, terminals, and what a stopped command leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands.progress_line import ProgressLine, clock, describe
from media.video import VideoReader
from studio.events import Progress

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command here writes into the test's own folder."""
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))


def in_a_process(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | more, timeout=120)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, cli\n"
        "assert cli.main(['animate', '--help']) == 0\n"
        "heavy = 'numpy cv2 av mediapipe PIL gradio torch soxr yaml rich sqlite3'.split()\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


class Terminal:
    """A stream that says it is a terminal, or not."""

    def __init__(self, *, real: bool) -> None:
        self.real, self.text = real, ""

    def isatty(self) -> bool:
        return self.real

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_progress_is_one_line_on_a_terminal_and_nothing_elsewhere() -> None:
    for real in (True, False):
        stream = Terminal(real=real)
        line = ProgressLine(stream)  # type: ignore[arg-type]
        line.show(Progress("rendering", 0.25, 61.2))
        line.show(Progress("rendering", 0.5, 40.0))
        line.clear()
        assert "\n" not in stream.text
        assert bool(stream.text) == real
        if real:
            assert stream.text.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("opening", 0.0, None), "opening   [" + "-" * 24 + "]   0%"),
        (Progress("rendering", 0.5, 61.2), "rendering [" + "#" * 12 + "-" * 12 + "]  50%  1:02 left"),
        (Progress("finishing", 1.0, 0.0), "finishing [" + "#" * 24 + "] 100%  0:00 left"),
    ],
)
def test_the_line_says_fraction_and_time_left(progress: Progress, text: str) -> None:
    assert describe(progress) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.1, "0:01"), (59.5, "1:00"), (3600, "1:00:00"), (0, "0:00")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_the_preview_engine_in_a_process_of_its_own(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    done = in_a_process("animate", portrait_file, voice_file, "-o", tmp_path / "out.mp4", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["engine"] == "preview"
    assert len(list(VideoReader(tmp_path / "out.mp4"))) == told["frames"] == round(told["duration"] * 25)
    assert done.stderr == ""


def test_an_error_in_a_process_of_its_own(voice_file: Path, tmp_path: Path) -> None:
    done = in_a_process("animate", tmp_path / "none.png", voice_file, "-o", tmp_path / "out.mp4")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == []


STANDING = """
import sys
import cli
from tests.fake_engine import fake_engine
with fake_engine() as world:
    class Standing:
        def wait(self, _):
            print("at work", file=sys.stderr, flush=True)
            sys.stdin.read()
    world.meeting = Standing()
    sys.exit(cli.main(sys.argv[1:]))
"""
"""A shell whose engine stands still in its first batch for as long as its input is open."""
ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}


@pytest.mark.parametrize("kill", ENDS)
def test_a_stopped_process_leaves_no_video(
    portrait_file: Path, voice_file: Path, tmp_path: Path, kill: signal.Signals
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    wish = ["animate", portrait_file, voice_file, "--engine", "fake", "-o", out / "out.mp4"]
    command = [sys.executable, "-c", STANDING, *map(str, wish)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert "at work\n" in iter(process.stderr.readline, "")
        assert [path.suffix for path in out.iterdir()] == [".part"]
        process.send_signal(kill)
        assert process.wait(60) == ENDS[kill]
        said = process.stderr.read()
        assert process.stdout.read() == ""
    assert said == ("" if kill == signal.SIGKILL else "cancelled\n")
    assert len(list(out.iterdir())) == (1 if kill == signal.SIGKILL else 0)
    again = in_a_process("animate", portrait_file, voice_file, "-o", out / "another.mp4")
    assert again.returncode == 0, again.stderr
    assert [path.name for path in out.iterdir()] == ["another.mp4"]


def test_a_terminal_that_is_closed_ends_the_job(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    """The terminal is the job's own, and nothing can be written to it any more."""
    wish = ["animate", portrait_file, voice_file, "--engine", "fake", "-o", tmp_path / "out.mp4"]
    master, slave = os.openpty()
    owned = "import fcntl, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0)\n" + STANDING
    command = [sys.executable, "-c", owned, *map(str, wish)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=slave, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        shown = b""
        while b"at work" not in shown:
            shown += os.read(master, 4096)
        os.close(master)
        assert process.wait(60) == 129
    assert b"opening" in shown
    assert list(tmp_path.iterdir()) == []


def test_under_nohup_a_closed_terminal_ends_nothing(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    wish = ["animate", portrait_file, voice_file, "--engine", "fake", "-o", tmp_path / "out.mp4"]
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + STANDING
    command = [sys.executable, "-c", ignoring, *map(str, wish)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert "at work\n" in iter(process.stderr.readline, "")
        process.send_signal(signal.SIGHUP)
        process.communicate()
        assert process.returncode == 0
    assert (tmp_path / "out.mp4").is_file()
