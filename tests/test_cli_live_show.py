"""`python cli.py live --microphone --output window`, with SDL's drivers that take files for devices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from commands.live_show import BEHIND, CUSHION, Player
from studio.live import LiveFrame
from tests.test_cli_live import ROOT, refusal

RATE, FPS = 16000, 25
EACH = RATE // FPS


class Speaker:
    """Plays when the test says so."""

    rate = RATE

    def __init__(self) -> None:
        self.given = self.heard = 0
        self.sound: list[np.ndarray] = []

    @property
    def waiting(self) -> int:
        return self.given - self.heard

    def play(self, samples: np.ndarray) -> None:
        self.sound.append(samples)
        self.given += len(samples)


class Screen:
    closed = False

    def __init__(self) -> None:
        self.shown: list[int] = []

    def show(self, picture: np.ndarray) -> None:
        self.shown.append(int(picture[0, 0, 0]))

    def attend(self) -> None:
        pass


def picture(number: int) -> np.ndarray:
    return np.full((2, 2, 3), number, np.uint8)


def frame(number: int, *, level: int = 1000, painted: bool = True, rate: int = RATE) -> LiveFrame:
    samples = np.full(rate // FPS, level, np.int16)
    return LiveFrame(number, picture(number) if painted else None, painted, samples, rate, speaking=True)


def test_the_picture_follows_the_sound_that_is_heard() -> None:
    screen, speaker = Screen(), Speaker()
    player = Player(screen, speaker, FPS, picture(0))
    for number in (1, 2, 3):
        player.add(frame(number, painted=number != 2))
    begin = round(CUSHION * RATE)
    for heard in (0, begin - 1, begin, begin + EACH - 1, begin + EACH, begin + 3 * EACH):
        speaker.heard = heard
        player.step()
    assert screen.shown == [0, 1, 1, 3], "frame 2 was not painted: the picture before it stays"
    assert player.done


def test_a_gap_is_followed_by_a_cushion_and_a_slow_card_loses_pauses_only() -> None:
    screen, speaker = Screen(), Speaker()
    player = Player(screen, speaker, FPS, picture(0))
    player.add(frame(1, level=0, rate=8000))  # the silence before the first sound, at another rate
    assert [len(sound) for sound in speaker.sound] == [round(CUSHION * RATE), EACH]
    speaker.heard = speaker.given  # nothing came in time
    player.add(frame(2))
    assert [len(sound) for sound in speaker.sound[2:]] == [round(CUSHION * RATE), EACH]
    while speaker.waiting <= BEHIND * RATE:
        player.add(frame(3))
    given = speaker.given
    player.add(frame(4, level=0))
    assert speaker.given == given
    player.add(frame(5))
    assert speaker.given == given + EACH


def test_what_you_say_into_a_microphone_is_seen_and_heard(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    import soxr

    voice = np.frombuffer(voice_file.read_bytes()[44:], "<i2").astype(np.float32)
    said = soxr.resample(voice, 16000, 48000).astype("<i2")
    (tmp_path / "in.raw").write_bytes(said.tobytes())
    played = tmp_path / "out.raw"
    command = [
        sys.executable,
        str(ROOT / "cli.py"),
        "live",
        str(portrait_file),
        "--microphone",
        "-o",
        "window",
    ]
    drivers = {
        "SDL_AUDIODRIVER": "disk",
        "SDL_DISKAUDIOFILEIN": str(tmp_path / "in.raw"),
        "SDL_DISKAUDIOFILE": str(played),
        "SDL_VIDEODRIVER": "dummy",
        "SDL_VIDEO_DUMMY_SAVE_FRAMES": "1",
    }
    errors = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=os.environ | drivers, stderr=errors) as program:
        while program.poll() is None and heard_of(said, played) < 0.5:
            with suppress(subprocess.TimeoutExpired):
                program.wait(0.2)
        program.send_signal(signal.SIGINT)
        assert program.stderr is not None
        text = program.stderr.read().decode()
        assert program.wait(60) == 0, text
    assert "Press Ctrl-C to end" in text
    assert "The voice ends here" in text
    pictures = [np.asarray(Image.open(path)) for path in sorted(tmp_path.glob("*.bmp"))]
    assert len(pictures) > 5
    assert any((one != pictures[0]).any() for one in pictures)


def heard_of(said: np.ndarray, played: Path) -> float:
    """The part of the pieces of a voice that were played, sample for sample."""
    sound = played.read_bytes() if played.exists() else b""
    pieces = [said[start : start + 480] for start in range(4800, len(said) - 480, 4800)]
    return float(np.mean([piece.tobytes() in sound for piece in pieces]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--microphone", "-i", "a.wav", "-o", "a.mkv"], "not from both"),
        (["-i", "a.wav", "-o", "a.mkv", "--speaker-name", "x"], "--output window"),
        (["-i", "a.wav", "-o", "virtual-camera"], "pip install pyvirtualcam"),
        (["--microphone-name", "Telephone", "-o", "window"], '"System audio capture device"'),
    ],
)
def test_what_cannot_be_shown_is_refused_before_the_portrait_is_read(
    arguments: list[Any],
    words: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    assert words in refusal(capfd, tmp_path / "nothing.png", *arguments)


def test_a_package_that_is_not_installed_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sdl2", None)
    written = refusal(capfd, tmp_path / "nothing.png", "--microphone", "-o", tmp_path / "a.mkv")
    assert "pip install -r requirements/desktop.txt" in written
