"""Sounds without a voice, made by rule: noises and music, to lie under the voice or to stand alone."""

from __future__ import annotations

import numpy as np

from engines.preview.features import SAMPLE_RATE


def background(rng: np.random.Generator, seconds: float = 8.0) -> np.ndarray:
    """One random sound without speech, (n,) float32 at 16 kHz with a level of about -20 dB."""
    count = int(seconds * SAMPLE_RATE)
    kinds = (_coloured, _hum, _music, _melody, _knocks, _coughs, _wind)
    sound = kinds[rng.choice(len(kinds), p=(0.24, 0.08, 0.25, 0.18, 0.12, 0.05, 0.08))](rng, count)
    if rng.random() < 0.3:
        sound = sound / _level(sound) + 0.3 * _coloured(rng, count)
    return (0.1 * sound / _level(sound)).astype(np.float32)


def _level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(sound**2)) + 1e-9)


def _coloured(rng: np.random.Generator, count: int) -> np.ndarray:
    """Stationary noise with a random slope and a random smooth colour."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.linspace(0.0, 1.0, len(spectrum)) + 1e-3
    slope = rng.uniform(-1.3, 0.3)
    colour = np.interp(np.sqrt(frequency), np.linspace(0, 1.05, 7), rng.normal(0.0, 0.7, 7))
    sound = np.fft.irfft(spectrum * frequency**slope * np.exp(colour), count)
    return sound / _level(sound)


def _hum(rng: np.random.Generator, count: int) -> np.ndarray:
    time = np.arange(count) / SAMPLE_RATE
    base = rng.choice([50.0, 60.0, rng.uniform(40, 400)])
    tones = [
        np.sin(2 * np.pi * base * k * time + rng.uniform(0, 6)) / k ** rng.uniform(0.5, 2)
        for k in range(1, 12)
    ]
    return np.sum(tones, axis=0) + rng.uniform(0.01, 0.5) * _coloured(rng, count)


def _wind(rng: np.random.Generator, count: int) -> np.ndarray:
    """Noise whose loudness wanders: wind, waves, a passing car, applause."""
    points = rng.normal(0.0, 1.0, max(4, int(count / SAMPLE_RATE * rng.uniform(0.7, 6))))
    wander = np.interp(np.linspace(0, len(points) - 1, count), np.arange(len(points)), points)
    return _coloured(rng, count) * np.exp(wander)


def _knocks(rng: np.random.Generator, count: int) -> np.ndarray:
    """Short bursts: keys, steps, dishes, clicks, breaths."""
    sound = np.zeros(count)
    for at in rng.integers(0, count, rng.integers(3, 40)):
        length = min(int(SAMPLE_RATE * rng.uniform(0.005, 0.4)), count - at)
        decay = np.exp(-np.arange(length) / (length / rng.uniform(2.0, 6.0)))
        burst = _coloured(rng, max(length, 64))[:length]
        if rng.random() < 0.4:
            burst = np.sin(2 * np.pi * rng.uniform(80, 4000) * np.arange(length) / SAMPLE_RATE)
        sound[at : at + length] += rng.uniform(0.1, 1.0) * burst * decay
    return sound + rng.uniform(0.001, 0.02) * _coloured(rng, count)


def _music(rng: np.random.Generator, count: int) -> np.ndarray:
    """Chords, a melody and drums, at a random tempo."""
    beat = int(SAMPLE_RATE * 60.0 / rng.uniform(60, 160))
    root = rng.uniform(90, 260)
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])
    sound = np.zeros(count)
    brightness, drums, melody = rng.uniform(0.8, 2.2), rng.uniform(0, 1.5), rng.uniform(0, 1.5)
    for at in range(0, count, beat):
        length = min(beat, count - at)
        if (at // beat) % 4 == 0:
            degree = int(rng.integers(0, 6))
            held = min(4 * beat, count - at)
            for note in (degree, degree + 2, degree + 4):
                pitch = root * 2 ** (scale[note % 10] / 12)
                sound[at : at + held] += 0.4 * _tone(rng, pitch, held, brightness, rng.uniform(0.2, 3))
        pitch = 2 * root * 2 ** (scale[rng.integers(0, 10)] / 12)
        sound[at : at + length] += 0.5 * melody * _tone(rng, pitch, length, brightness, 2.0)
        hit = _coloured(rng, length) * np.exp(-np.arange(length) / (SAMPLE_RATE * rng.uniform(0.01, 0.1)))
        kick = np.sin(2 * np.pi * 60 * np.arange(length) / SAMPLE_RATE)
        kick *= np.exp(-np.arange(length) / (SAMPLE_RATE * 0.08))
        sound[at : at + length] += drums * (0.3 * hit + kick)
    return sound + 1e-3


def _tone(rng: np.random.Generator, pitch: float, count: int, brightness: float, decay: float) -> np.ndarray:
    time = np.arange(count) / SAMPLE_RATE
    vibrato = 1.0 + 0.3 * rng.random() * np.sin(2 * np.pi * 5 * time) / pitch
    tone = np.zeros(count)
    for k in range(1, 9):
        if pitch * k < SAMPLE_RATE / 2:
            tone += np.sin(2 * np.pi * pitch * k * time * vibrato) / k**brightness
    return tone * np.exp(-decay * time) * np.minimum(1.0, time / 0.01)


def _melody(rng: np.random.Generator, count: int) -> np.ndarray:
    """One instrument alone, bowed, blown or plucked, whose body resonates as a throat does, with rests."""
    sound, at = np.zeros(count), 0
    shortest, longest = rng.uniform(0.08, 0.3), rng.uniform(0.3, 1.0)
    root, steep, decay = rng.uniform(100, 500), rng.uniform(0.3, 1.5), rng.choice([0.0, rng.uniform(1, 6)])
    body = rng.uniform(250, 3500, 3)
    while at < count:
        length = min(int(SAMPLE_RATE * rng.uniform(shortest, longest)), count - at)
        if rng.random() < 0.85 and length > 200:
            time = np.arange(length) / SAMPLE_RATE
            pitch = root * 2.0 ** (rng.choice([-5, -3, 0, 2, 4, 5, 7, 9, 12]) / 12)
            phase = 2 * np.pi * pitch * time + rng.uniform(0, 0.4) * np.sin(
                2 * np.pi * rng.uniform(4, 7) * time
            )
            wah = body * np.exp(rng.uniform(-0.3, 0.3, 3))
            tone = np.zeros(length)
            for k in range(1, int(min(24, 7500 / pitch)) + 1):
                gain = np.sum(1.0 / (1.0 + ((pitch * k - wah) / (0.12 * wah)) ** 2)) + 0.05
                tone += gain * np.sin(k * phase) / k**steep
            rise = np.minimum(1.0, time / rng.uniform(0.005, 0.08)) * np.minimum(
                1.0, (time[-1] - time) / 0.02
            )
            sound[at : at + length] += tone / _level(tone) * rise * np.exp(-decay * time)
        at += length
    return sound + 1e-3 * rng.standard_normal(count)


def _coughs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Coughs and clearings of the throat: bursts of rough noise that end in a short buzz, with pauses."""
    sound, at = 1e-3 * rng.standard_normal(count), int(rng.uniform(0, 0.5) * SAMPLE_RATE)
    throat = rng.uniform((350, 1000, 2200), (900, 1900, 3500))
    while at < count:
        length = min(int(SAMPLE_RATE * rng.uniform(0.12, 0.5)), count - at)
        spectrum = np.fft.rfft(rng.standard_normal(max(length, 64)))
        frequency = np.fft.rfftfreq(max(length, 64), 1 / SAMPLE_RATE)[:, None]
        gain = np.sum(1.0 / (1.0 + ((frequency - throat) / (0.2 * throat)) ** 2), axis=1)
        noise = np.fft.irfft(spectrum * (gain + 0.1), max(length, 64))[:length]
        time = np.arange(length) / SAMPLE_RATE
        buzz = 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * rng.uniform(60, 300) * time))
        late = np.clip((time / max(time[-1], 1e-3) - rng.uniform(0.3, 0.9)) / 0.1, 0.0, 1.0)
        shape = np.minimum(1.0, time / 0.01) * np.exp(-time / rng.uniform(0.05, 0.2))
        sound[at : at + length] += noise * shape * (1.0 + late * (2.0 * buzz - 1.0))
        at += length + int(SAMPLE_RATE * rng.choice([rng.uniform(0.1, 0.4), rng.uniform(1.0, 3.0)]))
    return sound
