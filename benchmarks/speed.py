"""Measures time and memory: python -m benchmarks.speed

Every job runs in a new process, as a user's first one does: the wall time holds the start of Python, all
imports, the networks, rendering, encoding and the sound. A real-time factor is wall seconds per second of
voice. Memory is the peak resident size of that process.

`--against FOLDER` compares with another build instead: the folder of its code, such as a worktree of an older
commit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import EXAMPLES, ROOT, Figure, parser, report
from benchmarks.speed_against import against

PORTRAIT = EXAMPLES / "portraits" / "astronaut.png"
VOICE = EXAMPLES / "voices" / "english-man-with-pauses.wav"


@dataclass(frozen=True)
class ProcessFigures:
    """Seconds from the start of the process, seconds of all cores together, and megabytes."""

    wall: float
    processor: float
    first_chunk: float
    peak_mb: float


def make_voice(seconds: float, path: Path, voice: Path = VOICE) -> Path:
    """Write a voice, the example by default, repeated and cut to exactly `seconds`."""
    with wave.open(str(voice)) as source:
        parameters, sound = source.getparams(), source.readframes(source.getnframes())
    size = round(seconds * parameters.framerate) * parameters.sampwidth
    with wave.open(str(path), "wb") as target:
        target.setparams(parameters)
        target.writeframes((sound * (size // len(sound) + 1))[:size])
    return path


def compiling_once() -> dict[str, str]:
    """This process's environment, with which Python keeps its compiled files, as on a user's machine.

    Otherwise each job would also compile all of the program's own files.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def make_portrait(side: int, path: Path) -> Path:
    """Write the astronaut with this side in pixels."""
    from PIL import Image

    Image.open(PORTRAIT).convert("RGB").resize((side, side), Image.Resampling.LANCZOS).save(path)
    return path


def measure(portrait: Path, voice: Path, output: Path, mode: str = "", build: Path = ROOT) -> ProcessFigures:
    """Run one job in a new process. build: the code's folder. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "benchmarks.one_job", str(portrait), str(voice), str(output), mode]
    began = time.time()
    done = subprocess.run(
        command, cwd=build, env=compiling_once(), check=True, stdout=subprocess.PIPE, text=True
    )
    wall = time.time() - began
    facts = json.loads(done.stdout.splitlines()[-1])
    output.unlink()
    return ProcessFigures(wall, facts["processor"], facts["first_chunk_at"] - began, facts["peak_mb"])


def best(portrait: Path, voice: Path, output: Path, runs: int) -> ProcessFigures:
    """The fastest of several runs, as on an idle machine."""
    return min((measure(portrait, voice, output) for _ in range(runs)), key=lambda run: run.wall)


def figures(folder: Path, *, runs: int, long: bool) -> Iterator[Figure]:
    """Measure, one figure after the other."""
    output = folder / "out.mp4"
    ten = make_voice(10.0, folder / "ten.wav")
    small, large = (make_portrait(side, folder / f"{side}.png") for side in (512, 1280))

    job = best(small, ten, output, runs)
    yield Figure("10 s of voice at 512x512, from a cold start", job.wall, "s", 2.5, at_least=False)
    yield Figure("  real-time factor", job.wall / 10, "", 0.25, at_least=False)
    yield Figure("  first frames after", job.first_chunk, "s", 1.0, at_least=False)
    yield Figure("  processor time, which a busy machine changes little", job.processor, "s")
    still = measure(small, ten, output, "still")
    yield Figure("  times that of encoding a still portrait", job.processor / still.processor, "x")

    big = best(large, ten, output, runs)
    yield Figure("10 s of voice at 1280x1280: real-time factor", big.wall / 10, "", 0.8, at_least=False)
    yield Figure("  processor time", big.processor, "s")
    still = measure(large, ten, output, "still")
    yield Figure("  times that of encoding a still portrait", big.processor / still.processor, "x")
    peak = max(job.peak_mb, big.peak_mb)
    yield Figure("peak memory of a job", peak, "MB", 1200, at_least=False)

    if long:
        ten_minutes = measure(small, make_voice(600.0, folder / "long.wav"), output)
        more = ten_minutes.peak_mb - job.peak_mb
        yield Figure("10 minutes of voice need more than 10 seconds", more, "MB", 60, at_least=False)
        yield Figure("  real-time factor", ten_minutes.wall / 600, "", 0.25, at_least=False)


def compared(folder: Path, build: Path, runs: int) -> Iterator[Figure]:
    """This build next to the one in another folder, at both sizes."""
    ten = make_voice(10.0, folder / "ten.wav")
    jobs = {
        f"10 s of voice at {side}x{side}": (make_portrait(side, folder / f"{side}.png"), ten, most)
        for side, most in ((512, 0.7), (1280, 0.55))
    }
    return against(build, jobs, folder, runs)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--runs", type=int, default=3, help="runs of which the fastest counts")
    arguments.add_argument("--short", action="store_true", help="leave out the ten minutes of voice")
    arguments.add_argument("--against", type=Path, metavar="FOLDER", help="compare with another build's code")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if chosen.against is not None:
            build = chosen.against.resolve()
            return report(compared(Path(folder), build, chosen.runs), as_json=chosen.json)
        return report(figures(Path(folder), runs=chosen.runs, long=not chosen.short), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
