"""Prints how long each list of requirements takes to install in a new environment, and how large it is.

python scripts/measure_installation.py requirements/preview.txt requirements.txt
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path


def measure(requirements: str) -> tuple[float, float]:
    """Seconds of the installation without pip's cache, and megabytes of the whole environment on disk."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        before = time.perf_counter()
        subprocess.run([*pip, "install", "--no-cache-dir", "-r", requirements], check=True)
        seconds = time.perf_counter() - before
        return seconds, sum(file.lstat().st_blocks * 512 for file in Path(folder).rglob("*")) / 1e6


if __name__ == "__main__":
    for requirements in sys.argv[1:]:
        seconds, megabytes = measure(requirements)
        print(f"{requirements}: {seconds:.0f} s, {megabytes:,.0f} MB", flush=True)
