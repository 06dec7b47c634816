"""Log-mel features of a voice, measured against its own running level.

Frame `t` is centred on sample ``t * HOP + HOP // 2`` and sees WINDOW samples around it. Outside of the
recording there is digital silence, so a frame can be asked for at any index.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engines.preview.row_blocks import Factor, RowPlaces

SAMPLE_RATE = 16000
HOP = 160
WINDOW = 400
BANDS = 40
LEVEL_MEMORY = 300
"""Frames over which the running level remembers its loudest moment: 3 s."""

_FFT = 512
_AT_A_TIME = 64  # frames whose spectra fit into a processor's cache
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 7600.0
_TINY = 1e-10
_SMOOTHING = 5
_LEVEL_FLOOR = -62.0
"""Decibels: a level below this is not raised any further, so a silent line stays silent."""


def _mel(hertz: np.ndarray | float) -> np.ndarray:
    return 2595.0 * np.log10(1.0 + np.asarray(hertz, np.float64) / 700.0)


@lru_cache(maxsize=1)
def mel_filters() -> np.ndarray:
    """Triangular filters, (FFT // 2 + 1, BANDS) float32, each summing to one over its band."""
    edges = 700.0 * (10.0 ** (np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), BANDS + 2) / 2595.0) - 1.0)
    bins = np.arange(_FFT // 2 + 1)[:, None] * SAMPLE_RATE / _FFT
    rising = (bins - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - bins) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0.0, np.minimum(rising, falling))
    filters /= np.maximum(filters.sum(axis=0), 1e-6)
    filters.setflags(write=False)
    return np.ascontiguousarray(filters, np.float32)


@lru_cache(maxsize=1)
def _mel_factor() -> Factor:
    return Factor(mel_filters())


@lru_cache(maxsize=1)
def _taper() -> np.ndarray:
    # Scaled so that a band's power does not depend on the length of the window.
    window = np.hanning(WINDOW + 1)[:-1]
    return (window / np.sqrt((window**2).sum())).astype(np.float32)


def mel_power(samples: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Power in each mel band for the frames start..stop-1.

    samples: (n,) float32 at 16 kHz, -1..1. Returns (stop - start, BANDS) float32, >= 0.
    """
    first = start * HOP + HOP // 2 - WINDOW // 2
    last = (stop - 1) * HOP + HOP // 2 + WINDOW // 2
    part = np.zeros(last - first, np.float32)
    low, high = max(first, 0), min(last, len(samples))
    if high > low:
        part[low - first : high - first] = samples[low:high]
    return power_of(part, start)


def power_of(part: np.ndarray, start: int) -> np.ndarray:
    """The same for the samples that frames from `start` on see, and no others.

    part: (WINDOW + (n - 1) * HOP,) float32, from sample ``start * HOP + HOP // 2 - WINDOW // 2`` on. Returns
    (n, BANDS). A frame's power is the same bit for bit, whichever frames are asked for with it.
    """
    frames = windows_of(part, WINDOW, HOP)
    power = np.empty((len(frames), _FFT // 2 + 1), np.float32)
    for begin in range(0, len(frames), _AT_A_TIME):
        some = slice(begin, begin + _AT_A_TIME)
        tapered = np.zeros((len(frames[some]), _FFT))
        np.multiply(frames[some], _taper(), out=tapered[:, :WINDOW], dtype=np.float32)
        spectrum = np.fft.rfft(tapered)
        power[some] = spectrum.real**2 + spectrum.imag**2
    grid = RowPlaces(start, len(power))
    return _mel_factor().product(grid.padded(power))[grid.rows]


def normalise(power: np.ndarray) -> np.ndarray:
    """Mel power to network input: decibels below the loudest moment of the last LEVEL_MEMORY frames.

    power: (..., frames, BANDS) >= 0. Returns float32 of the same shape, -1..3, where 2 is as loud as the
    running level and one unit is 20 dB. Causal: frame t is computed from the frames up to t only.
    """
    return below_level(power, running_level(power.mean(axis=-1)))


def running_level(mean_power: np.ndarray) -> np.ndarray:
    """The loudest moment of the last LEVEL_MEMORY frames, in decibels.

    mean_power: (..., frames), each frame's power over its bands. Returns the same shape.
    """
    loudness = 10.0 * np.log10(_causal_mean(mean_power) + _TINY)
    return np.maximum(_causal_maximum(loudness, LEVEL_MEMORY), _LEVEL_FLOOR)


def below_level(power: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Mel power (..., frames, BANDS) to network input, for frames whose running level is known."""
    decibels = 10.0 * np.log10(power + _TINY)
    return np.clip((decibels - level[..., None]) / 20.0 + 2.0, -1.0, 3.0).astype(np.float32)


MEMORY = LEVEL_MEMORY + _SMOOTHING - 2
"""How many frames before frame t `normalise` reads for it."""


def _causal_mean(values: np.ndarray) -> np.ndarray:
    total = values.copy()
    for back in range(1, _SMOOTHING):
        total[..., back:] += values[..., :-back]
    return total / _SMOOTHING


def _causal_maximum(values: np.ndarray, length: int) -> np.ndarray:
    """Maximum over the last `length` values, by doubling the window."""
    result, reach = values.copy(), 1
    while reach < length:
        step = min(reach, length - reach)
        previous = result.copy()
        np.maximum(previous[..., step:], previous[..., :-step], out=result[..., step:])
        reach += step
    return result


def windows_of(samples: np.ndarray, size: int, step: int) -> np.ndarray:
    """All windows of `size` samples, `step` apart: (n, size), a view of (m,) `samples`.

    NumPy's sliding windows are the same, but take longer to prepare than a live frame's few to be read.
    """
    samples = np.ascontiguousarray(samples)
    count = max((len(samples) - size) // step + 1, 0)
    stride = samples.itemsize
    return np.ndarray((count, size), samples.dtype, samples, 0, (step * stride, stride))
