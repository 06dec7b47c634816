"""Commands in separate processes: imports, terminals, and the files of a stopped command."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from commands.progress_line import ProgressLine, clock
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


class Terminal(io.StringIO):
    """A stream that says it is a terminal, or not."""

    def __init__(self, *, real: bool) -> None:
        super().__init__()
        self.real = real

    def isatty(self) -> bool:
        return self.real


def on_screen(text: str) -> tuple[list[str], int]:
    """What a terminal shows after this text, without the empty lines at its end; and the cursor's line."""
    lines, row, column = [""], 0, 0
    for code, sign in re.findall(r"\x1b\[([0-9;?]*[A-Za-z])|([^\x1b])", text):
        if sign == "\r":
            column = 0
        elif sign == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif sign:
            lines[row] = lines[row][:column].ljust(column) + sign + lines[row][column + 1 :]
            column += 1
        elif code.endswith("A"):
            row -= int(code[:-1] or 1)
        elif code == "2K":
            lines[row] = ""
        else:
            assert code.endswith("m"), f"what does {code} do?"
    while lines and not lines[-1].strip():
        lines.pop()
    return lines, row


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of a hundred columns that knows colours."""
    for name, value in (("COLUMNS", "100"), ("LINES", "30"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("wide")
def test_progress_is_one_line_on_a_terminal_and_nothing_elsewhere() -> None:
    for real in (True, False):
        stream = Terminal(real=real)
        line = ProgressLine(stream)
        line.show(Progress("rendering", 0.25, 61.2))
        line.show(Progress("rendering", 0.5, 40.0))
        assert bool(stream.getvalue()) == real
        if real:
            lines, row = on_screen(stream.getvalue())
            assert len(lines) == 1
            assert row == 0
        line.clear()
        assert on_screen(stream.getvalue()) == ([], 0)


@pytest.mark.usefixtures("wide")
def test_a_message_takes_the_place_of_the_line_and_the_line_comes_back_below() -> None:
    stream = Terminal(real=True)
    line = ProgressLine(stream)
    line.show(Progress("rendering", 0.25, None))
    line.clear()
    stream.write("note: one\n")
    line.show(Progress("rendering", 0.5, None))
    lines, row = on_screen(stream.getvalue())
    assert lines[0] == "note: one"
    assert " 50%" in lines[1]
    assert row == 1
    line.clear()
    assert on_screen(stream.getvalue()) == (["note: one"], 1)


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize(
    ("what", "fraction", "left", "said"),
    [
        ("opening", 0.0, None, ["opening ", "  0%"]),
        ("rendering", 0.5, 61.2, ["rendering ", " 50%", "1:02 left"]),
        ("finishing", 1.0, 0.0, ["finishing ", "100%", "0:00 left"]),
        ("[red]a[/]", 0.2, None, ["[red]a[/] ", " 20%"]),
    ],
)
def test_the_line_says_fraction_and_time_left(what, fraction, left, said) -> None:
    stream = Terminal(real=True)
    line = ProgressLine(stream)
    line.show_text(what, fraction, left)
    ((text,), _) = on_screen(stream.getvalue())
    places = [text.find(part) for part in said]
    assert min(places) >= 0, text
    assert places == sorted(places)
    assert ("left" in text) == (left is not None)
    line.clear()


def test_a_long_name_stays_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COLUMNS", "40"), ("LINES", "30"), ("TERM", "xterm")):
        monkeypatch.setenv(name, value)
    stream = Terminal(real=True)
    line = ProgressLine(stream)
    for fraction in (0.1, 0.2):
        line.show_text("a very long name of a pair of a list " * 3, fraction, 3600.0)
    ((text,), row) = on_screen(stream.getvalue())
    assert len(text) <= 40
    assert row == 0
    line.clear()
    assert on_screen(stream.getvalue()) == ([], 0)


class Closed(Terminal):
    """A terminal whose window is gone."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def test_work_continues_when_the_terminal_is_closed() -> None:
    line = ProgressLine(Closed(real=True))
    line.show(Progress("rendering", 0.25, None))
    line.show(Progress("rendering", 0.5, None))
    line.clear()


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
    assert cli.main(["animate", str(portrait_file), str(voice_file), "-o", str(out / "another.mp4")]) == 0
    assert [path.name for path in out.iterdir()] == ["another.mp4"]


@pytest.mark.parametrize("program", ["cli.py", "app.py"])
def test_ctrl_c_while_modules_are_imported_is_quiet(program: str, tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")
    code = (
        "import runpy, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # where the tests' own is ignored\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "runpy.run_path(sys.argv[2], run_name='__main__')"
    )
    command = [sys.executable, "-c", code, str(tmp_path), str(ROOT / program)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


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
