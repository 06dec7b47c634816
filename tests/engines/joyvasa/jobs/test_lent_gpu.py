"""Networks loaded by one process render in another that was forked from it, as on ZeroGPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]

PROGRAM = """
import json, sys
from pathlib import Path
from studio.hosting.spaces import preload_networks, prepare
prepare()
from engines import registry
from studio.events import Chunk
from studio.job import Job
from studio.portrait_view import view_portrait
from studio.run import run
from studio.settings import Settings

portrait, voice, outputs = map(Path, sys.argv[1:])
settings = Settings(outputs=outputs, device="cpu")
registry.with_weights = lambda: ["joyvasa"]
placed = preload_networks(settings)
view_portrait(portrait)  # the page does so when a portrait is uploaded
job = Job(engine="joyvasa", portrait=portrait, voice=voice, options={"inference_steps": 4})
*events, last = run(job, settings)
frames = sum(len(e.frames) for e in events if isinstance(e, Chunk))
print(json.dumps([placed, frames, last.result.random_weights, last.result.motion is not None]))
"""


def test_networks_placed_before_the_fork_paint_after_it(
    weights_root: Path, voice: Callable[[float], Path], portrait_file: Path, tmp_path: Path
) -> None:
    environment = os.environ | {
        "SPACES_ZERO_GPU": "1",
        "JOYSTUDIO_DEVICE": "cpu",
        "JOYSTUDIO_WEIGHTS": str(weights_root),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests" / "fake_spaces"))),
        "OMP_NUM_THREADS": "2",  # so that a pool of threads could be missing
    }
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    inputs = map(str, (portrait_file, voice(0.3), tmp_path / "outputs"))
    done = subprocess.run(
        [*command, *inputs], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [["joyvasa"], round(0.3 * 25), True, True]
