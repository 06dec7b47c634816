"""The parts of `benchmarks.joyhallo` about memory on the host: loading, one clip, and the length of a voice.

Everything is loaded and every job runs in a new process; jobs write their videos.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import joyhallo_loading
from benchmarks.figures import Figure
from benchmarks.joyhallo_job import in_new_process
from benchmarks.speed import PORTRAIT, make_voice
from engines.joyhallo.networks.builders import Size
from engines.joyhallo.weights.catalogue import folder
from engines.joyhallo.weights.random_weights import synthesize

LOADING = 1.3
"""Times the networks' own size."""
MOST = 24.0
"""GiB of memory of the machine on which one clip must be possible."""
CLIP_SECONDS = 16 / 25
GIB = 2**30
SECONDS = (4, 90, 600)
"""Lengths of the voice; from one minute on, it is encoded in chunks."""
GROWTH = 80.0
"""Megabytes. The samples of ten minutes are 38 of them."""
QUICK = {"resolution": 256, "inference_steps": 1, "cfg_scale": 1.0}
"""Tiny networks paint a smaller square than the options say: 64x64."""


def figures(*, threads: int, root: Path | None = None) -> Iterator[Figure]:
    """Networks of full size: loading them, then a clip at 256x256 in one guided step.

    root: of weights that are there; without it, a full set of random weights is generated, which takes 6 GB
    and a minute or two.
    """
    with weights_of("full", root) as (home, work):
        loaded = joyhallo_loading.in_new_process(home, "bf16")
        size = loaded["size"]
        yield Figure("the five networks in bfloat16", size / GIB, "GiB")
        yield Figure("  reading them", loaded["seconds"], "s")
        ratio = loaded["peak"] / size
        yield Figure("  peak of the process, times their size", ratio, "x", LOADING, at_least=False)
        voice = make_voice(CLIP_SECONDS, work / "voice.wav")
        facts = in_new_process(home, threads, PORTRAIT, voice, work, resolution=256, inference_steps=1)
        checked(facts, 16)
        yield Figure("one clip at 256x256, 1 step, with all loading", facts["seconds"], "s")
        yield Figure("  processor time", facts["processor"], "s")
        yield Figure("  first frames", facts["first"], "s")
        yield Figure("  peak memory", facts["peak_mb"] / 1024, "GiB", MOST, at_least=False)


def length(*, threads: int, short: bool = False, seconds: tuple[float, ...] = SECONDS) -> Iterator[Figure]:
    """Tiny networks: peak of whole jobs per length of the voice, and the additional memory of the longest.

    The growth with the voice does not depend on the networks' size. short: without the longest.
    """
    peaks = {}
    with weights_of("tiny", None) as (home, work):
        for long in seconds[:-1] if short else seconds:
            voice = make_voice(long, work / "voice.wav")
            facts = in_new_process(home, threads, PORTRAIT, voice, work, **QUICK)
            checked(facts, round(long * 25))
            peaks[long] = facts["peak_mb"]
            yield Figure(f"peak memory, {long:g} s of voice, tiny networks", peaks[long], "MB")
    least, most = min(peaks), max(peaks)
    growth = peaks[most] - peaks[least]
    yield Figure(f"{most:g} s need more than {least:g} s", growth, "MB", GROWTH, at_least=False)


@contextmanager
def weights_of(size: Size, root: Path | None) -> Iterator[tuple[Path, Path]]:
    """A root of weights, random ones where none is given, and a folder to write into."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        if root is None:
            root = work / "weights"
            for _ in synthesize(folder(root), size):
                pass
        yield root, work


def checked(facts: dict[str, float], frames: int) -> None:
    """Raises RuntimeError unless a job made `frames` frames."""
    if facts["frames"] != frames:
        raise RuntimeError(f"{frames} frames were asked for, {facts['frames']:g} were made")
