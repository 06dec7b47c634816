"""Measures the cost of decoding visitors' files in separate processes: python -m benchmarks.decoding

Each file is opened in this process and in a child in turn, with everything warm, as on a page that has been
used before. The figures are those of the fastest of many turns; their difference is what a visitor waits
longer.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, report_from_a_folder
from benchmarks.speed import make_portrait, make_voice
from media.decoding.decoding import DIRECT, Decoding
from media.decoding.isolated import IsolatedDecoding
from media.voice import open_voice

RUNS = 30
MORE_MS = 60.0


def milliseconds(open_it: Callable[[], object]) -> float:
    """The time of one opening."""
    began = time.perf_counter()
    open_it()
    return 1000 * (time.perf_counter() - began)


def compared(open_it: Callable[[Decoding], object], isolated: Decoding) -> tuple[float, float]:
    """The fastest openings, direct and isolated in turn, as on a machine that is not busy."""
    open_it(DIRECT), open_it(isolated)
    turns = [
        (milliseconds(lambda: open_it(DIRECT)), milliseconds(lambda: open_it(isolated))) for _ in range(RUNS)
    ]
    direct, apart = zip(*turns, strict=True)
    return min(direct), min(apart)


def figures(folder: Path) -> Iterator[Figure]:
    """Measure, one figure after the other."""
    isolated = IsolatedDecoding()
    began = time.perf_counter()
    small = make_portrait(512, folder / "512.png")
    isolated.picture_size(small)
    yield Figure("the first file, with the start of the helper", 1000 * (time.perf_counter() - began), "ms")
    for path in (small, make_portrait(1280, folder / "1280.png")):
        direct, apart = compared(lambda how, path=path: how.open_picture(path, 1280), isolated)  # type: ignore[misc]
        yield Figure(f"a portrait of {path.stem} pixels, in this process", direct, "ms")
        yield Figure("  longer in a child", apart - direct, "ms", MORE_MS, at_least=False)
    for seconds in (10.0, 600.0):
        voice = make_voice(seconds, folder / f"{seconds:g}.wav")
        direct, apart = compared(lambda how, path=voice: open_voice(path, decoding=how), isolated)  # type: ignore[misc]
        yield Figure(f"a voice of {seconds:g} s, in this process", direct, "ms")
        yield Figure("  longer in a child", apart - direct, "ms", MORE_MS if seconds < 60 else None, False)
    isolated.close()


if __name__ == "__main__":
    sys.exit(report_from_a_folder(__doc__ or "", figures))
