"""The input of SyncNet for sound: thirteen cepstral coefficients, a hundred times a second.

The numbers are those of python_speech_features with its usual settings, which the network was trained on:
no window function, whole-number samples, coefficient 0 replaced by the logarithm of the energy.
"""

from __future__ import annotations

from functools import cache

import numpy as np

RATE = 16_000
FRAME, STEP, FFT = 400, 160, 512  # samples
FILTERS, COEFFICIENTS, LIFTER = 26, 13, 22
PRE_EMPHASIS = 0.97
BLOCK = 4096
"""Frames that are processed at once, so that memory does not grow with the sound."""


def frame_count(samples: int) -> int:
    """The number of columns for a number of samples; at least one."""
    return 1 if samples <= FRAME else 1 + -(-(samples - FRAME) // STEP)


def mfcc(samples: np.ndarray) -> np.ndarray:
    """(frames, 13) float64 of (n,) 16-bit samples at 16 kHz, n >= 1.

    The samples are taken as they are, from -32768 to 32767: another scale moves coefficient 0.
    """
    count = frame_count(len(samples))
    features = np.empty((count, COEFFICIENTS))
    for start in range(0, count, BLOCK):
        stop = min(count, start + BLOCK)
        energies, total = filter_energies(samples, start, stop)
        cepstrum = np.log(energies) @ _cosines().T * lifter()
        cepstrum[:, 0] = np.log(total)
        features[start:stop] = cepstrum
    return features


def filter_energies(samples: np.ndarray, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """(k, 26) energies in the filters and (k,) in all, of frames start to stop; zeros become epsilon."""
    first, last = start * STEP, (stop - 1) * STEP + FRAME
    before = samples[max(0, first - 1) : last].astype(np.float64)
    sound = (
        np.append(before[:1], before[1:] - PRE_EMPHASIS * before[:-1])
        if first == 0
        else (before[1:] - PRE_EMPHASIS * before[:-1])
    )
    sound = np.pad(sound, (0, last - first - len(sound)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::STEP]
    power = np.square(np.abs(np.fft.rfft(frames, FFT))) / FFT
    return _not_zero(power @ filterbank().T), _not_zero(power.sum(axis=1))


@cache
def filterbank() -> np.ndarray:
    """(26, 257) triangular filters, evenly spaced in mel from 0 to 8000 Hz, on whole bins."""
    mel = np.linspace(0.0, 2595 * np.log10(1 + RATE / 2 / 700), FILTERS + 2)
    bins = np.floor((FFT + 1) * 700 * (10 ** (mel / 2595) - 1) / RATE)
    bank = np.zeros((FILTERS, FFT // 2 + 1))
    for row, (low, middle, high) in enumerate(zip(bins, bins[1:], bins[2:], strict=False)):
        for bin_ in range(int(low), int(middle)):
            bank[row, bin_] = (bin_ - low) / (middle - low)
        for bin_ in range(int(middle), int(high)):
            bank[row, bin_] = (high - bin_) / (high - middle)
    return bank


@cache
def lifter() -> np.ndarray:
    """(13,) factors that raise the higher coefficients."""
    return 1 + LIFTER / 2 * np.sin(np.pi * np.arange(COEFFICIENTS) / LIFTER)


@cache
def _cosines() -> np.ndarray:
    """(13, 26): the first rows of the orthonormal cosine transform (DCT-II)."""
    place = (np.arange(FILTERS) + 0.5) / FILTERS
    rows = np.sqrt(2 / FILTERS) * np.cos(np.pi * np.arange(COEFFICIENTS)[:, None] * place)
    rows[0] /= np.sqrt(2)
    return rows


def _not_zero(values: np.ndarray) -> np.ndarray:
    return np.where(values == 0, np.finfo(np.float64).eps, values)
