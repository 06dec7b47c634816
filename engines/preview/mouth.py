"""Voice to mouth: what the lips and the jaw do, per video frame, read from the sound alone.

No torch and no runtime: log-mel features, a small convolution network in numpy, pooling to video frames.
How the network was made and what it reaches is written in VISEMES.md beside this file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engines.preview.features import HOP, MEMORY, SAMPLE_RATE, WINDOW, mel_power, normalise
from engines.preview.network import Network
from engines.preview.running_features import SILENCE, RunningFeatures
from engines.preview.running_network import RunningNetwork

CHANNELS = ("jaw", "closure", "rounding", "spreading", "lip_teeth", "voice", "tongue")
"""Columns of every result, all 0..1: jaw 1 = widest /a/; closure 1 = lips pressed, also in silence;
rounding 1 = /u/; spreading 1 = /i/; lip_teeth 1 = /f/; voice 1 = someone speaks; tongue 1 = its tip is at the
upper teeth, as in /t/, /n/, /l/ and /s/."""

FRAME_RATE = SAMPLE_RATE // HOP
"""Network frames per second: 100."""

_WEIGHTS = Path(__file__).with_name("visemes.safetensors")
LIVE_WEIGHTS = Path(__file__).with_name("visemes-live.safetensors")
"""The same network with a shorter look-ahead, for a voice that is still arriving."""
_CLOSURE = CHANNELS.index("closure")


class VoiceToMouth:
    """The trained network. Keeps only weights, so one instance can serve any number of jobs at once."""

    def __init__(self, weights: Path = _WEIGHTS) -> None:
        """Read the weights. Raises FileNotFoundError if the file is missing."""
        self.network = Network.read(weights)
        self.behind: int = self.network.behind
        """Number of previous frames that a frame depends on, besides those for its level."""
        self.look_ahead: float = (self.network.ahead * HOP + WINDOW // 2) / SAMPLE_RATE
        """Seconds of sound after the middle of a network frame on which the frame depends."""
        self.after_hop: float = self.look_ahead - HOP / 2 / SAMPLE_RATE
        """The same, after the network frame's end."""
        self._begun: RunningNetwork | None = None

    def curves(self, samples: np.ndarray, start: int, stop: int) -> np.ndarray:
        """The channels for network frames start..stop-1 (100 per second).

        samples: (n,) float32 mono at 16 kHz. Returns (stop - start, 7) float32, 0..1, and a tongue that stays
        at 0 if the network was trained without it. A frame's value does not depend on the other requested
        frames.
        """
        power = mel_power(samples, start - self.behind - MEMORY, stop + self.network.ahead)
        return with_tongue(self.network(normalise(power)[MEMORY:], start - self.behind))

    def begin(self, heard: int = 0) -> tuple[RunningFeatures, RunningNetwork]:
        """The features and the network of a voice that begins now, after `heard` samples of silence."""
        features = RunningFeatures(heard)
        if heard:
            return features, RunningNetwork(self.network, SILENCE, features.hop)
        if self._begun is None:
            self._begun = RunningNetwork(self.network, SILENCE, features.hop)
        return features, self._begun.copy()

    def stream(
        self,
        samples: np.ndarray,
        fps: int,
        frames: int,
        *,
        window: float = 6.0,
        first_window: float = 1.0,
    ) -> Iterator[np.ndarray]:
        """Yield the channels of `frames` video frames, in order, in pieces of (k, 7) float32, 0..1.

        samples: (n,) float32 mono at 16 kHz. Row i is about the interval i/fps .. (i+1)/fps: the mean over
        it, but the maximum for closure, so that a short p, b or m is not lost between two frames. The first
        piece covers `first_window` seconds and leaves early, the others `window` seconds; memory does not
        grow with the recording. The result does not depend on the windows.
        """
        features, network = self.begin()
        curves, begun = np.zeros((0, len(CHANNELS)), np.float32), network.at
        done, heard, seconds = 0, 0, first_window
        while done < frames:
            until = min(frames, done + max(1, round(seconds * fps)))
            first, last = hops_of(fps, done, until)
            needed = features.missing(int(last[-1]) + self.network.ahead - features.hop)
            sound = samples[heard : heard + needed]
            known, _ = features.hear(np.concatenate([sound, np.zeros(needed - len(sound), np.float32)]))
            curves = np.concatenate([curves, with_tongue(network(known))])
            yield pooled(curves, first - begun, last - begun)
            low = hops_of(fps, until, until + 1)[0][0]
            curves, begun = curves[low - begun :], low
            done, heard, seconds = until, heard + needed, window


def with_tongue(curves: np.ndarray) -> np.ndarray:
    """Curves with all channels: a network that was trained without the tongue gives one fewer."""
    missing = len(CHANNELS) - curves.shape[1]
    return np.pad(curves, ((0, 0), (0, missing))) if missing else curves


def hops_of(fps: int, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last (exclusive) network frame of the video frames start..stop-1, (n,) integers each.

    A network frame belongs to the video frame in which its middle lies; above 100 fps, to the nearest.
    """
    edges = np.ceil(np.arange(start, stop + 1) * FRAME_RATE / fps - 0.5).astype(int)
    return edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)


def pooled(curves: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """One row per video frame: the mean over its network frames, but the maximum for closure.

    curves: (n, 7). first, last: as from `hops_of`, counted from the first curve. Returns (k, 7) float32.
    """
    rows = np.empty((len(first), curves.shape[1]))
    counts = last - first
    for count in set(counts.tolist()):
        some = counts == count
        spans = curves[first[some, None] + np.arange(count)]
        rows[some] = spans.mean(axis=1, dtype=np.float64)
        rows[some, _CLOSURE] = spans[:, :, _CLOSURE].max(axis=1)
    return np.clip(rows, 0.0, 1.0).astype(np.float32)
