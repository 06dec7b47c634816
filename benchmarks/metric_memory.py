"""Whether the memory of the published metrics grows with a video's length: peak memory at two lengths, each.

The videos have 256x256 pixels and are made by the preview engine. Networks have random weights; tiny where
there is a tiny form, for a network's own size does not depend on the video. Q-Align's network runs in another
process and is replaced by one that only reads the pictures. Every measurement is a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import ROOT, Figure, parser, report
from benchmarks.speed import PORTRAIT, make_voice
from evaluation.weights import catalogue
from evaluation.weights.random_weights import synthesize

SHORT, LONG = 5, 35
GROWTH_GATE = 20.0
"""Megabytes for thirty seconds more, 5898 MB of pictures: the decoder and torch vary by some."""
METRICS = ("sync", "subject", "background", "smooth", "iqa", "vqa")

MEASURE = """
import json, sys
from pathlib import Path
from evaluation.catalogue import measurers
from evaluation.video_file import VideoFile
from studio.peak_memory import peak_bytes
import numpy as np, torch
torch.set_num_threads(2)
class Reader:
    def logits(self, pictures, kind):
        count = sum(1 for _ in pictures)
        return np.zeros((count if kind == "image" else 1, 5), np.float32)
(measurer,) = measurers([sys.argv[1]])
if hasattr(measurer, "_judge"):
    measurer._judge = Reader()
scores = measurer.measure(VideoFile(Path(sys.argv[2])))
assert all(score.value is not None for score in scores.values()), scores
print(json.dumps(peak_bytes() / 2**20))
"""


def figures(names: list[str]) -> Iterator[Figure]:
    """Growth of every metric between the two lengths."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        list(synthesize(catalogue.folder(work / "weights"), "tiny"))
        videos = [_video(seconds, work) for seconds in (SHORT, LONG)]
        for name in names:
            least, most = (_peak(name, video, work / "weights") for video in videos)
            yield Figure(f"{name}: peak memory, {SHORT} s", least, "MB")
            yield Figure(f"  {LONG} s need more", most - least, "MB", GROWTH_GATE, at_least=False)


def _video(seconds: int, work: Path) -> Path:
    voice, video = make_voice(seconds, work / f"{seconds}.wav"), work / f"{seconds}.mp4"
    command = [sys.executable, "-m", "benchmarks.one_job", str(PORTRAIT), str(voice), str(video)]
    environment = os.environ | {"JOYSTUDIO_MAX_SIDE": "256"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return video


def _peak(name: str, video: Path, weights: Path) -> float:
    environment = os.environ | {"JOYSTUDIO_WEIGHTS": str(weights)}
    command = [sys.executable, "-c", MEASURE, name, str(video)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("names", nargs="*", metavar="METRIC", default=list(METRICS))
    chosen = arguments.parse_args()
    return report(figures(chosen.names), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
