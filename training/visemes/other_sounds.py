"""Sounds that are no voice, by kind: a mouth has to stay closed in all of them.

Clicks, chimes and music come from packages, as recorded; coughs, claps and hum are made by rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from engines.preview.features import SAMPLE_RATE
from training.visemes.packages import Package, fetched
from training.visemes.recordings import read_sound

THEME = Package("debian", "sound-theme-freedesktop", "0.8-2")
"""Each sound has its own licence: CC-BY-3.0, CC-BY-SA-3.0, GPL-2."""
MUSIC = Package("debian", "asterisk-moh-opsound-g722", "2.03-1.1")
"""CC-BY-SA-3.0: Paul Shuler, Manolo Camp, Reno Project."""
_CLICKS = (
    "camera-shutter",
    "screen-capture",
    "audio-volume-change",
    "trash-empty",
    "power-plug",
    "power-unplug",
)
_CHIMES = (
    "bell", "complete", "dialog-information", "dialog-warning", "dialog-error", "message",
    "alarm-clock-elapsed", "phone-incoming-call", "phone-outgoing-busy", "phone-outgoing-calling",
    "service-login", "window-attention",
)  # fmt: skip
_MUSIC_SECONDS = 30.0
_MADE = 8
"""Sounds of each kind that are made by rule."""
_BEFORE, _AFTER = 1.0, 1.0
_FLOOR = 1e-4


def other_sounds(cache: Path) -> dict[str, list[np.ndarray]]:
    """Recordings at 16 kHz with their loudest sample at 1 and a second of quiet on either side, by kind.

    Raises DatasetError if a package cannot be fetched.
    """
    theme, music = fetched(THEME, cache), fetched(MUSIC, cache)
    rng = np.random.default_rng(11)
    made: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
        "coughs": _cough,
        "claps": _claps,
        "hum": _hum,
    }
    sounds = {kind: [make(rng) for _ in range(_MADE)] for kind, make in made.items()}
    sounds["clicks"], sounds["chimes"] = (
        [read_sound(path) for path in _named(theme, names)] for names in (_CLICKS, _CHIMES)
    )
    sounds["music"] = [
        read_sound(path)[: round(_MUSIC_SECONDS * SAMPLE_RATE)] for path in sorted(music.rglob("*.g722"))
    ]
    return {kind: [_alone(one, rng) for one in some] for kind, some in sounds.items()}


def are_there(cache: Path) -> bool:
    """Whether `other_sounds` needs no network."""
    return all((cache / "packages" / package.name).is_dir() for package in (THEME, MUSIC))


def _named(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        yield from folder.rglob(f"{name}.oga")


def _alone(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The sound at full scale between two stretches of a microphone's own noise."""
    sound = sound / max(float(np.abs(sound).max()), 1e-9)
    padded = np.pad(sound, (round(_BEFORE * SAMPLE_RATE), round(_AFTER * SAMPLE_RATE)))
    return (padded + _FLOOR * rng.standard_normal(len(padded))).astype(np.float32)


def _cough(rng: np.random.Generator) -> np.ndarray:
    """Two or three coughs: a burst of breath, a rough noise in the resonances of a throat, a voiced end.

    The phases and their lengths are those of Korpáš, Sadloňová and Vrabec (1996).
    """
    pieces = []
    for _ in range(rng.integers(2, 4)):
        burst, middle, end = (
            int(rng.uniform(*span) * SAMPLE_RATE) for span in ((0.03, 0.06), (0.15, 0.25), (0.05, 0.12))
        )
        count = burst + middle + end
        noise = _resonant(
            rng.standard_normal(count), (rng.uniform(400, 700), rng.uniform(1200, 1800), 3200.0)
        )
        time = np.arange(end) / SAMPLE_RATE
        pulses = np.sign(np.sin(2 * np.pi * rng.uniform(180, 320) * time)) * rng.uniform(0.3, 0.8)
        noise[-end:] += _resonant(pulses, (500.0, 1500.0, 2500.0))
        shape = np.interp(
            np.arange(count),
            (0, burst // 3, burst, burst + middle // 2, burst + middle, count),
            (0, 1, 0.4, 0.35, 0.25, 0),
        )
        pieces += [noise / np.abs(noise).max() * shape, np.zeros(int(rng.uniform(0.1, 0.35) * SAMPLE_RATE))]
    return np.concatenate(pieces)


def _resonant(sound: np.ndarray, formants: tuple[float, ...]) -> np.ndarray:
    """A sound through the resonances of a throat."""
    spectrum = np.fft.rfft(sound)
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    gain = sum(1.0 / (1.0 + ((frequency - formant) / (0.15 * formant)) ** 2) for formant in formants)
    return np.fft.irfft(spectrum * (gain + 0.05), len(sound))


def _claps(rng: np.random.Generator) -> np.ndarray:
    """Four claps: 20 ms of noise around 1 to 2 kHz, after Repp (1987), with a short room."""
    sound = np.zeros(round(2.5 * SAMPLE_RATE))
    for at in np.cumsum(rng.uniform(0.3, 0.6, 4)):
        count = round(0.3 * SAMPLE_RATE)
        time = np.arange(count) / SAMPLE_RATE
        clap = _resonant(rng.standard_normal(count), (rng.uniform(800, 2200), 4500.0))
        first = round(at * SAMPLE_RATE)
        sound[first : first + count] += clap * (
            np.exp(-time / 0.006) + 0.1 * np.exp(-time / rng.uniform(0.03, 0.08))
        )
    return sound


def _hum(rng: np.random.Generator) -> np.ndarray:
    """The hum of the mains or of a machine, with its harmonics and a little hiss."""
    time = np.arange(round(4.0 * SAMPLE_RATE)) / SAMPLE_RATE
    base = float(rng.choice([50.0, 60.0, rng.uniform(70, 300)]))
    tones = [
        np.sin(2 * np.pi * base * k * time + rng.uniform(0, 6)) / k ** rng.uniform(0.5, 2)
        for k in range(1, 20)
    ]
    return np.sum(tones, axis=0) + rng.uniform(0.01, 0.1) * rng.standard_normal(len(time))
