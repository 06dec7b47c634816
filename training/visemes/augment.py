"""Makes clean synthetic speech sound like recordings: rooms, microphones, telephones, noise, music.

Everything happens on mel power, so that each training step can draw a new version at almost no cost: a filter
is a gain per band, a room a smear over time, a sound under the voice an addition.
"""

from __future__ import annotations

import numpy as np

from engines.preview.features import BANDS, normalise

_REST = np.array([0, 255, 0, 0, 0, 0, 0], np.uint8)
_VOICE = 5
_SPOKEN = 127
_LEAST = np.float32(1e-20)


def augment(
    rng: np.random.Generator, speech: np.ndarray, curves: np.ndarray, noise: np.ndarray, distance: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Draw one degraded version of a crop of clean speech.

    speech, noise: (frames, BANDS) mel power in dB; curves: (frames, 7) uint8; distance: decibels from the
    voice down to the noise. Returns the network's input (frames, BANDS) float32, the targets (frames, 7)
    float32 0..1, and how much of the voice is not heard, 0..1.
    """
    curves = curves.copy()
    power = 10.0 ** (_vocal_tract(rng, speech.astype(np.float32)) / 10.0)
    power = power * _colour(rng) * _flutter(rng, power.shape)
    _cut_voice(rng, power, curves)
    if rng.random() < 0.4:
        _breathe(rng, power, curves)
    if rng.random() < 0.4:
        power = _room(rng, power)
    under = 10.0 ** (noise.astype(np.float32) / 10.0) * _colour(rng)
    under *= np.float32(10.0 ** (-distance / 10.0))
    heard = _heard(power, under, curves)
    power = power + under
    power = power + 10.0 ** (rng.uniform(-11.0, -5.0)) * _colour(rng)
    power = power * _slow_gain(rng, len(power))[:, None]
    line = rng.random()
    if line < 0.15:
        power, kept = _telephone(rng, power)
        heard = heard * kept
    elif line < 0.4:
        power, kept = _band_limit(rng, power)
        heard = heard * kept
    if rng.random() < 0.3:
        _cut_recording(rng, power, curves)
    features = normalise(power * 10.0 ** (rng.uniform(-35.0, 8.0) / 10.0))
    if rng.random() < 0.25:
        low = rng.integers(0, BANDS - 4)
        features[:, low : low + rng.integers(1, 5)] = rng.uniform(-1.0, 1.0)
    return features, curves.astype(np.float32) / 255.0, 1.0 - float(heard.mean())


def _heard(voice: np.ndarray, under: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """Mean share of the voice in the power of each band while someone speaks, (BANDS,) 0..1.

    At one level, steady noise hides most bands of a voice, and music few.
    """
    spoken = curves[:, _VOICE] > _SPOKEN
    if not spoken.any():
        return np.ones(BANDS, np.float32)
    voice, under = voice[spoken], under[spoken]
    return np.asarray((voice / (voice + under + _LEAST)).mean(axis=0))


def _vocal_tract(rng: np.random.Generator, decibels: np.ndarray) -> np.ndarray:
    """Move the formants by stretching the mel axis."""
    place = np.clip(np.arange(BANDS) * np.exp(rng.normal(0.0, 0.07)), 0, BANDS - 1.001)
    low = place.astype(int)
    part = (place - low).astype(np.float32)
    return decibels[:, low] * (1.0 - part) + decibels[:, low + 1] * part


def _colour(rng: np.random.Generator) -> np.ndarray:
    """A smooth random gain per band: microphone, equaliser, spectral tilt."""
    points = rng.normal(0.0, rng.uniform(0.0, 5.0), 6)
    tilt = rng.uniform(-8.0, 8.0) * np.linspace(-1.0, 1.0, BANDS)
    curve = np.interp(np.linspace(0, 5, BANDS), np.arange(6), points) + tilt
    return (10.0 ** (curve / 10.0)).astype(np.float32)


def _flutter(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Fluctuation per frame and band: breath and the irregular pulses that synthetic voices lack."""
    strength = rng.uniform(0.0, 0.35)
    return np.exp(strength * rng.standard_normal(shape, dtype=np.float32))


def _cut_voice(rng: np.random.Generator, power: np.ndarray, curves: np.ndarray) -> None:
    """Remove the voice, in place: from the whole crop, or for a long pause within it."""
    if rng.random() < 0.12:
        power[:], curves[:] = 0.0, _REST
    elif rng.random() < 0.15:
        # From one pause to a later one, so that no word is cut in half.
        pauses = np.flatnonzero((curves[:, 1] == 255) & (curves[:, 5] == 0))
        if len(pauses) > 1:
            start, stop = np.sort(rng.choice(pauses, 2, replace=False))
            power[start:stop], curves[start:stop] = 0.0, _REST


def _cut_recording(rng: np.random.Generator, power: np.ndarray, curves: np.ndarray) -> None:
    """Let the recording begin or end abruptly, in place: one side is digital silence."""
    at = int(rng.integers(0, len(power)))
    if rng.random() < 0.6:
        power[:at], curves[:at] = 0.0, _REST
    else:
        power[at:], curves[at + 8 :] = 0.0, _REST


def _breathe(rng: np.random.Generator, power: np.ndarray, curves: np.ndarray) -> None:
    """Audible breaths in the pauses, in place: soft noise that swells and fades, and is not speech."""
    loud = power.mean(axis=1).max()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], curves[:, 5] < 26, [0]])))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        length = stop - start
        if length < 12 or rng.random() < 0.4:
            continue
        first = start + int(rng.integers(0, length // 3 + 1))
        count = int(rng.integers(8, max(9, min(stop - first, 90))))
        count = min(count, stop - first)
        swell = np.sin(np.linspace(0.05, np.pi - 0.05, count)) ** rng.uniform(0.3, 2.0)
        noise = rng.gamma(2.0, 0.5, (count, BANDS)) * swell[:, None] * _colour(rng) * _colour(rng)
        power[first : first + count] += loud * 10.0 ** rng.uniform(-5.0, -1.8) * noise.astype(np.float32)


def _room(rng: np.random.Generator, power: np.ndarray) -> np.ndarray:
    """A decaying tail behind every sound, longer for the low bands."""
    seconds = np.exp(rng.uniform(np.log(0.12), np.log(0.9))) * np.linspace(1.0, rng.uniform(0.4, 0.9), BANDS)
    decay = (10.0 ** (-6.0 / (seconds * 100.0))).astype(np.float32)
    wet = np.float32(10.0 ** (rng.uniform(-22.0, -6.0) / 10.0))
    # The sum over all earlier frames, each decayed by its age, by doubling the span.
    tail = power.copy()
    for span in 2 ** np.arange(9):
        tail[span:] += decay**span * tail[:-span]
    power[1:] += wet * decay * tail[:-1]
    return power


def noise_distance(rng: np.random.Generator) -> float:
    """Decibels from the voice down to the sound under it."""
    return float(rng.uniform(0.0, 14.0) if rng.random() < 0.55 else rng.uniform(14.0, 60.0))


def _slow_gain(rng: np.random.Generator, frames: int) -> np.ndarray:
    """A level that wanders, as automatic gain control and a moving head make it."""
    points = rng.normal(0.0, rng.uniform(0.0, 3.0), 2 + frames // 150)
    curve = np.interp(np.linspace(0, len(points) - 1, frames), np.arange(len(points)), points)
    return (10.0 ** (curve / 10.0)).astype(np.float32)


def _band_limit(rng: np.random.Generator, power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Telephone, small loudspeaker or a codec's low-pass; the removed bands keep a little noise.

    Returns the power, and what is kept of each band, (BANDS,) 0..1.
    """
    kept = np.ones(BANDS, np.float32)
    if rng.random() < 0.5:
        kept[: rng.integers(1, 8)] = 1e-4
    if rng.random() < 0.8:
        kept[rng.integers(25, 39) :] = 1e-6
    return power * kept + 10.0 ** rng.uniform(-10.0, -6.0), kept


def _telephone(rng: np.random.Generator, power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """300 to 3400 Hz, with the noise of 8 bits of mu-law, which follows the loudness of the voice.

    Returns the power, and what is kept of each band, (BANDS,) 0..1.
    """
    steepness = rng.uniform(0.5, 3.0)
    edges = np.array([rng.uniform(2.5, 4.5), rng.uniform(26.0, 30.0)])
    band = np.arange(BANDS)
    kept = 1.0 / (1.0 + np.exp(steepness * (edges[0] - band))) / (1.0 + np.exp(steepness * (band - edges[1])))
    kept = (kept**2).astype(np.float32)
    line = power * (kept + np.float32(1e-7))
    bits = line.mean(axis=1, keepdims=True) * np.float32(10.0 ** rng.uniform(-4.0, -3.4))
    return (line + bits).astype(np.float32), kept
