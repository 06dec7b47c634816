"""Measures how fast this machine's processor multiplies, however busy it is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

USUAL = 30.0
"""GFLOP per second of one core, if it cannot be measured."""
PATIENCE = 60.0
"""Seconds for the measurement, on a busy machine."""
AGAIN_AFTER = 600.0
"""Seconds after which it is measured again."""
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_PRODUCT = """
import time
import numpy
matrix = numpy.ones((768, 768), numpy.float32)
matrix @ matrix
best = float("inf")
for _ in range(4):
    began = time.process_time()
    matrix @ matrix
    best = min(best, time.process_time() - began)
print(2e-9 * 768**3 / best)
"""


def measure_core() -> float | None:
    """GFLOP per second of one core: of a large product in its own process, by its processor time.

    The time of other programs and of this program's other threads does not count. None if the process could
    not run.
    """
    alone = os.environ | dict.fromkeys(_THREADS, "1")
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _PRODUCT],
            env=alone,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        speed = float(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return speed if 0 < speed < float("inf") else None


@dataclass
class ProcessorSpeed:
    """The best of all measurements, because other work can only make a measurement worse.

    measure: see `measure_core`. clock: seconds.
    """

    measure: Callable[[], float | None] = measure_core
    clock: Callable[[], float] = time.monotonic
    _best: float = 0.0
    _at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        """GFLOP per second of all cores that this process may use."""
        with self._lock:
            if self.clock() - self._at >= AGAIN_AFTER:
                self._best = max(self._best, self.measure() or 0.0)
                self._at = self.clock()
            return (self._best or USUAL) * usable_cores()


_SPEED = ProcessorSpeed()


def processor_speed() -> float:
    """GFLOP per second of large matrix products on this machine, all cores together."""
    return _SPEED.now()


def usable_cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
