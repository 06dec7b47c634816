"""How much a sound resembles speech, from signal measures alone.

The mouth opens and closes about four times a second, with pauses (Houtgast and Steeneken 1985; Scheirer and
Slaney 1997); the spectrum of speech changes from syllable to syllable, and its pitch glides, unlike an
instrument's. Music, noise and tones lack one or more of these.
"""

from __future__ import annotations

import numpy as np

RATE = 16_000
_HOP = 160  # 10 ms
_WINDOW = 512
_SILENT = 1e-6  # mean square of -60 dBFS
_LOWEST_PITCH, _HIGHEST_PITCH = 70, 400  # Hz


def voice_likeness(samples: np.ndarray) -> float:
    """From 0 for silence to 1 for clear speech, of (n,) float32 mono at 16 kHz, at least a second."""
    if len(samples) < RATE // 4:
        return 0.0
    samples = samples.astype(np.float32)
    if not np.isfinite(samples).all() or float(np.mean(samples**2)) < _SILENT * 1e-2:
        return 0.0
    power = _spectra(samples)
    bins = np.fft.rfftfreq(_WINDOW, 1 / RATE)
    voice_band = power[:, (bins > 200) & (bins < 4000)].sum(axis=1)
    everything = power[:, bins > 40].sum(axis=1)
    if voice_band.max() <= 0:
        return 0.0
    speech_band = power[:, (bins > 90) & (bins < 4000)]
    moving = (
        _syllables(np.sqrt(voice_band))
        + _pauses(voice_band)
        + _changes(power[:, (bins > 200) & (bins < 4000)])
    )
    share = float(np.clip(2 * speech_band.sum() / max(everything.sum(), 1e-20), 0, 1))
    return share * moving / 3 * (0.4 + 0.6 * _glides(samples, voice_band))


def _spectra(samples: np.ndarray) -> np.ndarray:
    """(frames, bins) power every 10 ms."""
    count = max(1, 1 + (len(samples) - _WINDOW) // _HOP)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP][:count]
    return np.abs(np.fft.rfft(frames * np.hanning(_WINDOW).astype(np.float32), axis=1)) ** 2


def _syllables(envelope: np.ndarray) -> float:
    """The fraction of the envelope's changes at the rate of syllables, 2 to 8 Hz."""
    swing = float(envelope.std() / (envelope.mean() + 1e-12))
    spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(len(envelope)))) ** 2
    pace = np.fft.rfftfreq(len(envelope), 0.01)
    changes = spectrum[(pace >= 0.5) & (pace < 40)].sum()
    share = spectrum[(pace >= 2) & (pace < 8)].sum() / max(changes, 1e-20)
    return float(np.clip(share / 0.5, 0, 1) * np.clip(swing / 0.6, 0, 1))


def _pauses(voice_band: np.ndarray) -> float:
    """1 if a fifth to two thirds of the time is far below the mean; a steady sound has no such frames."""
    low = float((voice_band < 0.1 * voice_band.mean()).mean())
    return float(np.clip(low / 0.2, 0, 1) * np.clip((1 - low) / 0.15, 0, 1))


def _changes(bands: np.ndarray) -> float:
    """How much the shape of the spectrum changes over 50 ms while there is sound."""
    loud = bands.sum(axis=1) > 0.1 * bands.sum(axis=1).mean()
    groups = bands[:, : bands.shape[1] // 8 * 8].reshape(len(bands), -1, 8).sum(axis=2)
    shape = np.log(groups + 1e-9 * groups.max() + 1e-20)
    shape -= shape.mean(axis=1, keepdims=True)
    both = loud[5:] & loud[:-5]
    if not both.any():
        return 0.0
    change = float(np.abs(shape[5:] - shape[:-5]).mean(axis=1)[both].mean())
    return float(np.clip(change / 0.8, 0, 1))


def _glides(samples: np.ndarray, voice_band: np.ndarray) -> float:
    """The fraction of voiced frames in which the pitch moves a little, as in speech, but does not jump."""
    pitch = _pitch(samples)
    count = min(len(pitch), len(voice_band[::2]))
    pitch, loud = pitch[:count], (voice_band[::2] > 0.2 * voice_band.mean())[:count]
    together = (pitch[1:] > 0) & (pitch[:-1] > 0) & loud[1:] & loud[:-1]
    if together.sum() < 5:
        return 0.0
    step = np.abs(np.log2(pitch[1:][together] / pitch[:-1][together]))
    gliding = float(((step > 0.004) & (step < 0.15)).mean())
    voiced = float(together.sum() / max(1, loud.sum()))
    return float(np.clip(gliding / 0.5, 0, 1) * np.clip(voiced / 0.3, 0, 1))


def _pitch(samples: np.ndarray) -> np.ndarray:
    """(frames,) Hz every 20 ms from the autocorrelation of 40 ms at 8 kHz, 0 if nothing is periodic."""
    slow = (samples[: len(samples) // 2 * 2].reshape(-1, 2)).mean(axis=1)
    width, hop, size = 320, 160, 1024
    if len(slow) < width:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(slow, width)[::hop]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * np.hanning(width)
    spectrum = np.abs(np.fft.rfft(frames, size, axis=1)) ** 2
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(width), size)) ** 2)
    alike = np.fft.irfft(spectrum, axis=1)
    alike = alike / (alike[:, :1] + 1e-12) / np.maximum(window / window[0], 0.05)
    first, last = 8000 // _HIGHEST_PITCH, 8000 // _LOWEST_PITCH
    lags = alike[:, first:last]
    best = lags.argmax(axis=1)
    rows = np.arange(len(best))
    at = np.clip(best + first, 1, size // 2 - 2)
    left, middle, right = alike[rows, at - 1], alike[rows, at], alike[rows, at + 1]
    bend = left - 2 * middle + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0)
    pitch: np.ndarray = np.where(lags[rows, best] > 0.6, 8000 / (at + np.clip(shift, -1, 1)), 0.0)
    return pitch
