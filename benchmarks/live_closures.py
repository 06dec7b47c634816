"""How many closed lips a live session keeps, and how many it adds, by its look-ahead:
python -m benchmarks.live_closures

A video of the same voice is the measure. The voices are of people and machines, and held out from training.
"""

from __future__ import annotations

import math
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, parser, report, tell
from benchmarks.lipsync_voices import VOICES, sounding

RATE, FPS = 16000, 25
SYNTHETIC = ("english", "mandarin")
"""Groups of held-out sentences that are synthesised by rule, and need nothing to be prepared."""
SENTENCES = 6
"""Of each of these groups; they are said twice."""
SECONDS = 120.0
"""Of each voice of the other groups."""
GOALS: dict[int, tuple[float | None, float | None]] = {
    40: (None, None),
    80: (0.98, 0.12),
    100: (0.98, 0.12),
}
"""By look-ahead in milliseconds: the least share to be kept, and the largest to be added: as large as that of
all false closures in `benchmarks.lipsync`."""
CLOSED = 0.5


@dataclass(frozen=True)
class SpokenRecording:
    """A recording. samples: (n,) float32 at 16 kHz. closures, tongue: the frames of every p, b and m in it,
    and of the middle of every sound of the tongue.
    """

    samples: np.ndarray
    closures: list[slice]
    tongue: list[slice] = field(default_factory=list)


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


def synthetic(group: str) -> Iterator[SpokenRecording]:
    """Sentences one after another."""
    from benchmarks.lipsync import speak

    samples, spoken = speak(group, SENTENCES)
    yield SpokenRecording(
        samples, [slice(int(start * FPS), int(end * FPS) + 1) for start, end in spoken.closures]
    )


def natural(group: str, cache: Path) -> Iterator[SpokenRecording]:
    """Recordings of each voice of a prepared group, of which running speech counts."""
    from media.spoken_sounds import running

    for strips in sounding(group, cache, SECONDS).values():
        for samples, sounds in strips:
            closures, tongue = [], []
            for kind, start, end in running(sounds):
                if kind == "p b m":
                    closures.append(slice(int(start * FPS), int(end * FPS) + 1))
                elif kind == "tongue":  # the frames whose middles lie in its middle 60 %
                    edge = 0.2 * (end - start)
                    first, last = (math.ceil(at * FPS - 0.5) for at in (start + edge, end - edge))
                    tongue += [slice(first, last)] if last > first else []
            yield SpokenRecording(samples, closures, tongue)


def shut(closure: np.ndarray, moments: list[slice]) -> list[bool]:
    """Whether the lips are closed in each moment, by the closure of every frame."""
    return [bool(closure[one].max(initial=0.0) > CLOSED) for one in moments]


def figures_of(group: str, recordings: Iterator[SpokenRecording]) -> Iterator[Figure]:
    """Shares of the p, b and m that are closed in a video which are closed in a live session, too; and of the
    sounds of the tongue that are open in a video which are closed in a live session.
    """
    from engines.preview.mouth import CHANNELS, VoiceToMouth

    closure, network = CHANNELS.index("closure"), VoiceToMouth()
    kept: dict[int, list[bool]] = {ahead: [] for ahead in GOALS}
    added: dict[int, list[bool]] = {ahead: [] for ahead in GOALS}
    for one in recordings:
        frames = len(one.samples) * FPS // RATE
        video = np.concatenate(list(network.stream(one.samples, FPS, frames)))[:, closure]
        closures, tongue = shut(video, one.closures), shut(video, one.tongue)
        for ahead in GOALS:
            live = live_rows(one.samples, ahead)[:, closure]
            kept[ahead] += compress(shut(live, one.closures), closures)
            added[ahead] += compress(shut(live, one.tongue), np.logical_not(tongue))
    for ahead, (least, _) in GOALS.items():
        name = f"{group}: closures kept with {ahead} ms ahead ({len(kept[ahead])})"
        yield Figure(name, float(np.mean(kept[ahead])), "", least)
    for ahead, (_, most) in GOALS.items():
        if added[ahead]:
            name = f"{group}: closures added with {ahead} ms ahead ({len(added[ahead])})"
            yield Figure(name, float(np.mean(added[ahead])), "", most, at_least=False)


def closure_figures(cache: Path) -> Iterator[Figure]:
    """The figures of every group that is there. cache: folder of recorded and neural voices."""
    from training.visemes.natural import is_measurable

    for group in VOICES:
        if is_measurable(group, cache):
            yield from figures_of(group, natural(group, cache))
        else:
            tell(f"The {group} voices are not prepared; benchmarks.lipsync --group {group} prepares them.")
    for group in SYNTHETIC:
        yield from figures_of(f"{group}, by rule", synthetic(group))


def add_cache(arguments: ArgumentParser) -> None:
    """Add the argument that says where the prepared voices are."""
    arguments.add_argument(
        "--cache", type=Path, default=Path(".cache/visemes"), help="folder of recorded and neural voices"
    )


def main() -> int:
    arguments = parser(__doc__ or "")
    add_cache(arguments)
    chosen = arguments.parse_args()
    return report(closure_figures(chosen.cache), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
