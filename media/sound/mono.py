"""Mixes many channels to one for the mouth, at the voice's loudness, even if channels cancel each other."""

from __future__ import annotations

import numpy as np

from media.messages import said
from media.sound.comb import Comb
from media.sound.format import SoundFormat
from media.sound.layouts import mono_weights

CANCELLED = 0.5
"""A mix with less than this fraction of its channels' power cancels them; uncorrelated channels keep 1."""
WHOLE_AGAIN = 0.8
COMBED, UNCOMBED = 0.2, 0.1
"""Fraction of the audible frequencies that a mix of two loses at which it becomes a comb, and below which it
is none any more. Measured: 0.24-0.35 for delays of 0.1 to 10 ms and if only high frequencies are opposite; up
to 0.03 for unrelated channels, two speakers and rooms.
"""
EMPTY, FILLED = 0.01, 0.1
"""Power of all other channels, as a fraction of the loudest one's, below which that one is used alone, and
above which all are used again. A voice in one of two channels would lose 6 dB in their mean.
"""
_QUIET = 1e-8  # mean square of -80 dBFS: the phase of noise means nothing
_FADE = 0.01  # seconds
_LOWEST_VOICE = 250.0  # Hz; the LFE channel carries less
_EVERY = 7  # powers are measured on every seventh sample; odd, so that no even pattern escapes


class MonoMix:
    """Mixes blocks to mono, block by block, and records where it could not simply add the channels.

    Opposite phase is found by the mix's power against the channels': for weights w it is the mean of (sum w
    x)^2 over the sum of w^2 x^2, 0 for opposite and 1 for unrelated channels. If it falls below CANCELLED,
    only the loudest channel is used until it rises above WHOLE_AGAIN. Two channels with a delay cancel each
    other at some frequencies only: see `media.sound.comb`. A channel that has all of the sound is also used
    alone, so that a voice is as loud as the same voice in mono.
    """

    def __init__(self, sound: SoundFormat) -> None:
        """sound: the format of the blocks."""
        self._rate = sound.rate
        self._positions = sound.positions or ("",) * sound.channels
        self._usual = mono_weights(sound.positions) if sound.positions else _even(sound.channels)
        self._weights = self._usual
        self._alone: int | None = None
        self._cancels = False
        self._comb = Comb(sound.rate) if sound.channels == 2 else None
        self._begun = False
        self._heard = self._cancelled = 0
        self._power = np.zeros(sound.channels)

    def add(self, block: np.ndarray) -> np.ndarray:
        """(n, channels) float32 to (n,) float32, with full scale 1."""
        if block.shape[1] == 1 or not len(block):
            return block[:, 0]
        before, self._weights = self._weights, self._chosen(block)
        mono = _mixed(block, self._weights)
        if self._begun and before is not self._weights:
            length = min(len(block), max(1, round(_FADE * self._rate)))
            fade = np.linspace(0, 1, length, dtype=np.float32)
            mono[:length] = fade * mono[:length] + (1 - fade) * _mixed(block[:length], before)
        self._begun = True
        self._heard += len(block)
        self._cancelled += len(block) if self._cancels else 0
        return mono

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user about the mix so far."""
        if not self._cancelled:
            return ()
        chosen = int(self._power.argmax()) + 1
        return (
            said(
                "The channels cancel each other for {cancelled:.1f} of {heard:.1f} s. The mouth follows "
                "only channel {chosen} there.",
                cancelled=self._cancelled / self._rate,
                heard=self._heard / self._rate,
                chosen=chosen,
            ),
        )

    def _chosen(self, block: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", over="ignore"):  # the caller refuses NaN
            seen = np.ascontiguousarray(block[::_EVERY].T)
            power = np.array([np.dot(channel, channel) for channel in seen], np.float64) / seen.shape[1]
            mixed = np.dot(self._usual, seen)
            kept = float(np.dot(mixed, mixed)) / seen.shape[1]
        expected = float(np.dot(self._usual.astype(np.float64) ** 2, power))
        loudest = int(power.argmax())
        if not np.isfinite(power).all() or power[loudest] < _QUIET:
            return self._weights
        if self._usual[loudest] == 0:
            left_out = kept < 0.01 * power[loudest] and self._is_voice(block[:, loudest])
            if left_out:
                return self._listen_to(loudest, power, cancels=True)
            loudest = int((power * (self._usual > 0)).argmax())
        combed = self._comb is not None and self._comb.cancelled(block) > (
            COMBED if self._alone is None else UNCOMBED
        )
        bound = CANCELLED if self._alone is None else WHOLE_AGAIN
        cancels = combed or kept < bound * expected
        others = float(power[self._usual > 0].sum() - power[loudest])
        only = others < (EMPTY if self._alone is None else FILLED) * power[loudest]
        return self._listen_to(loudest if cancels or only else None, power, cancels=cancels and not only)

    def _listen_to(self, channel: int | None, power: np.ndarray, *, cancels: bool) -> np.ndarray:
        self._cancels = cancels
        if channel is None:
            self._alone = None
            return self._usual
        if cancels:
            self._power += power
        stays = self._alone is not None and power[self._alone] > 0.1 * power[channel]
        if stays:
            return self._weights
        self._alone = channel
        weights = np.zeros(len(self._usual), np.float32)
        weights[channel] = 1.0
        return weights

    def _is_voice(self, samples: np.ndarray) -> bool:
        """Whether a dropped channel has more than rumble, by the slope of its waveform."""
        slope = np.diff(samples)
        power = float(np.dot(samples, samples))
        # The slope of a sine of frequency f has (2 pi f / rate)^2 of its power.
        return (
            power > 0 and float(np.dot(slope, slope)) / power > (2 * np.pi * _LOWEST_VOICE / self._rate) ** 2
        )


def _mixed(block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n,) float32; column by column, which is several times faster than a product with few columns."""
    used = np.flatnonzero(weights)
    mono: np.ndarray = block[:, used[0]] * weights[used[0]]
    for channel in used[1:]:
        mono += block[:, channel] * weights[channel]
    return mono


def _even(channels: int) -> np.ndarray:
    return np.full(channels, 1 / channels, np.float32)
