"""What is measured in a voice: its level in time, its pitch, and which syllables are stressed.

`engines.preview.prosody` reads complete recordings with these, `engines.preview.live.prosody` a voice that is
still arriving.
"""

from __future__ import annotations

import numpy as np

from engines.preview.features import windows_of

SAMPLE_RATE = 16000
HOPS_PER_SECOND = 100

HOP = SAMPLE_RATE // HOPS_PER_SECOND
DECIMATION = 4  # pitch and sonority live below 2 kHz
RATE = SAMPLE_RATE // DECIMATION
HOP_LOW = HOP // DECIMATION
WINDOW = 160  # 40 ms at 4 kHz: two and a half periods of the lowest voice
_FFT = 256  # window and longest lag fit
_FINE = 4  # lags are looked at in quarters of a sample, or high voices fall between two of them
_LOWEST_HZ, _HIGHEST_HZ = 65.0, 420.0
_VOICED = 0.55  # normalised autocorrelation above which a hop counts as voiced
_SILENCE_DB = -75.0
_FEW = 8

_SMOOTHED = 2  # hops each side of the one whose pitch is smoothed
MARGIN = (WINDOW - HOP_LOW) // 2 + _SMOOTHED * HOP_LOW
"""Samples of the low band before and after the hops that `measured` needs."""

SYLLABLE = 6  # hops: half width of the smoothing that leaves one bump per syllable
NEIGHBOURS = 12  # hops each side in which a stressed syllable is the highest
AROUND = 30  # hops each side that a syllable is compared with


def _lowpass(taps: int = 32) -> np.ndarray:
    """Windowed sinc with its cut at 1.7 kHz for the decimation to 4 kHz."""
    n = np.arange(taps) - (taps - 1) / 2
    kernel = np.sinc(2 * 1700 / SAMPLE_RATE * n) * np.hamming(taps)
    return (kernel / kernel.sum()).astype(np.float32)


TAPS = _lowpass()
_HANN = np.hanning(WINDOW + 2)[1:-1].astype(np.float32)
_BELL = np.hanning(2 * SYLLABLE + 3)[1:-1] / np.hanning(2 * SYLLABLE + 3).sum()
_LAGS = np.arange(int(_FINE * RATE / _HIGHEST_HZ), int(np.ceil(_FINE * RATE / _LOWEST_HZ)) + 1)
_SHORTEST, _LONGEST = int(_LAGS[0]), int(_LAGS[-1])
_FOR_SHORT_LAGS = 0.03 * np.log2(_LAGS / _LAGS[0])
_SEMITONES = 12 * np.log2(RATE * _FINE / _LAGS)
"""Of each lag, above 1 Hz."""


def low_band(piece: np.ndarray) -> np.ndarray:
    """Every fourth sample below 1.7 kHz. piece: (4 * (n - 1) + 32,) float32 at 16 kHz; returns (n,)."""
    filtered: np.ndarray = windows_of(piece, len(TAPS), DECIMATION) @ TAPS
    return filtered


def decibels_of(low: np.ndarray) -> np.ndarray:
    """Level per hop of a low band that starts one sample early; rumble is differenced away."""
    lively = low[1:] - 0.9 * low[:-1]
    energy = np.square(lively.reshape(-1, HOP_LOW)).mean(axis=1)
    return np.maximum(10 * np.log10(energy + 1e-12), _SILENCE_DB)


def _autocorrelation(windows: np.ndarray) -> np.ndarray:
    """(n, lags) at quarters of a sample, from lag 0 to one beyond the longest."""
    power = np.abs(np.fft.rfft(windows, _FFT, axis=-1)) ** 2
    return np.fft.irfft(power, _FFT * _FINE, axis=-1)[..., : _LAGS[-1] + 2]


_HANN_AUTO = _autocorrelation(_HANN) / _autocorrelation(_HANN)[0]


def pitch_of(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fundamental frequency of many short windows at once.

    windows: (n, 160) float32 at 4 kHz. Returns (semitones above 1 Hz, strength 0..1), both (n,) float32.
    The autocorrelation is divided by that of the window (Boersma 1993), so that its peaks do not sink
    with the lag; a small bonus for short lags settles octave ties.
    """
    windowed = (windows - windows.mean(axis=1, keepdims=True)) * _HANN
    auto = _autocorrelation(windowed)
    auto = auto / (np.maximum(auto[:, :1], 1e-9) * _HANN_AUTO)
    at_lags = auto[:, _SHORTEST : _LONGEST + 1]
    # Only true peaks: the slope down from lag zero must not win for a high formant.
    peak = at_lags >= auto[:, _SHORTEST - 1 : _LONGEST]
    peak &= at_lags >= auto[:, _SHORTEST + 1 : _LONGEST + 2]
    best = np.argmax(np.where(peak, at_lags - _FOR_SHORT_LAGS, -1.0), axis=1)
    strength = at_lags[np.arange(len(windows)), best]
    return _SEMITONES[best].astype(np.float32), np.clip(strength, 0, 1).astype(np.float32)


def measured(low: np.ndarray, loudness: Loudness) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Loudness, pitch in semitones above 1 Hz, and whether there is a voice, of n hops: (n,) each.

    low: (MARGIN + n * HOP_LOW + MARGIN,) the low band around them. loudness: of the hops before; it follows.
    """
    loud = loudness.follow(decibels_of(low[MARGIN - 1 : len(low) - MARGIN]))
    semitones, strength = pitch_of(windows_of(low, WINDOW, HOP_LOW))  # a few hops more on each side
    smooth = np.sort(windows_of(semitones, 2 * _SMOOTHED + 1, 1), axis=1)[:, _SMOOTHED]  # the median
    own = slice(_SMOOTHED, len(semitones) - _SMOOTHED)
    # A lone jump of the pitch is noise, not a voice.
    voiced = (strength[own] > _VOICED) & (loud > 0.25) & (np.abs(semitones[own] - smooth) < 1.5)
    return loud, smooth, voiced


def frame_of(hops: np.ndarray) -> tuple[float, float, float, float]:
    """The features of a video frame. hops: (4, n), rows as `PROSODY_CHANNELS`, where voiced is 0 or 1."""
    if hops.shape[1] < _FEW:  # Python adds a few numbers sooner than arrays do, in the same order
        count, loud, tune, voices, stressed = hops.shape[1], 0.0, 0.0, 0.0, -np.inf
        for loudness, pitch, voiced, stress in hops.T.tolist():
            loud, tune, voices = loud + loudness, tune + pitch, voices + voiced
            stressed = max(stressed, stress)
        return loud / count, tune / max(voices, 1.0), voices / count, stressed
    loudness, pitch, voiced, stress = hops
    return loudness.mean(), pitch.sum() / max(voiced.sum(), 1.0), voiced.mean(), stress.max()


class Loudness:
    """Follows the level of the speech and of the background, hop by hop.

    level, floor: both in dB, to start with.
    """

    def __init__(self, level: float, floor: float) -> None:
        self._level, self._floor = level, floor

    def follow(self, decibels: np.ndarray) -> np.ndarray:
        """(n,) dB of the next hops to (n,) loudness: 0 background, about 1 loud syllables, at most 1.2."""
        loudness = np.empty(len(decibels))
        for j, value in enumerate(decibels.tolist()):
            # The level jumps up and sinks by 1 dB/s; the background drops at once and rises by 2 dB/s.
            self._level += (value - self._level) * 0.2 if value > self._level else -0.01
            self._floor += (value - self._floor) * 0.3 if value < self._floor else 0.02
            self._level = max(self._level, -60.0)
            self._floor = min(max(self._floor, self._level - 40), self._level - 25)
            loudness[j] = (value - self._floor) / (self._level - self._floor)
        return np.clip(loudness, 0, 1.2)


class Stresses:
    """Decides which syllables are stressed.

    A syllable is a local maximum of the smoothed loudness. Its prominence is how far it rises above the
    second around it, raised by a pitch above the speaker's usual one; only those that are not weaker than
    most before them count, and never two within a quarter of a second.
    """

    def __init__(self) -> None:
        self._typical = 0.25
        self._last = -HOPS_PER_SECOND

    def find(
        self, loudness: np.ndarray, pitch: np.ndarray, voiced: np.ndarray, span: range, hop: int
    ) -> np.ndarray:
        """Stresses of the hops in `span`: (len(span),) with 0..1 on their peaks and 0 elsewhere.

        loudness, pitch, voiced: (n,) of hops in a row. span: indices into them, with at least AROUND hops
        before and NEIGHBOURS after. hop: the time of the first one in the span, in hops.
        """
        bumps = np.convolve(loudness, _BELL, mode="same")
        accent: np.ndarray | None = None  # few hops want it
        result = np.zeros(len(span))
        for i, j in enumerate(span):
            near = bumps[j - NEIGHBOURS : j + NEIGHBOURS + 1]
            if bumps[j] < near.max() or bumps[j] < 0.4 or hop + i - self._last < 25:
                continue
            if voiced[j - 3 : j + 4].mean() < 0.4:
                continue  # a nod on a cough or a hiss looks wrong
            if accent is None:
                spoken = np.convolve(voiced, _BELL, mode="same")
                accent = np.convolve(pitch, _BELL, mode="same") / np.maximum(spoken, 0.3)
            rise = bumps[j] - bumps[j - AROUND : j + AROUND + 1].mean()
            prominence = rise + 0.04 * float(np.clip(accent[j], -4, 6))
            if prominence < 0.8 * self._typical:
                self._typical += 0.05 * (prominence - self._typical)
                continue
            strength = 0.55 * prominence / max(self._typical, 0.12)
            result[i] = float(np.clip(strength, 0.2, 1.0))
            self._typical += 0.15 * (prominence - self._typical)
            self._last = hop + i
        return result
