"""How many closed lips of recorded voices a live session keeps, by its look-ahead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure

RATE, FPS = 16000, 25
SECONDS = 60.0
"""Of each voice."""
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


def closure_figures(cache: Path) -> Iterator[Figure]:
    """Shares of the p, b and m that are closed in a video which are closed in a live session, too."""
    from engines.preview.mouth import CHANNELS, VoiceToMouth
    from training.visemes.natural import measured
    from training.visemes.strips import strips
    from training.visemes.table import BILABIAL, letters

    closure = CHANNELS.index("closure")
    kept = {ahead: [0, 0] for ahead in LOOK_AHEADS}
    for group in ("recorded", "neural"):
        for said in measured(group, cache, print).values():
            for samples, phonemes in strips(said, SECONDS, np.random.default_rng(1)):
                frames = len(samples) * FPS // RATE
                whole = np.concatenate(list(VoiceToMouth().stream(samples, FPS, frames)))[:, closure]
                moments = [
                    slice(int(start * FPS), int(end * FPS) + 1)
                    for name, start, end in phonemes
                    if letters(name)[:1] in BILABIAL and end * FPS < frames - 1
                ]
                shut = [one for one in moments if whole[one].max() > CLOSED]
                for ahead in LOOK_AHEADS:
                    live = live_rows(samples, ahead)[:, closure]
                    kept[ahead][0] += sum(live[one].max() > CLOSED for one in shut)
                    kept[ahead][1] += len(shut)
    for ahead, (count, asked) in kept.items():
        goal = 0.97 if ahead >= 80 else None
        yield Figure(
            f"closures kept with {ahead} ms of look-ahead ({asked})", count / max(asked, 1), "", goal
        )
