"""The microphone and the speaker, with files in their place, which SDL's own disk driver reads and writes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from media.devices.sound import Microphone, Speaker
from media.errors import DeviceError

RATE = 16000


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SDL_AUDIODRIVER", "disk")
    monkeypatch.setenv("SDL_DISKAUDIOFILEIN", str(tmp_path / "in.raw"))
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(tmp_path / "out.raw"))
    (tmp_path / "in.raw").write_bytes(ramp(4000).tobytes())
    return tmp_path


def ramp(count: int) -> np.ndarray:
    return np.arange(1, count + 1, dtype=np.int16)


def test_a_microphone_gives_its_sound_sample_for_sample() -> None:
    heard = b""
    with Microphone(None, RATE) as microphone:
        microphone.listen()
        while len(heard) < 8000:
            heard += microphone.read()
    np.testing.assert_array_equal(np.frombuffer(heard, "<i2")[:4000], ramp(4000))


def test_a_speaker_plays_what_it_is_given_and_says_how_far_it_is(files: Path) -> None:
    with Speaker(None, RATE) as speaker:
        speaker.play(ramp(1000))
        speaker.play(ramp(2000)[1000:])
        assert speaker.given == 2000
        positions = [0]
        while speaker.waiting:
            positions.append(speaker.heard)
        assert speaker.heard == 2000
        assert positions == sorted(positions)
    played = np.fromfile(files / "out.raw", "<i2")
    begin = np.flatnonzero(played)[0]
    np.testing.assert_array_equal(played[begin : begin + 2000], ramp(2000))


def test_a_device_is_chosen_by_a_part_of_its_name() -> None:
    with Microphone("CAPTURE", RATE):
        pass
    with pytest.raises(DeviceError, match=r'no microphone called .?Telephone.*"System audio capture device"'):
        Microphone("Telephone", RATE)
    with pytest.raises(DeviceError, match="no speaker called"):
        Speaker("Telephone", RATE)


def test_a_device_that_goes_away_says_so(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(files / "cable")
    monkeypatch.setenv("SDL_DISKAUDIOFILE", str(files / "cable"))
    other_end = os.open(files / "cable", os.O_RDONLY | os.O_NONBLOCK)
    with Speaker(None, RATE) as speaker:
        os.close(other_end)
        with pytest.raises(DeviceError, match="speaker was disconnected"):
            play_on(speaker)


def play_on(speaker: Speaker) -> None:
    while True:
        if not speaker.waiting:
            speaker.play(ramp(1000))


def test_a_computer_without_a_microphone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "none-such")
    with pytest.raises(DeviceError, match=r"No microphone can be used: .+Connect one"):
        Microphone(None, RATE)
