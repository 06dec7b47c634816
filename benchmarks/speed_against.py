"""Compares this build with another one, for benchmarks.speed --against.

Both run the same jobs in turns, so that a busy machine slows both down, and the smallest processor time of
each counts. The portrait moves as in older builds, without breath and glances. What the processor saves must
not be taken from the video: its size, and how near the decoded luma comes to what was painted, are compared,
too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import ROOT, Figure

MOST_BYTES = 1.1
LEAST_GAIN = -0.2
"""dB."""
LATEST = 1.05
"""Of the other build's time to the first frames; a twentieth is what the clock of a busy machine hides."""


@dataclass(frozen=True)
class VideoQuality:
    """The bytes of a video's frames, and their PSNR in dB: of the whole luma, and of what moves."""

    bytes: int
    whole: float
    moving: float


def video_of(build: Path, portrait: Path, voice: Path, folder: Path) -> VideoQuality:
    """Run a job in another build's code. Raises CalledProcessError when it fails."""
    script = ROOT / "benchmarks" / "painted_and_decoded.py"
    done = subprocess.run(
        [sys.executable, "-P", str(script), str(portrait), str(voice), str(folder)],
        cwd=build,
        env=os.environ | {"PYTHONPATH": str(build)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return VideoQuality(**json.loads(done.stdout.splitlines()[-1]))


def against(
    build: Path, jobs: dict[str, tuple[Path, Path, float]], folder: Path, runs: int
) -> Iterator[Figure]:
    """Ratios of this build's figures to those of the build in another folder.

    jobs: by name, a portrait, a voice, and the ratio of processor times to stay below.
    """
    from benchmarks.speed import measure

    output = folder / "out.mp4"
    for name, (portrait, voice, most) in jobs.items():
        turns = [
            (measure(portrait, voice, output, build=build), measure(portrait, voice, output, "older"))
            for _ in range(runs)
        ]
        other, own = (min(run.processor for run in side) for side in zip(*turns, strict=True))
        yield Figure(f"{name}: processor time", own, "s")
        yield Figure("  in the other build", other, "s")
        yield Figure("  ratio", own / other, "x", most, at_least=False)
        other, own = (min(run.first_chunk for run in side) for side in zip(*turns, strict=True))
        yield Figure("  first frames after", own, "s")
        yield Figure("  relative to the other build", own / other, "x", LATEST, at_least=False)
        theirs, ours = (video_of(code, portrait, voice, folder) for code in (build, ROOT))
        yield Figure("  size of the video", ours.bytes / theirs.bytes, "x", MOST_BYTES, at_least=False)
        yield Figure("  PSNR of the luma", ours.whole - theirs.whole, "dB", LEAST_GAIN)
        yield Figure("  PSNR of the luma that moves", ours.moving - theirs.moving, "dB", LEAST_GAIN)
