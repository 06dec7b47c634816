"""Two minutes and a half need no more memory than ten seconds, except for the voice itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SECONDS = 150
VOICE_MB = SECONDS * 16_000 * 4 / 2**20
"""So much sound as the program holds it, once."""


def peaks_mb(root: Path, portrait: Path, folder: Path, *voices: Path) -> list[int]:
    """The peak of a process that makes a video with one voice after the other, after each of them."""
    command = [sys.executable, "-m", "tests.engines.joyvasa.jobs.peak_memory"]
    done = subprocess.run(
        [*command, str(portrait), str(folder), *map(str, voices)],
        cwd=Path(__file__).resolve().parents[4],
        env=os.environ | {"JOYSTUDIO_WEIGHTS": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def test_memory_is_flat(
    random_set: Path, voice: Callable[[float], Path], portrait_file: Path, tmp_path: Path
) -> None:
    short, long = peaks_mb(random_set, portrait_file, tmp_path, voice(10), voice(SECONDS))
    # All crops together would be 1.5 GB and all finished pictures 90 MB, small as this portrait is.
    assert long - short < 3 * VOICE_MB
