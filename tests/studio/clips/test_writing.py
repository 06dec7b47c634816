"""An edit leaves no files behind and does not change the process."""

from __future__ import annotations

import builtins
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media.errors import InputError, OutputError
from media.sound.format import SoundFormat
from studio.clips.beside import beside
from studio.clips.encoders import Encoding, escaped
from studio.clips.events import ClipProgress
from studio.clips.export import export
from studio.clips.join import join
from studio.clips.sound import RATE, SoundStream
from studio.clips.source import open_source
from studio.clips.writing import ClipWriter
from studio.settings import Settings
from tests.studio.clips.sources import last

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("ending", ["mp4", "webm", "gif"])
@pytest.mark.parametrize("stage", ["opening", "writing", "finishing"])
def test_closing_an_edit_leaves_no_file_and_no_thread(
    clock: Path, tmp_path: Path, settings: Settings, ending: str, stage: str
) -> None:
    with closing(export(clock, tmp_path / f"out.{ending}", settings=settings)) as events:
        for event in events:
            if isinstance(event, ClipProgress) and event.stage == stage:
                break
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name == "joystudio-clip"]


def test_an_interrupt_while_the_work_begins_leaves_no_file(
    clock: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that starts FFmpeg has begun, and the one that waits for it is interrupted at once."""
    begin = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        begin(thread)
        if thread.name == "joystudio-clip":
            raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        last(export(clock, tmp_path / "out.webm", settings=settings))
    assert list(tmp_path.iterdir()) == []
    assert not [thread for thread in threading.enumerate() if thread.name == "joystudio-clip"]


def test_a_finished_edit_is_the_only_file_and_replaces_the_old_one(
    clock: Path, tmp_path: Path, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    for ending in ("mp4", "webm", "gif"):
        target = tmp_path / f"out.{ending}"
        target.write_text("old")
        last(export(clock, target, settings=settings))
        assert [path.name for path in tmp_path.iterdir()] == [target.name]
        target.unlink()
    last(join([clock, clock], tmp_path / "out.mp4", settings=settings))
    last(beside([clock, clock], tmp_path / "out.mp4", settings=settings))
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
    assert capfd.readouterr() == ("", "")


def test_an_encoder_that_fails_silently_is_an_error(clock: Path, tmp_path: Path) -> None:
    source = open_source(clock)
    encoding = Encoding("gif", "image/gif", "gif", None, palette=tmp_path / "none.png")
    writer = ClipWriter(source.clip(25, 0), 75, 25, tmp_path / "out.gif", encoding)
    with pytest.raises(OutputError):
        list(writer.write())
    assert list(tmp_path.iterdir()) == []


def test_names_with_signs_of_the_filters_are_taken(
    clock: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "a'b:c,d[e];f\\g %t=1"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))  # where the palette lies
    edited = last(export(clock, odd / "-o'ut:1.gif", settings=settings))
    assert edited.frames == 36
    assert escaped("a:b") == "a\\\\:b"


def test_an_environment_file_of_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("JOYSTUDIO_HOST=evil.example\nFFMPEG_BINARY=/bin/false\n")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import os\n"
        "from studio.clips.moviepy_package import moviepy\n"
        "read = map(os.environ.get, ('JOYSTUDIO_HOST', 'PYTHON_DOTENV_DISABLED'))\n"
        "print(moviepy().__name__, *read)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout.split() == ["moviepy", "None", "None"], ran.stderr


def test_the_command_line_starts_without_moviepy() -> None:
    code = "import sys, cli; cli.build(); sys.exit('moviepy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_without_the_package_a_sentence_says_what_to_install(
    clock: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "moviepy":
            raise ModuleNotFoundError("No module named 'moviepy'", name="moviepy")
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install -r requirements\.txt"):
        last(export(clock, tmp_path / "out.mp4", settings=settings))
    assert list(tmp_path.iterdir()) == []


def test_the_sound_of_an_hour_is_held_a_piece_at_a_time() -> None:
    """Questions as MoviePy asks them: 2000 samples after the other; the answers are exact."""
    rate, block = 8000, 4000
    made = 0

    def blocks() -> Any:
        nonlocal made
        while made < 3600 * rate:
            number = np.arange(made, made + block)
            made += block
            yield (0.5 * np.sin(2 * np.pi * 100 * number / rate)).astype(np.float32)[:, None]
        return ()

    about = SoundFormat(rate, 1, "mono", "test", None, ("FC",))
    stream = SoundStream(lambda: (about, blocks()), 1)
    largest = 0
    for start in range(0, 3600 * RATE, 60 * RATE):
        for piece in range(start, start + 20_000, 2000):
            times = np.arange(piece, piece + 2000) / RATE
            heard = stream.at(times)
            largest = max(largest, len(stream._held))
            inner = heard[:, 0] if piece else heard[1000:, 0]
            wanted = 0.5 * np.sin(2 * np.pi * 100 * times[len(times) - len(inner) :])
            assert np.abs(inner - wanted).max() < 0.01
    assert largest < 60_000
    assert made > 3500 * rate
