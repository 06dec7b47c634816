"""Recorded and neural voices for `benchmarks.lipsync`, and the network's figures on them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import lip_tracks
from benchmarks.figures import Figure, tell
from evaluation.builtin.metrics.said_sounds import shut
from media.spoken_sounds import TimedSound, opening_of
from training.visemes.phoneme import Phoneme

RATE = 16000
VOICES = ("recorded", "neural")
MEASURED = 240.0
"""Seconds of each voice that the network is measured on."""
SHOWN = 30.0
"""Seconds of each voice that are rendered."""
_SYLLABLES = {"zh-syllables": 6}
"""Voices that say single syllables, and how many of those make a word here."""

_GOALS: dict[str, dict[str, tuple[float, bool]]] = {
    "clean": {
        "closed at p b m": (0.90, True),
        "AUC closure": (0.95, True),
        "false closure, tongue": (0.12, False),
        "false closure, n": (0.20, False),
        "false closure, k g ng": (0.12, False),
        "false closure, vowels": (0.02, False),
        "f v: lip at teeth": (0.80, True),
        "AUC rounding": (0.92, True),
        "correlation of opening": (0.84, True),
        "silence closed": (0.99, True),
        "distance of the lag, ms": (20.0, False),
    },
    "telephone": {"closed at p b m": (0.90, True), "false closure, tongue": (0.20, False)},
    "noise": {"closed at p b m": (0.90, True), "false closure, tongue": (0.28, False)},
    "music": {"closed at p b m": (0.90, True), "false closure, tongue": (0.20, False)},
}
"""The figures of each condition, with their bounds and whether these are lower bounds."""


def sounding(
    group: str, cache: Path, seconds: float = MEASURED
) -> dict[str, list[tuple[np.ndarray, list[Phoneme]]]]:
    """Strips of about so many seconds of every voice of a group, by voice."""
    from training.visemes.natural import measured
    from training.visemes.strips import strips

    return {
        voice: list(strips(said, seconds, np.random.default_rng(1), join=_SYLLABLES.get(voice, 1)))
        for voice, said in measured(group, cache, tell).items()
    }


def network_figures(group: str, cache: Path, weights: Path | None = None) -> Iterator[Figure]:
    """The network's figures on a group's voices, clean and degraded: the mean over the voices."""
    from engines.preview.mouth import FRAME_RATE, VoiceToMouth
    from training.visemes.conditions import CONDITIONS, heard
    from training.visemes.running_speech import RunningSpeech

    mouth = VoiceToMouth() if weights is None else VoiceToMouth(weights)
    voices = sounding(group, cache)
    for condition in CONDITIONS:
        figures = []
        for cut in voices.values():
            counted, rng = RunningSpeech(), np.random.default_rng(2)
            for samples, phonemes in cut:
                sound = heard(samples, condition, rng)
                counted.add(mouth.curves(sound, 0, len(sound) * FRAME_RATE // RATE), phonemes)
            figures.append(counted.figures())
        for name, (goal, at_least) in _GOALS[condition].items():
            values = [_figure(one, name) for one in figures]
            mean = float(np.mean([value for value in values if not math.isnan(value)]))
            yield Figure(f"{group}, {condition}: {name}", mean, "", goal, at_least)


def _figure(figures: dict[str, float], name: str) -> float:
    return abs(figures["lag_ms"]) if name == "distance of the lag, ms" else figures[name]


def on_a_recording(group: str, cache: Path) -> tuple[np.ndarray, list[Phoneme]]:
    """SHOWN seconds of every voice of a group one after another, at 16 kHz, with their sounds."""
    from training.visemes.natural import measured
    from training.visemes.strips import strips

    sounds: list[np.ndarray] = []
    phonemes: list[Phoneme] = []
    now = 0.0
    for voice, said in measured(group, cache, tell).items():
        for samples, spoken in strips(said, SHOWN, np.random.default_rng(4), join=_SYLLABLES.get(voice, 1)):
            phonemes += [Phoneme(name, now + start, now + end) for name, start, end in spoken]
            sounds.append(samples)
            now += len(samples) / RATE
    return np.concatenate(sounds), phonemes


def video_figures(group: str, gap: np.ndarray, phonemes: list[Phoneme], fps: int) -> Iterator[Figure]:
    """The figures of the finished video. gap: inner-lip gap per frame, NaN without a face."""
    wanted = opening_of(phonemes, len(gap), fps)
    seen = shut(gap, [TimedSound(*phoneme) for phoneme in phonemes], fps)
    closed = {kind: float(np.mean(one)) if one else math.nan for kind, one in seen.items()}
    yield Figure(f"{group}, video: closed at p b m ({len(seen['p b m'])})", closed["p b m"], "", 0.90)
    yield Figure(f"{group}, video: false closure, tongue", closed["tongue"], "", 0.14, at_least=False)
    yield Figure(f"{group}, video: false closure, vowels", closed["vowels"], "", 0.04, at_least=False)
    yield Figure(f"{group}, video: correlation of opening", lip_tracks.correlation(gap, wanted), "", 0.78)
    yield Figure(f"{group}, video: frames without a face", float(np.isnan(gap).sum()), "", 0, at_least=False)
