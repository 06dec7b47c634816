"""A JoyHallo job in a process of its own: prints its frames, seconds and memory as a line of JSON.

python -m benchmarks.joyhallo_job PORTRAIT VOICE FOLDER ['{"resolution": 256}']

The video is left in the folder. JOYSTUDIO_WEIGHTS names the weights.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import ROOT
from studio.peak_memory import peak_bytes


def in_new_process(
    weights: Path, threads: int, portrait: Path, voice: Path, folder: Path, **options: object
) -> dict[str, float]:
    """Run this program; returns what it prints. Raises CalledProcessError when it fails."""
    given = [*map(str, (portrait, voice, folder)), json.dumps(options)]
    command = [sys.executable, "-m", "benchmarks.joyhallo_job", *given]
    facts = {"JOYSTUDIO_WEIGHTS": str(weights), "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | facts, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main(portrait: str, voice: str, folder: str, options: str = "{}") -> None:
    """Run a user's job and print what it took."""
    from studio.events import Chunk, Finished
    from studio.job import Job
    from studio.options import make_options
    from studio.run import run
    from studio.settings import Settings

    home = Path(folder)
    job = Job(
        engine="joyhallo",
        portrait=Path(portrait),
        voice=Path(voice),
        output=home / "job.mp4",
        options=make_options("joyhallo", json.loads(options)),
    )
    began, first, frames = time.perf_counter(), 0.0, 0
    for event in run(job, Settings(outputs=home, history=home / "history.sqlite")):
        if isinstance(event, Chunk):
            first = first or time.perf_counter() - began
        elif isinstance(event, Finished):
            frames = event.result.frames
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "frames": frames,
        "seconds": time.perf_counter() - began,
        "first": first,
        "processor": used.ru_utime + used.ru_stime,
        "peak_mb": (peak_bytes() or 0) / 2**20,
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
