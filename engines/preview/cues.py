"""From the voice's channels to a list of mouth shapes, contiguous and none too short to be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from engines.preview.mouth import CHANNELS, FRAME_RATE
from media.performance.visemes import VISEMES, VisemeCue

JAW, CLOSURE, ROUNDING, SPREADING, LIP_TEETH, VOICE, TONGUE = range(len(CHANNELS))

CLOSED = 0.5
"""Closure from which the lips are together: the middle of its rise and fall around p, b and m."""
WIDE, OPEN = 0.62, 0.3
"""Openings of the jaw from which a vowel is an a, and from which it is an e."""
ROUND = 0.5
AT_TEETH = 0.5
TONGUE_UP = 0.5
SHORTEST = {"PP": 0.03, "sil": 0.12}
"""Seconds. A shorter closure is noise of the network; a shorter silence is a part of a sound."""
SHORTEST_OTHER = 0.06
"""The same for the other shapes: shorter ones flicker at 24 frames per second."""
SMOOTHED = 5
"""Network frames over which everything but closure and voice is averaged."""


def find_cues(blocks: Iterable[np.ndarray], duration: float) -> Iterator[VisemeCue]:
    """The mouth shapes of a voice, from 0 to its end without a gap, no two neighbours alike.

    blocks: pieces of (k, 7) channels at FRAME_RATE, as from `VoiceToMouth.stream`. duration: seconds, to
    which the last cue reaches. Times are in hundredths of a second. Memory does not grow with the voice.
    """
    end = max(round(duration, 2), 0.01)
    for cue in _without_short_ones(_runs(blocks)):
        start, stop = cue.start / FRAME_RATE, cue.end / FRAME_RATE
        if start < end:
            yield VisemeCue(start, min(stop, end), cue.viseme)


def _runs(blocks: Iterable[np.ndarray]) -> Iterator[VisemeCue]:
    """Frames with the same shape together; times are network frames. The last one ends never too early."""
    done, begin, shape = 0, 0, -1
    for labels in map(_labels, _with_neighbours(blocks)):
        changes = np.flatnonzero(np.diff(labels, prepend=shape))
        for at in changes.tolist():
            if shape >= 0:
                yield VisemeCue(begin, done + at, VISEMES[shape])
            begin, shape = done + at, int(labels[at])
        done += len(labels)
    if shape >= 0:
        yield VisemeCue(begin, done + FRAME_RATE, VISEMES[shape])


def _with_neighbours(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Each block with SMOOTHED // 2 rows before and after it; those at the ends are repeated."""
    side = SMOOTHED // 2
    held: np.ndarray | None = None
    for block in blocks:
        if not len(block):
            continue
        rows = np.concatenate([np.repeat(block[:1], side, axis=0) if held is None else held, block])
        if len(rows) > 2 * side:
            yield rows
        held = rows[-2 * side :]
    if held is not None:
        yield np.concatenate([held, np.repeat(held[-1:], side, axis=0)])


def _labels(rows: np.ndarray) -> np.ndarray:
    """(n + SMOOTHED - 1, 7) channels to n places in VISEMES."""
    side = SMOOTHED // 2
    now = rows[side : len(rows) - side]
    mean = np.lib.stride_tricks.sliding_window_view(rows, SMOOTHED, axis=0).mean(axis=-1)
    jaw, rounding = mean[:, JAW], mean[:, ROUNDING]
    rounded = rounding > ROUND
    cases = (
        ("sil", now[:, VOICE] < 0.5),
        ("PP", now[:, CLOSURE] > CLOSED),
        ("FF", mean[:, LIP_TEETH] > AT_TEETH),
        ("O", rounded & (jaw > OPEN)),
        ("U", rounded),
        ("aa", jaw > WIDE),
        ("E", jaw > OPEN),
        ("DD", mean[:, TONGUE] > TONGUE_UP),
    )
    places = [VISEMES.index(name) for name, _ in cases]
    return np.select([mask for _, mask in cases], places, VISEMES.index("I"))


def _without_short_ones(runs: Iterable[VisemeCue]) -> Iterator[VisemeCue]:
    """The runs, with those that are too short given to a neighbour that may be longer."""
    last: VisemeCue | None = None
    waiting: VisemeCue | None = None  # a short run that the next one takes over
    for run in runs:
        if waiting is not None:
            run = run._replace(start=waiting.start)
            waiting = None
        if last is not None and run.viseme == last.viseme:
            last = last._replace(end=run.end)
        elif run.end - run.start < SHORTEST.get(run.viseme, SHORTEST_OTHER) * FRAME_RATE:
            if last is not None and (
                last.viseme not in SHORTEST or {run.viseme, last.viseme} == set(SHORTEST)
            ):
                last = last._replace(end=run.end)
            else:
                waiting = run
        else:
            if last is not None:
                yield last
            last = run
    if last is not None:
        yield last._replace(end=waiting.end) if waiting is not None else last
