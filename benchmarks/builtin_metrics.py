"""Measures how long the built-in metrics take for a video of ten seconds, and whether memory grows with the
length.

Videos are of 512x512 pixels and made by the preview engine; each is measured in a new process, so that
loading MediaPipe counts, too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import ROOT, Figure, parser, report
from benchmarks.speed import PORTRAIT, make_voice

SHORT, LONG = 10, 60
SECONDS_GATE = 6.0
GROWTH_GATE = 20.0
"""Megabytes for fifty seconds more: the decoder's and encoder's own memory varies by some."""

MEASURE = """
import json, resource, sys, time
began = time.monotonic()
from pathlib import Path
from evaluation.builtin.measurer import BuiltinMetrics
from evaluation.video_file import VideoFile
from studio.peak_memory import peak_bytes
scores = BuiltinMetrics().measure(VideoFile(Path(sys.argv[1])))
assert scores["mouth_sound"].value is not None
used = resource.getrusage(resource.RUSAGE_SELF)
facts = {"peak_mb": peak_bytes() / 2**20, "processor": used.ru_utime + used.ru_stime}
print(json.dumps(facts | {"seconds": time.monotonic() - began}))
"""


def figures(rounds: int) -> Iterator[Figure]:
    """Best of some rounds for the short video, then the peak memory of both."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        short, long = (_video(seconds, work) for seconds in (SHORT, LONG))
        facts = [_measure(short) for _ in range(rounds)]
        best = min(one["seconds"] for one in facts)
        yield Figure(f"built-in metrics, {SHORT} s of 512x512", best, "s", SECONDS_GATE, at_least=False)
        processor = min(one["processor"] for one in facts)
        yield Figure("  its processor time, which a busy machine changes little", processor, "s")
        least, most = facts[0]["peak_mb"], _measure(long)["peak_mb"]
        yield Figure(f"peak memory, {SHORT} s", least, "MB")
        yield Figure(f"peak memory, {LONG} s", most, "MB")
        growth = most - least
        yield Figure(f"{LONG} s need more than {SHORT} s", growth, "MB", GROWTH_GATE, at_least=False)


def _video(seconds: int, work: Path) -> Path:
    voice, video = make_voice(seconds, work / f"{seconds}.wav"), work / f"{seconds}.mp4"
    command = [sys.executable, "-m", "benchmarks.one_job", str(PORTRAIT), str(voice), str(video)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return video


def _measure(video: Path) -> dict[str, float]:
    command = [sys.executable, "-c", MEASURE, str(video)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    facts: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return facts


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    return report(figures(chosen.rounds), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
