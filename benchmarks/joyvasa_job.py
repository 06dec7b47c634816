"""JoyVASA's jobs in a process of their own: prints times and memory as a line of JSON.

python -m benchmarks.joyvasa_job whole PORTRAIT VOICE FOLDER    one job; its video is left in the folder
python -m benchmarks.joyvasa_job first PORTRAIT VOICE           up to the first frames, three times

JOYSTUDIO_WEIGHTS names the weights.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import ROOT
from studio.peak_memory import peak_bytes


def in_new_process(weights: Path, threads: int, *arguments: str | Path) -> dict[str, float]:
    """Run this program; returns what it prints. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "benchmarks.joyvasa_job", *map(str, arguments)]
    facts = {"JOYSTUDIO_WEIGHTS": str(weights), "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | facts, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main(what: str, portrait: str, voice: str, folder: str = "") -> None:
    """Run the wanted job and print its figures."""
    facts = first(portrait, voice) if what == "first" else whole(portrait, voice, Path(folder))
    peak = (peak_bytes() or 0) / 2**20
    print(json.dumps({**facts, "peak_mb": peak}))


def whole(portrait: str, voice: str, folder: Path) -> dict[str, float]:
    """A user's job with its video, and the number of its frames."""
    from studio.events import Finished
    from studio.job import Job
    from studio.run import run
    from studio.settings import Settings

    settings = Settings(outputs=folder, history=folder / "history.sqlite")
    job = Job(engine="joyvasa", portrait=Path(portrait), voice=Path(voice), output=folder / "job.mp4")
    frames = [event.result.frames for event in run(job, settings) if isinstance(event, Finished)]
    return {"frames": frames[0]}


def first(portrait: str, voice: str) -> dict[str, float]:
    """Seconds to the first frames: with loading, for another portrait, and for the same one again.

    `..._before_steps` is the part of them up to the first diffusion step, `..._after_window` the part after
    the first window's motion.
    """
    from engines.base import Step
    from engines.joyvasa.engine import JoyVasaEngine
    from engines.joyvasa.options import JoyVasaOptions
    from media.portrait import open_portrait
    from media.voice import open_voice

    picture, speech = open_portrait(portrait), open_voice(voice)
    mirrored = open_portrait(picture.image[:, ::-1].copy())
    engine = JoyVasaEngine()
    facts: dict[str, float] = {}
    for name, shown in (("cold", picture), ("another", mirrored), ("again", mirrored)):
        began = time.perf_counter()
        steps = []
        if name == "cold":
            engine.load()
        work = engine.animate(shown, speech, JoyVasaOptions(), 0)
        for piece in work:
            if isinstance(piece, Step):
                steps.append(time.perf_counter())
            elif hasattr(piece, "shape"):
                break
        facts[name] = time.perf_counter() - began
        facts[f"{name}_before_steps"] = steps[0] - began
        facts[f"{name}_after_window"] = time.perf_counter() - steps[-1]
        work.close()  # type: ignore[attr-defined]
    return facts


if __name__ == "__main__":
    main(*sys.argv[1:])
