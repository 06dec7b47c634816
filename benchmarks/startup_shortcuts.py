"""What the startup shortcuts save: python -m benchmarks.startup_shortcuts

Each start is a process of its own, with and without them in turn; the figures are those of the fastest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.figures import ROOT, Figure, parser, report
from media.startup_shortcuts import SWITCH

RUNS = 5
STARTS = {
    "the import of Gradio": "from ui.gradio_start import import_gradio; import_gradio()",
    "the import of the face detector": (
        "from media.faces.mediapipe_runtime import load_face_graphs; load_face_graphs()"
    ),
}


def seconds(program: str, switch: str) -> float:
    """The time of a fresh Python for a program."""
    began = time.perf_counter()
    environment = os.environ | {SWITCH: switch}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, env=environment)
    return time.perf_counter() - began


def figures() -> Iterator[Figure]:
    """Measure, one figure after the other."""
    for what, program in STARTS.items():
        seconds(program, "1")  # the files come from the disk only once
        turns = [(seconds(program, "1"), seconds(program, "0")) for _ in range(RUNS)]
        quick, usual = map(min, zip(*turns, strict=True))
        yield Figure(f"{what}, with shortcuts", quick, "s")
        yield Figure("  without them", usual, "s")
        yield Figure("  as many times as long", usual / quick, "times", 1.05)


if __name__ == "__main__":
    chosen = parser("What the startup shortcuts save.").parse_args()
    sys.exit(report(figures(), as_json=chosen.json))
