"""Two and a half minutes need no more memory than ten seconds, except for the voice itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SECONDS = 150
VOICE_MB = SECONDS * 16_000 * 4 / 2**20
"""So much sound as the program holds it, once."""


def peak_mb(root: Path, portrait: Path, voice: Path, folder: Path) -> int:
    command = [sys.executable, "-m", "tests.engines.joyvasa.jobs.peak_memory"]
    done = subprocess.run(
        [*command, str(portrait), str(voice), str(folder)],
        cwd=Path(__file__).resolve().parents[4],
        env=os.environ | {"JOYSTUDIO_WEIGHTS": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def test_memory_is_flat(
    random_set: Path, voice: Callable[[float], Path], portrait_file: Path, tmp_path: Path
) -> None:
    short, long = (peak_mb(random_set, portrait_file, voice(seconds), tmp_path) for seconds in (10, SECONDS))
    # All crops together would be 2.7 GB and all finished pictures 180 MB, small as this portrait is.
    assert long - short < 3 * VOICE_MB
