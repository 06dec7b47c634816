"""Among several audio tracks, the voice is used, and the user may choose another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition

from media.errors import VoiceError
from media.sound.voice_likeness import voice_likeness
from media.voice import open_voice

RATE = 16_000
VOICES = sorted((Path(__file__).resolve().parents[3] / "examples" / "voices").glob("*.wav"))


def music(seconds: float) -> np.ndarray:
    """Chords over a beat."""
    time = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * pitch * k * time) / k for pitch in (262, 330, 392) for k in (1, 2, 3))
    beat = np.random.default_rng(2).standard_normal(len(time)) * np.exp(-30 * (time % 0.5))
    return (0.05 * chord + 0.15 * beat).astype(np.float32)


def others() -> dict[str, np.ndarray]:
    time = np.arange(10 * RATE) / RATE
    rng = np.random.default_rng(1)
    return {
        "silence": np.zeros(10 * RATE, np.float32),
        "tone": (0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32),
        "noise": (0.1 * rng.standard_normal(10 * RATE)).astype(np.float32),
        "music": music(10),
        "beat": (0.3 * rng.standard_normal(10 * RATE) * np.exp(-30 * (time % 0.5))).astype(np.float32),
    }


@pytest.mark.parametrize("voice", VOICES, ids=lambda path: path.stem)
def test_a_voice_is_most_like_a_voice(voice: Path) -> None:
    likeness = voice_likeness(open_voice(voice).samples)
    assert likeness > 0.8
    assert max(voice_likeness(samples) for samples in others().values()) < 0.5


@pytest.mark.parametrize("other", sorted(others()))
@pytest.mark.parametrize("first", [True, False])
def test_the_voices_track_is_chosen(tmp_path: Path, other: str, first: bool) -> None:
    voice = open_voice(VOICES[0]).samples[: 8 * RATE]
    sounds = [voice, others()[other]] if first else [others()[other], voice]
    speech = open_voice(film(tmp_path / "film.mkv", sounds))
    assert (speech.track, speech.tracks) == (1 if first else 2, 2)
    assert f"Audio track {speech.track} of 2 is used" in speech.notes[0]
    assert speech.samples[: 8 * RATE].std() == pytest.approx(voice.std(), rel=0.05)


def test_another_track_can_be_requested(tmp_path: Path) -> None:
    voice = open_voice(VOICES[0]).samples[: 4 * RATE]
    path = film(tmp_path / "film.mkv", [voice, music(4)])
    speech = open_voice(path, track=2)
    assert (speech.track, speech.notes) == (2, ())
    for missing in (0, 3):
        with pytest.raises(VoiceError, match=f"no audio track {missing}.*2 audio tracks, counted from 1"):
            open_voice(path, track=missing)


def test_the_file_decides_between_two_voices(tmp_path: Path) -> None:
    one, other = (open_voice(voice).samples[: 4 * RATE] for voice in VOICES[:2])
    comment = film(tmp_path / "a.mkv", [one, other], [Disposition.comment, Disposition.default])
    assert open_voice(comment).track == 2
    usual = film(tmp_path / "b.mkv", [one, other], [Disposition(0), Disposition.default])
    assert open_voice(usual).track == 2
    assert open_voice(film(tmp_path / "c.mkv", [one, other])).track == 1


def test_a_track_that_speaks_late_is_found(tmp_path: Path) -> None:
    voice = open_voice(VOICES[0]).samples[: 8 * RATE]
    late = np.concatenate([np.zeros(40 * RATE, np.float32), np.resize(voice, 20 * RATE)])
    assert open_voice(film(tmp_path / "film.mkv", [music(60), late])).track == 2


def film(path: Path, sounds: list[np.ndarray], marks: list[Disposition] | None = None) -> Path:
    """A Matroska file with an audio track for each of the sounds, interleaved."""
    with av.open(str(path), "w") as out:
        streams: list[Any] = [out.add_stream("pcm_s16le", rate=RATE, layout="mono") for _ in sounds]
        for stream, mark in zip(streams, marks or [Disposition(0)] * len(streams), strict=True):
            stream.disposition = mark
        for at in range(0, max(map(len, sounds)), RATE):
            for stream, sound in zip(streams, sounds, strict=True):
                piece = np.ascontiguousarray(sound[None, at : at + RATE])
                if piece.shape[1]:
                    frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
                    frame.sample_rate, frame.pts = RATE, at
                    out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode(None))
    return path
