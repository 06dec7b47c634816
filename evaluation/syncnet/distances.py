"""Computes Sync-C, Sync-D and the offset from embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.metric_options import VSHIFT

EPSILON = np.float32(1e-6)
"""Added to every difference, as torch's pairwise distance does."""


@dataclass(frozen=True, eq=False)
class SyncScore:
    """The result of one face track.

    distances: (T, 2 * vshift + 1) float32 between each frame window and the sound around it.
    curve: (2 * vshift + 1,) float32, their mean per shift. best: the index of its smallest value.
    frame_confidence: (T,) float32, median minus value at the best shift, per window.
    """

    distances: np.ndarray
    curve: np.ndarray
    best: int
    vshift: int

    @property
    def offset(self) -> int:
        """Frames by which the sound is ahead of the video (0 is right; below 0 it is behind)."""
        return self.vshift - self.best

    @property
    def minimum(self) -> float:
        """Sync-D as its authors and Wav2Lip define it: the smallest value of the curve."""
        return float(self.curve[self.best])

    @property
    def mean(self) -> float:
        """The mean of the whole matrix, which published tables with values of 13 to 14 seem to contain."""
        return float(self.distances.mean(dtype=np.float64))

    @property
    def confidence(self) -> float:
        """Sync-C: how far the curve's middle value lies above the smallest."""
        return float(_lower_median(self.curve) - self.curve[self.best])


def score(lips: np.ndarray, sounds: np.ndarray, vshift: int = VSHIFT) -> SyncScore:
    """Compare (T, 1024) float32 embeddings of frames with those of the sound, T >= 1.

    Beyond both ends the sound's embeddings count as zeros, as in the original, so that the ends of the curve
    contain a few distances to zeros.
    """
    return score_of(distances(lips, np.pad(sounds, ((vshift, vshift), (0, 0))), vshift))


def distances(lips: np.ndarray, around: np.ndarray, vshift: int) -> np.ndarray:
    """(T, 2 * vshift + 1) float32 of (T, 1024) windows; around: the sound's from vshift before to behind."""
    found = np.empty((len(lips), 2 * vshift + 1), np.float32)
    for shift in range(2 * vshift + 1):
        difference = lips - around[shift : shift + len(lips)] + EPSILON
        found[:, shift] = np.sqrt(np.square(difference).sum(axis=1))
    return found


def score_of(found: np.ndarray) -> SyncScore:
    """The score of (T, 2 * vshift + 1) distances, T >= 1."""
    curve = found.mean(axis=0, dtype=np.float32)
    return SyncScore(found, curve, int(curve.argmin()), (found.shape[1] - 1) // 2)


def smoothed(values: np.ndarray, width: int = 9) -> np.ndarray:
    """A running median, ends padded with zeros; the original only prints it."""
    half = width // 2
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, half), width)
    return np.median(windows, axis=1).astype(values.dtype)


def _lower_median(values: np.ndarray) -> np.floating:
    """The median; for an even number of values the lower of the two middle ones, as in torch."""
    return np.sort(values)[(len(values) - 1) // 2]
