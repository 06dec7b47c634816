"""The peak memory of a process is its own, however large the process that started it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from studio.peak_memory import peak_bytes

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_process_does_not_count_the_memory_of_its_parent() -> None:
    large = bytearray(200 << 20)
    code = "from studio.peak_memory import peak_bytes; print(peak_bytes())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    own = peak_bytes()
    assert own is not None
    assert own > len(large)
    assert 1 << 20 < int(done.stdout) < 100 << 20
