"""One job in its own process, for benchmarks.speed: prints times and memory as a line of JSON.

python -m benchmarks.one_job PORTRAIT VOICE OUTPUT [still | isolated | older]

With "still" the engine is left out: the opened portrait is written as it is, which is what any engine
would have to pay for reading and encoding. With "isolated" the files are decoded in processes of their own,
as on the page, and not in this one, as in a shell. With "older" the portrait moves as in builds that knew
neither breath nor glances, for `benchmarks.speed_against`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

OLDER = {"breathing": 0.0, "eye_motion": 0.0}
"""Options of the preview engine without the motions that older builds do not have."""


def main(portrait: str, voice: str, output: str, mode: str = "") -> None:
    first = _still(portrait, voice, output) if mode == "still" else _job(portrait, voice, output, mode)
    from studio.peak_memory import peak_bytes

    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "first_chunk_at": first,
        "processor": used.ru_utime + used.ru_stime,
        "peak_mb": (peak_bytes() or 0) / 2**20,
    }
    print(json.dumps(facts))


def _job(portrait: str, voice: str, output: str, mode: str) -> float:
    from media.startup_shortcuts import with_rare_garbage_rounds

    if mode != "isolated":
        with_rare_garbage_rounds()  # as commands.render does

    from studio.events import Chunk
    from studio.job import Job
    from studio.run import run
    from studio.settings import Settings

    target = Path(output)
    settings = Settings(
        outputs=target.parent,
        history=target.with_suffix(".sqlite"),
        decode="direct" if mode != "isolated" else "isolated",  # direct is what a shell's job does
    )
    options = OLDER if mode == "older" else {}
    job = Job(portrait=Path(portrait), voice=Path(voice), output=target, options=options)
    first = 0.0
    for event in run(job, settings):
        if isinstance(event, Chunk) and not first:
            first = time.time()
    return first


def _still(portrait: str, voice: str, output: str) -> float:
    import numpy as np

    from media.portrait import open_portrait
    from media.video import VideoWriter
    from media.voice import open_voice

    picture, speech = open_portrait(portrait), open_voice(voice)
    batch = np.repeat(picture.image[None], 4, axis=0)
    total = speech.frames(25)
    first = time.time()
    with VideoWriter(output, (picture.width, picture.height), 25, sound=speech) as writer:
        for start in range(0, total, 4):
            writer.write(batch[: total - start])
    return first


if __name__ == "__main__":
    main(*sys.argv[1:])
