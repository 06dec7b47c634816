from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from benchmarks.lipsync_sounds import LEVELS, sound_figures
from training.visemes import other_sounds
from training.visemes.packages import Package

RATE = 16000


def kept(path: Path, sound: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(20000 * sound).astype("<i2").tobytes())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice_file: Path) -> Path:
    """Packages with a click, and with a voice in place of the music."""
    click = np.zeros(RATE // 2)
    click[100:200] = np.hanning(100)
    places = {
        package.name: tmp_path / "packages" / package.name
        for package in (other_sounds.THEME, other_sounds.MUSIC)
    }
    for name in ("camera-shutter", "bell"):
        kept(places[other_sounds.THEME.name] / "stereo" / f"{name}.oga", click)
    music = places[other_sounds.MUSIC.name] / "moh" / "song.g722"
    music.parent.mkdir(parents=True)
    music.write_bytes(voice_file.read_bytes())

    def fetched(package: Package, cache: Path) -> Path:
        assert cache == tmp_path
        return places[package.name]

    monkeypatch.setattr(other_sounds, "fetched", fetched)
    return tmp_path


def test_every_kind_is_measured_at_every_level_and_a_voice_opens_the_mouth(cache: Path) -> None:
    figures = list(sound_figures(cache))
    kinds = ("coughs", "claps", "hum", "clicks", "chimes", "music")
    assert len(figures) == len(kinds) * len(LEVELS)
    for kind in kinds:
        values = [figure.value for figure in figures if f", {kind} at" in figure.name]
        assert len(values) == len(LEVELS)
        if kind == "music":  # which is a voice here
            assert min(values) > 0.2
        else:
            assert max(values) < 0.1


def test_the_sounds_are_loud_and_stand_between_silences(cache: Path) -> None:
    assert other_sounds.are_there(cache)
    assert not other_sounds.are_there(cache / "elsewhere")
    for kind, sounds in other_sounds.other_sounds(cache).items():
        assert sounds, kind
        for sound in sounds:
            assert np.abs(sound).max() == pytest.approx(1.0, abs=0.01)
            assert np.abs(sound[: RATE - 1]).max() < 0.01
            assert np.abs(sound[-RATE + 1 :]).max() < 0.01
