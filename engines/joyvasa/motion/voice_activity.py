"""When someone speaks: a gate from loudness, eased so that lips can follow it."""

from __future__ import annotations

import numpy as np

SAMPLE_RATE = 16000
HOP = 160
"""10 ms."""

_BLOCK = 6000 * HOP  # one minute: the temporary arrays stay small
_FLOOR_DB = -90.0
_QUIET_DB = -55.0  # below it there is no voice, whatever the rest of the recording is like
_NARROW_DB = 12.0  # a recording that varies less is all speech or all noise
_OPEN_SHARE, _CLOSE_SHARE = 0.40, 0.30  # of the way from the noise to the loud passages
_LEAD, _HANG = 6, 12  # hops: lips part before the sound, and stay while a stop consonant is silent
_EASE = 8  # hops on each side


def voice_activity(samples: np.ndarray, fps: float, frames: int) -> np.ndarray:
    """(frames,) float32 in 0..1: 0 in silence, 1 in speech, smooth between.

    samples: (n,) float32 mono, 16 kHz, -1..1. Frame i stands for the time (i + 0.5) / fps; frames beyond the
    sound are silent. The gate opens 60 ms before a sound and closes 120 ms after it.
    """
    loudness = _loudness(samples)
    gate = _eased(_spoken(loudness))
    places = (np.arange(frames) + 0.5) / fps * (SAMPLE_RATE / HOP) - 0.5
    hops = np.arange(len(gate))
    return np.interp(places, hops, gate, right=0.0).astype(np.float32)


def _loudness(samples: np.ndarray) -> np.ndarray:
    """Decibels of full scale of each hop, at least one."""
    levels = []
    for start in range(0, max(len(samples), 1), _BLOCK):
        block = np.asarray(samples[start : start + _BLOCK], np.float32)
        block = np.pad(block, (0, -len(block) % HOP)) if len(block) else np.zeros(HOP, np.float32)
        power = np.square(block.reshape(-1, HOP)).mean(axis=1, dtype=np.float64)
        levels.append(10 * np.log10(power + 10 ** (_FLOOR_DB / 10)))
    return np.concatenate(levels)


def _spoken(loudness: np.ndarray) -> np.ndarray:
    """(hops,) bool with hysteresis: on above the upper threshold, off below the lower."""
    noise, loud = np.percentile(loudness, (10, 95))
    if loud - noise < _NARROW_DB:
        return loudness > _QUIET_DB
    opened, closed = (max(noise + share * (loud - noise), _QUIET_DB) for share in (_OPEN_SHARE, _CLOSE_SHARE))
    # The last hop that was clearly on or clearly off decides for those between.
    clear = np.where(loudness >= opened, 1, np.where(loudness < closed, 0, -1))
    last = np.maximum.accumulate(np.where(clear >= 0, np.arange(len(clear)), 0))
    return np.asarray(clear[last] == 1)


def _eased(spoken: np.ndarray) -> np.ndarray:
    """Opened early, closed late, and ramped over 80 ms outside of that."""
    reach = np.ones(_LEAD + _HANG + 1)
    wide = np.convolve(spoken, reach)[_LEAD : _LEAD + len(spoken)] > 0
    outer = np.convolve(wide, np.ones(2 * _EASE + 1))[_EASE : _EASE + len(spoken)] > 0
    ramp = np.hanning(2 * _EASE + 3)[1:-1]
    padded = np.pad(outer.astype(np.float64), _EASE, mode="edge")
    return np.convolve(padded, ramp / ramp.sum(), mode="valid")
