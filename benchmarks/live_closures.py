"""How many closed lips a live session keeps, by its look-ahead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.figures import Figure

RATE, FPS = 16000, 25
GROUPS = ("english", "mandarin")
SENTENCES = 6
"""Held-out sentences of each group, which are said twice."""
LOOK_AHEADS = (40, 80, 100)
CLOSED = 0.5


def live_rows(samples: np.ndarray, look_ahead_ms: int) -> np.ndarray:
    """(frames, 7): the mouth of a live session that hears so far ahead."""
    from engines.preview.engine import PreviewEngine
    from engines.preview.live.hearing import Hearing

    size, ahead = RATE // FPS, look_ahead_ms * RATE // 1000
    hearing = Hearing(PreviewEngine().network_for(look_ahead_ms / 1000), FPS)
    rows = []
    for start in range(0, len(samples) - size + 1, size):
        coming = samples[start + size : start + size + ahead]
        rows.append(hearing.rows(samples[start : start + size], coming, ended=len(coming) < ahead)[0])
    return np.stack(rows)


def closure_figures() -> Iterator[Figure]:
    """Shares of the p, b and m that are closed in a video which are closed in a live session, too."""
    from benchmarks.lipsync import speak
    from engines.preview.mouth import CHANNELS, VoiceToMouth

    closure = CHANNELS.index("closure")
    kept, asked = dict.fromkeys(LOOK_AHEADS, 0), 0
    for group in GROUPS:
        samples, spoken = speak(group, SENTENCES)
        frames = len(samples) * FPS // RATE
        whole = np.concatenate(list(VoiceToMouth().stream(samples, FPS, frames)))[:, closure]
        moments = [slice(int(start * FPS), int(end * FPS) + 1) for start, end in spoken.closures]
        shut = [one for one in moments if whole[one].max(initial=0.0) > CLOSED]
        asked += len(shut)
        for ahead in LOOK_AHEADS:
            live = live_rows(samples, ahead)[:, closure]
            kept[ahead] += sum(live[one].max(initial=0.0) > CLOSED for one in shut)
    for ahead, count in kept.items():
        yield Figure(f"closures kept with {ahead} ms of look-ahead ({asked})", count / max(asked, 1))
