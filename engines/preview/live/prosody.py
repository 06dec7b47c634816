"""Loudness, pitch and stress of a voice that is still arriving.

Loudness and pitch come with their frame. A stressed syllable is known only when the syllables after it are,
so its nod comes about 0.3 s later than in a finished recording; the head may be late, the lips may not.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache

import numpy as np

from engines.preview.voice_measures import (
    AROUND,
    DECIMATION,
    HOP,
    HOP_LOW,
    HOPS_PER_SECOND,
    MARGIN,
    NEIGHBOURS,
    SYLLABLE,
    TAPS,
    Loudness,
    Stresses,
    decibels_of,
    frame_of,
    low_band,
    measured,
)

_BESIDE = MARGIN * DECIMATION + len(TAPS)  # samples before and after the hops
_KNOWN_AFTER = NEIGHBOURS + SYLLABLE  # hops after a syllable that decide whether it is stressed
_HISTORY = AROUND + SYLLABLE + _KNOWN_AFTER
_FIRST_LEVELS = -50.0, -75.0
"""dB of speech and background to start with: low, because the level rises fast and sinks slowly."""
_PITCH_MEMORY = 8  # seconds


class LiveProsody:
    """Gives the features of `Prosody` frame by frame, without reading ahead more than 40 ms."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._frame = 0
        self._sound = np.zeros(_BESIDE, np.float32)
        """The sound before the first hop that is not measured yet, and what was heard after it."""
        self._hop = 0
        self._loudness = Loudness(*_FIRST_LEVELS)
        self._stresses = Stresses()
        self._reference: float | None = None
        self._target: float | None = None
        self._seconds: deque[list[float]] = deque([[]], maxlen=_PITCH_MEMORY)
        self._hops = np.zeros((4, _HISTORY))
        """Loudness, pitch, voiced and stress of the last hops."""

    def listen(self, heard: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        """The features of the next frame, (4,) float32 as `PROSODY_CHANNELS`.

        heard, ahead: as for `engines.live.LiveFace.listen`; missing sound is taken as silence.
        """
        self._sound = np.concatenate([self._sound, heard])
        self._frame += 1
        until = max(self._hop + 1, self._frame * HOPS_PER_SECOND // self._fps)
        count = until - self._hop
        needed = _BESIDE + count * HOP + _BESIDE
        sound = np.concatenate([self._sound, ahead, np.zeros(needed, np.float32)])[:needed]
        hops = self._measure(sound, count)
        self._hops = np.concatenate([self._hops, hops], axis=1)[:, -_HISTORY - count :]
        self._hops[3, -count:] = self._stress(count)
        self._hops = self._hops[:, -_HISTORY:]
        self._sound = self._sound[count * HOP :]
        self._hop = until
        return np.array(frame_of(self._hops[:, -count:]), np.float32)

    def _measure(self, sound: np.ndarray, count: int) -> np.ndarray:
        """(4, count): loudness, pitch and voiced of the next hops, and no stress yet."""
        start = _BESIDE - MARGIN * DECIMATION - len(TAPS) // 2
        length = (count * HOP_LOW + 2 * MARGIN - 1) * DECIMATION + len(TAPS)
        piece = sound[start : start + length]
        result = np.zeros((4, count))
        if piece.any():
            loudness, semitones, voiced = measured(low_band(piece), self._loudness)
            result[:3] = loudness, self._relative(semitones, voiced), voiced
        else:
            result[0] = self._loudness.follow(_silence(count))
            self._relative(np.zeros(count), np.zeros(count, bool))
        return result

    def _relative(self, semitones: np.ndarray, voiced: np.ndarray) -> np.ndarray:
        """Pitch against the speaker's median, which glides to a new value within a second."""
        result = np.zeros(len(semitones))
        for i in range(len(semitones)):
            place = (self._hop + i) % HOPS_PER_SECOND
            if place == 0 and self._hop + i > 0:
                known = [value for second in self._seconds for value in second]
                self._reference = self._target
                self._target = float(np.median(known)) if known else self._target
                self._seconds.append([])
            if not voiced[i]:
                continue
            self._seconds[-1].append(float(semitones[i]))
            if self._target is None:
                reference = float(np.median(self._seconds[-1]))
            else:
                before = self._target if self._reference is None else self._reference
                reference = before + (self._target - before) * place / HOPS_PER_SECOND
            result[i] = np.clip(semitones[i] - reference, -12, 12)
        return result

    def _stress(self, count: int) -> np.ndarray:
        """(count,) The stresses that are known now; each belongs to a syllable `_KNOWN_AFTER` hops ago."""
        known = self._hops.shape[1] - _KNOWN_AFTER
        span = range(known - count, known)
        loudness, pitch, voiced, _ = self._hops
        return self._stresses.find(loudness, pitch, voiced, span, self._hop)


@lru_cache(maxsize=4)
def _silence(count: int) -> np.ndarray:
    """The decibels of so many hops of silence; read-only."""
    decibels = decibels_of(np.zeros(count * HOP_LOW + 1))
    decibels.flags.writeable = False
    return decibels
