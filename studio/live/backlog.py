"""Keeps a microphone's voice close to now, by leaving out sound."""

from __future__ import annotations

import logging

import numpy as np

from engines.live import SAMPLE_RATE
from studio.live.voices import Voices

QUIET = 100.0
"""Root mean square of int16 samples below which a frame is a pause: -50 dB of full scale."""

_log = logging.getLogger("joystudio.live")


class Backlog:
    """Shortens the voice that speaks once too much sound waits.

    Sound piles up after a gap in the network, and slowly if a microphone's clock is fast. Above half of the
    most that may wait, pauses are left out; above all of it, speech, too.

    fps: frames per second. look_ahead: samples at 16 kHz that a frame waits for. most: seconds of sound that
    may wait beyond those; None for no limit.
    """

    def __init__(self, fps: int, look_ahead: int, most: float | None) -> None:
        self._fps, self._most = fps, most
        self._usual = 1 / fps + look_ahead / SAMPLE_RATE
        self.left_out = 0.0
        """Seconds."""

    def shorten(self, voices: Voices) -> None:
        """Leave out frames before the next one."""
        voice = voices.next
        if self._most is None or voice is None:
            return
        frames = 0
        while voice.can_skip:
            over = voices.seconds - self._usual - self._most / 2
            if over <= 0 or (over <= self._most / 2 and not is_quiet(voice.next_samples)):
                break
            voice.skip()
            frames += 1
        if frames and not self.left_out:
            _log.warning("A live session is behind its microphone; it leaves out sound.")
        self.left_out += frames / self._fps


def is_quiet(samples: np.ndarray) -> bool:
    """Whether (n,) int16 samples are a pause."""
    return bool(np.sqrt(np.mean(np.square(samples, dtype=float))) < QUIET)
