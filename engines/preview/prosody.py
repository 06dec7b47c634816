"""Measures how a voice speaks, frame by frame: loudness, pitch and stressed syllables.

The head and the brows follow these, not the mouth. The sound is read in blocks of one second on a fixed
grid, so that memory stays constant and the result does not depend on how the frames are asked for.
"""

from __future__ import annotations

import numpy as np

PROSODY_CHANNELS = ("loudness", "pitch", "voiced", "stress")

SAMPLE_RATE = 16000
HOPS_PER_SECOND = 100

_BLOCK = 100  # hops read at a time
_HOP = SAMPLE_RATE // HOPS_PER_SECOND
_DECIMATION = 4  # pitch and sonority live below 2 kHz
_RATE = SAMPLE_RATE // _DECIMATION
_HOP_LOW = _HOP // _DECIMATION
_WINDOW = 160  # 40 ms at 4 kHz: two and a half periods of the lowest voice
_FFT = 256  # window and longest lag fit
_FINE = 4  # lags are looked at in quarters of a sample, or high voices fall between two of them
_LOWEST_HZ, _HIGHEST_HZ = 65.0, 420.0
_VOICED = 0.55  # normalised autocorrelation above which a hop counts as voiced
_SILENCE_DB = -75.0

_SYLLABLE = 6  # hops: half width of the smoothing that leaves one bump per syllable
_NEIGHBOURS = 12  # hops each side in which a stressed syllable is the highest
_CONTEXT = 40  # hops of the neighbouring blocks that the stress detector looks at
_LEAD = 8  # hops that a stress is reported early: a nod needs that long to arrive


def _lowpass(taps: int = 32) -> np.ndarray:
    """Windowed sinc with its cut at 1.7 kHz for the decimation to 4 kHz."""
    n = np.arange(taps) - (taps - 1) / 2
    kernel = np.sinc(2 * 1700 / SAMPLE_RATE * n) * np.hamming(taps)
    return (kernel / kernel.sum()).astype(np.float32)


_TAPS = _lowpass()
_HANN = np.hanning(_WINDOW + 2)[1:-1].astype(np.float32)
_BELL = np.hanning(2 * _SYLLABLE + 3)[1:-1] / np.hanning(2 * _SYLLABLE + 3).sum()
_LAGS = np.arange(int(_FINE * _RATE / _HIGHEST_HZ), int(np.ceil(_FINE * _RATE / _LOWEST_HZ)) + 1)


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
    score = auto[:, _LAGS] - 0.03 * np.log2(_LAGS / _LAGS[0])
    # Only true peaks: the slope down from lag zero must not win for a high formant.
    peak = (auto[:, _LAGS] >= auto[:, _LAGS - 1]) & (auto[:, _LAGS] >= auto[:, _LAGS + 1])
    best = _LAGS[np.argmax(np.where(peak, score, -1.0), axis=1)]
    rows = np.arange(len(windows))
    semitones = 12 * np.log2(_RATE * _FINE / best)
    return semitones.astype(np.float32), np.clip(auto[rows, best], 0, 1).astype(np.float32)


class Prosody:
    """Reads a voice forward and gives features per video frame.

    samples: (n,) float32 mono at 16 kHz; it is read block by block and never copied as a whole. Frames beyond
    the end are silent.
    """

    def __init__(self, samples: np.ndarray, fps: int) -> None:
        if samples.ndim != 1:
            raise ValueError(f"samples have shape {samples.shape}; one channel is needed")
        self._samples = samples
        self._fps = fps
        self._frame = 0
        self._next_block = 0
        self._level, self._floor = self._first_levels()
        self._past_pitch: list[np.ndarray] = []
        self._reference: float | None = None
        self._typical_stress = 0.25
        self._last_stress = -_BLOCK
        # Rows: loudness, pitch, voiced. Three blocks: one before, the one being cut into frames, one after.
        before, now, after = np.zeros((3, _BLOCK)), self._read_block(), self._read_block()
        self._blocks = [before, now, after]
        self._stress = self._find_stress(0)
        self._done = np.zeros((0, 4))  # finished hops that wait to become frames
        self._done_from = 0

    def read(self, frames: int) -> np.ndarray:
        """The features of the next `frames` frames: (frames, 4) float32, columns as PROSODY_CHANNELS.

        Row i stands for the interval [i/fps, (i+1)/fps) of the sound.
        loudness: 0 background, about 1 the loudest syllables of the last seconds.
        pitch: semitones above the speaker's running median, within -12..12; 0 where unvoiced.
        voiced: share of the frame that is voiced, 0..1.
        stress: 0, or 0..1 on the one frame where a stressed syllable is about to reach its peak.
        """
        rows = np.empty((frames, 4), np.float32)
        for k in range(frames):
            first = self._frame * HOPS_PER_SECOND // self._fps
            last = max(first + 1, (self._frame + 1) * HOPS_PER_SECOND // self._fps)
            while self._done_from + len(self._done) < last:
                self._finish_block()
            loudness, pitch, voiced, stress = self._done[first - self._done_from : last - self._done_from].T
            share = voiced.mean()
            rows[k] = loudness.mean(), pitch.sum() / max(voiced.sum(), 1.0), share, stress.max()
            self._frame += 1
        keep = self._frame * HOPS_PER_SECOND // self._fps - self._done_from
        self._done, self._done_from = self._done[keep:], self._done_from + keep
        return rows

    # The sound, on the grid of hops

    def _low_band(self, first: int, count: int) -> np.ndarray:
        """`count` samples at 4 kHz from index `first` (which may lie outside the sound: zeros)."""
        start = first * _DECIMATION - len(_TAPS) // 2
        stop = (first + count - 1) * _DECIMATION - len(_TAPS) // 2 + len(_TAPS)
        piece = np.zeros(stop - start, np.float32)
        a, b = max(start, 0), min(stop, len(self._samples))
        if a < b:
            piece[a - start : b - start] = self._samples[a:b]
        return np.lib.stride_tricks.sliding_window_view(piece, len(_TAPS))[::_DECIMATION] @ _TAPS

    def _decibels(self, low: np.ndarray) -> np.ndarray:
        """Level per hop of a low band that starts one sample early; rumble is differenced away."""
        lively = low[1:] - 0.9 * low[:-1]
        energy = np.square(lively.reshape(-1, _HOP_LOW)).mean(axis=1)
        return np.maximum(10 * np.log10(energy + 1e-12), _SILENCE_DB)

    def _first_levels(self) -> tuple[float, float]:
        """Speech level and background in dB to start with, from the first two seconds."""
        decibels = self._decibels(self._low_band(-1, 2 * _RATE + 1))
        level = float(np.percentile(decibels, 95))
        return level, min(float(np.percentile(decibels, 5)), level - 25)

    def _read_block(self) -> np.ndarray:
        first = self._next_block * _BLOCK * _HOP_LOW
        self._next_block += 1
        margin = (_WINDOW - _HOP_LOW) // 2 + 2 * _HOP_LOW
        low = self._low_band(first - margin, _BLOCK * _HOP_LOW + 2 * margin)
        decibels = self._decibels(low[margin - 1 : len(low) - margin])
        windows = np.lib.stride_tricks.sliding_window_view(low, _WINDOW)[::_HOP_LOW]
        semitones, strength = pitch_of(windows)  # two hops more on each side than the block
        near = np.lib.stride_tricks.sliding_window_view(semitones, 5)
        smooth = np.median(near, axis=1)
        strength = strength[2:-2]

        loudness = np.empty(_BLOCK)
        for j, value in enumerate(decibels.tolist()):
            # The level jumps up and sinks by 1 dB/s; the background drops at once and rises by 2 dB/s.
            self._level += (value - self._level) * 0.2 if value > self._level else -0.01
            self._floor += (value - self._floor) * 0.3 if value < self._floor else 0.02
            self._level = max(self._level, -60.0)
            self._floor = min(max(self._floor, self._level - 40), self._level - 25)
            loudness[j] = (value - self._floor) / (self._level - self._floor)
        loudness = np.clip(loudness, 0, 1.2)

        steady = np.abs(semitones[2:-2] - smooth) < 1.5  # a lone jump is noise, not a voice
        voiced = (strength > _VOICED) & (loudness > 0.25) & steady
        return np.stack([loudness, self._relative(smooth, voiced), voiced.astype(float)])

    def _relative(self, semitones: np.ndarray, voiced: np.ndarray) -> np.ndarray:
        """Pitch against the median of the last eight seconds; the reference glides within a block."""
        self._past_pitch = [*self._past_pitch[-7:], semitones[voiced]]
        known = np.concatenate(self._past_pitch)
        if len(known) == 0:
            return np.zeros(_BLOCK)
        median = float(np.median(known))
        reference = np.linspace(median if self._reference is None else self._reference, median, _BLOCK)
        self._reference = median
        return np.where(voiced, np.clip(semitones - reference, -12, 12), 0.0)

    # Stress

    def _finish_block(self) -> None:
        """Move the block in the middle to the finished hops, with its stresses led by `_LEAD`."""
        following = self._read_block()
        self._blocks = [self._blocks[1], self._blocks[2], following]
        index = self._next_block - 2  # of the new middle block
        stress = self._find_stress(index)
        joined = np.concatenate([self._stress, stress])[_LEAD : _LEAD + _BLOCK]
        self._stress = stress
        hops = np.concatenate([self._blocks[0].T, joined[:, None]], axis=1)
        self._done = np.concatenate([self._done, hops])

    def _find_stress(self, index: int) -> np.ndarray:
        """Stressed syllables of the middle block: (100,) with 0..1 on their peaks and 0 elsewhere.

        A syllable is a local maximum of the smoothed loudness. Its prominence is how far it rises above
        the second around it, raised by a pitch above the speaker's usual one; only those that are not
        weaker than most before them count, and never two within a quarter of a second.
        """
        loudness, pitch, voiced = np.concatenate(
            [self._blocks[0][:, -_CONTEXT:], self._blocks[1], self._blocks[2][:, :_CONTEXT]], axis=1
        )
        bumps = np.convolve(loudness, _BELL, mode="same")
        spoken = np.convolve(voiced, _BELL, mode="same")
        accent = np.convolve(pitch, _BELL, mode="same") / np.maximum(spoken, 0.3)
        result = np.zeros(_BLOCK)
        for j in range(_CONTEXT, _CONTEXT + _BLOCK):
            near = bumps[j - _NEIGHBOURS : j + _NEIGHBOURS + 1]
            hop = index * _BLOCK + j - _CONTEXT
            if bumps[j] < near.max() or bumps[j] < 0.4 or hop - self._last_stress < 25:
                continue
            if voiced[j - 3 : j + 4].mean() < 0.4:
                continue  # a nod on a cough or a hiss looks wrong
            rise = bumps[j] - bumps[j - 30 : j + 31].mean()
            prominence = rise + 0.04 * float(np.clip(accent[j], -4, 6))
            if prominence < 0.8 * self._typical_stress:
                self._typical_stress += 0.05 * (prominence - self._typical_stress)
                continue
            strength = 0.55 * prominence / max(self._typical_stress, 0.12)
            result[j - _CONTEXT] = float(np.clip(strength, 0.2, 1.0))
            self._typical_stress += 0.15 * (prominence - self._typical_stress)
            self._last_stress = hop
        return result
