"""Measures dubbed videos: python -m benchmarks.dub

Parts: fidelity (frames, times and the picture outside of the mouth), leak (the old mouth under a silent
voice), speech (closures, correlation and lag against `animate`), jitter (a still face), speed and memory.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.dub_fidelity import fidelity_figures
from benchmarks.dub_lips import jitter_figures, leak_figures, speech_figures
from benchmarks.dub_speed import memory_figures, speed_figures
from benchmarks.figures import Figure, parser, report

PARTS = ("fidelity", "leak", "speech", "jitter", "speed", "memory")


def figures(part: str, folder: Path, sentences: int, minutes: int) -> Iterable[Figure]:
    """The figures of one part."""
    match part:
        case "fidelity":
            return fidelity_figures(folder)
        case "leak":
            return leak_figures(folder)
        case "speech":
            return speech_figures(folder, sentences)
        case "jitter":
            return jitter_figures(folder)
        case "speed":
            return speed_figures(folder)
        case _:
            return memory_figures(folder, minutes)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--part", choices=PARTS, action="append", help="repeatable; default: all")
    arguments.add_argument("--sentences", type=int, default=6, help="that the new voice says")
    arguments.add_argument(
        "--minutes", type=int, default=10, help="of the long video whose memory is measured"
    )
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        every = (
            figure
            for part in chosen.part or PARTS
            for figure in figures(part, Path(folder), chosen.sentences, chosen.minutes)
        )
        return report(every, as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
