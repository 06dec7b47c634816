"""Detects scene cuts: a frame after which the picture is another one, not a flash, a fade or a fast pan.

Two differences of neighbouring frames decide, both measured on a thumbnail: of the colours wherever they are
(histograms), and of the arrangement of light and dark whatever its brightness (correlation).

| between two frames | colours | arrangement | neighbours |
|---|---|---|---|
| cut | large | large | small |
| cut in one scene (jump cut, other framing) | small | large | small |
| fast pan | small | large | large |
| fade | small per frame | small | small |
| flash, frame of another picture | large | any | the picture returns |
| dissolve | small per frame | small | mixed of both sides, see `following_dissolves` |
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from media.dubbing.following_dissolves import Dissolves

THUMBNAIL = (64, 36)
BINS = 6
"""Levels per colour channel of the histogram."""
COLOURS_APART = 0.35
"""Half the sum of the histograms' differences, 0..1, from which the colours are others."""
JUMP_APART = 0.12
"""1 minus the correlation from which the arrangement is another, if it stands out from its neighbours ..."""
STANDS_OUT = 4.0
"""... by this factor: a cut within one scene."""
CONTRAST = 15.0
"""Levels of 255 of contrast below which the arrangement counts less, as at the dark end of a fade."""
PAN = 1.25
"""Factor by which the arrangement changes more at a cut than around it, where a fast pan goes on."""
FLASH_SECONDS = 0.25
"""A picture that returns within this time was interrupted, not left."""
RETURNED = (0.2, 0.12)
"""Largest differences of colours and arrangement of a picture that has returned."""
STILL = (0.05, 0.03)
"""What a picture that stands still may differ by from frame to frame."""
NEIGHBOURS = 3
"""Frames to each side whose differences a jump stands out from."""


@dataclass(frozen=True)
class Changes:
    """What happens between the frames of a video.

    cuts: first frames of new shots, ascending, without 0. interruptions: (first, end) frames of each flash
    or foreign picture inside a shot; `end` is the first frame that shows the shot again. dissolves: (first,
    end) frames of each; in its middle is a cut.
    """

    cuts: tuple[int, ...]
    interruptions: tuple[tuple[int, int], ...]
    dissolves: tuple[tuple[int, int], ...] = ()

    @property
    def breaks(self) -> tuple[int, ...]:
        """First frames after anything sudden, ascending: smoothing and fading stop there."""
        inner = [frame for pair in self.interruptions for frame in pair]
        return tuple(sorted({*self.cuts, *inner}))


class SceneChanges:
    """Reads frames in order and notices sudden changes at once; `changes` decides what they were."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, np.ndarray, np.ndarray]] = deque(maxlen=32)
        self._colours = _Grown()
        self._arranged = _Grown()
        self._open: list[tuple[int, float, np.ndarray, np.ndarray]] = []
        self._interruptions: list[tuple[int, int]] = []
        self._sudden: list[int] = []
        self._dissolves = Dissolves()

    def add(self, picture: np.ndarray, time: float) -> bool:
        """Take the next (H, W, 3) uint8 frame. Returns whether it may begin a new shot."""
        number = len(self._colours)
        thumbnail, histogram = _reduced(picture)
        self._dissolves.add(thumbnail)
        if not self._recent:
            self._recent.append((time, thumbnail, histogram))
            self._colours.add(0.0)
            self._arranged.add(0.0)
            return False
        _, last, last_histogram = self._recent[-1]
        colours = _colours_apart(last_histogram, histogram)
        arranged = _arranged_apart(last, thumbnail)
        before = self._arranged.last(NEIGHBOURS)
        sudden = (colours > COLOURS_APART and arranged > JUMP_APART) or (
            arranged > JUMP_APART and arranged > STANDS_OUT * float(before.max())
        )
        sudden = sudden or colours > 2 * COLOURS_APART  # to or from an even picture
        self._close_interruption(number, time, thumbnail, histogram)
        if sudden:
            self._sudden.append(number)
            self._open.append((number, time, last, last_histogram))
        self._colours.add(colours)
        self._arranged.add(arranged)
        self._recent.append((time, thumbnail, histogram))
        return sudden

    def _close_interruption(
        self, number: int, time: float, thumbnail: np.ndarray, histogram: np.ndarray
    ) -> None:
        """Whether this frame shows again what an earlier sudden change took away."""
        self._open = [one for one in self._open if time - one[1] <= FLASH_SECONDS]
        for first, _, before, before_histogram in self._open:
            # Nearer to the picture before the change than the change itself was: a small jump within one
            # scene does not return by staying small.
            jumps = self._colours.values[first], self._arranged.values[first]
            apart = _colours_apart(before_histogram, histogram), _arranged_apart(before, thumbnail)
            if all(
                now < min(least, max(jump / 2, still))
                for now, least, jump, still in zip(apart, RETURNED, jumps, STILL, strict=True)
            ):
                self._interruptions.append((first, number))
                self._open = []
                return

    def changes(self) -> Changes:
        """The decision after the last frame."""
        colours, arranged = self._colours.values, self._arranged.values
        inside = {n for first, end in self._interruptions for n in range(first, end + 1)}
        cuts = [n for n in self._sudden if n not in inside and _is_cut(n, colours, arranged, inside)]
        dissolves = tuple(
            (first, end) for first, end in self._dissolves.ranges() if not any(first <= n < end for n in cuts)
        )
        middles = ((first + end) // 2 for first, end in dissolves)
        return Changes(tuple(sorted({*cuts, *middles})), tuple(self._interruptions), dissolves)

    @property
    def sudden(self) -> tuple[int, ...]:
        """Every frame for which `add` returned True."""
        return tuple(self._sudden)


class _Grown:
    """Numbers that are appended one by one, four bytes each."""

    def __init__(self) -> None:
        self._values = np.zeros(1024, np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, value: float) -> None:
        if self._count == len(self._values):
            self._values = np.concatenate([self._values, np.zeros_like(self._values)])
        self._values[self._count] = value
        self._count += 1

    def last(self, count: int) -> np.ndarray:
        return self._values[max(0, self._count - count) : self._count]

    @property
    def values(self) -> np.ndarray:
        return self._values[: self._count]


def _is_cut(number: int, colours: np.ndarray, arranged: np.ndarray, inside: set[int]) -> bool:
    """Whether a sudden change stands out from both sides."""
    around = [
        n
        for n in range(max(1, number - NEIGHBOURS), min(len(arranged), number + NEIGHBOURS + 1))
        if n != number and n not in inside
    ]
    usual = max((float(arranged[n]) for n in around), default=0.0)
    if arranged[number] > STANDS_OUT * usual and arranged[number] > JUMP_APART:
        return True
    usual_colours = max((float(colours[n]) for n in around), default=0.0)
    others = colours[number] > COLOURS_APART and colours[number] > 2 * usual_colours
    return bool(others and arranged[number] > PAN * usual)


def _reduced(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The thumbnail's brightness (36, 64) float32, and its colours' histogram (216,) float32 of sum 1."""
    import cv2

    step = max(1, min(picture.shape[0] // 144, picture.shape[1] // 256))
    # The same as picture[::step, ::step], in a third of its time.
    size = (-(-picture.shape[1] // step), -(-picture.shape[0] // step))
    every = np.array([[step, 0, 0], [0, step, 0]], np.float64)
    fewer = cv2.warpAffine(picture, every, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    small = cv2.resize(fewer, THUMBNAIL, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    bins = (small.astype(np.uint16) * BINS) >> 8
    index = (bins[..., 0] * BINS + bins[..., 1]) * BINS + bins[..., 2]
    histogram = np.bincount(index.ravel(), minlength=BINS**3).astype(np.float32)
    return grey, histogram / index.size


def _colours_apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).sum()) / 2


def _arranged_apart(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    noise = CONTRAST**2
    shared = float((a * b).mean()) + noise
    return 1 - shared / float(np.sqrt(((a * a).mean() + noise) * ((b * b).mean() + noise)))
