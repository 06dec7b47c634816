"""The part of `benchmarks.joyvasa` about memory: the peak of whole jobs against the length of the voice.

Networks are tiny, so that ten minutes are rendered in minutes; what grows with the voice does not depend on
their size. Every job runs in a new process and writes its video.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.joyvasa_job import in_new_process
from benchmarks.speed import PORTRAIT, make_voice
from engines.joyvasa.weights.catalogue import folder
from engines.joyvasa.weights.random_weights import synthesize

SECONDS = (4, 40, 600)
GROWTH = 80.0
"""Megabytes. The samples of ten minutes are 38 of them, their motion and voice activity a few more."""


def figures(*, rounds: int, threads: int, short: bool = False) -> Iterator[Figure]:
    """Peak resident size per length, then the additional memory of the longest over the shortest."""
    peaks = {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for _ in synthesize(folder(work / "weights"), "tiny"):
            pass
        for seconds in SECONDS[:-1] if short else SECONDS:
            voice = make_voice(seconds, work / "voice.wav")
            facts = in_new_process(work / "weights", threads, "whole", PORTRAIT, voice, work)
            if facts["frames"] != seconds * 25:
                raise RuntimeError(f"{seconds} s of voice became {facts['frames']:g} frames")
            peaks[seconds] = facts["peak_mb"]
            yield Figure(f"peak memory, {seconds} s of voice, tiny networks", peaks[seconds], "MB")
    least, most = min(peaks), max(peaks)
    growth = peaks[most] - peaks[least]
    yield Figure(f"{most} s need more than {least} s", growth, "MB", GROWTH, at_least=False)
