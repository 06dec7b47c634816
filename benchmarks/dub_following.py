"""Measures how well and how quickly faces are followed: on the video of what breaks dubbing, on a frozen
frame, on a moving head at 1280x720, and over many frames.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.dub_torture import Torture, example_persons, torture
from benchmarks.figures import ROOT, Figure, report_from_a_folder
from media.dubbing.following import FollowedVideo, follow_video
from media.dubbing.values import SourceFrame

TRUTH = {
    "title": "no_face", "gap": "no_face", "speech": None, "after gap": None, "after fade": None,
    "flash": "covered", "after flash": None, "after hand": None, "after turned": None, "other person": None,
    "jump cut": None, "two": None,
}  # fmt: skip
"""Parts in which every frame has one answer."""
COVERED, TURNED = slice(4, 14), slice(8, 14)
"""Frames of the hand that lie in front of the mouth, and of the turned head beyond 45 degrees."""
PROCESSOR_GATE = 6.0
HOUR_GATE = 60.0
SHORT, LONG = 1500, 9000

GROW = """
import json, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from benchmarks.dub_torture import example_persons, framed
from media.dubbing.following import follow_video
from media.dubbing.values import SourceFrame
from media.faces import mesh_detector
from studio.peak_memory import peak_bytes

class Known:
    def __init__(self, face): self.face = face
    def detect(self, image, min_score=0.5, *, depth="tiles"): return [self.face]
    def follow(self, image, face): return face

picture = framed(example_persons()[0][0], 300, (240, 160), (70, 82, 60))
known = Known(mesh_detector().detect(picture)[0])
count = int(sys.argv[1])
frames = (SourceFrame(n, Fraction(n, 25), picture) for n in range(count))
with follow_video(frames, Path(sys.argv[2]), detector=known) as video:
    for number in range(0, count, 50):
        video.face_in(number)
print(json.dumps(peak_bytes() / 2**20))
"""


def figures(folder: Path) -> Iterator[Figure]:
    """All of them, in a folder for the landmarks."""
    made = torture(*example_persons())
    with follow_video(made.source(), folder) as video:
        yield from _truth(made, video)
    yield from _stillness(made.frames[made.parts["speech"][0]], folder)
    yield from _processor_time(folder)
    short, long = (_peak(count, folder) for count in (SHORT, LONG))
    grown = (long - short) / (LONG - SHORT) * 25 * 3540
    yield Figure("peak memory of 60 minutes above that of one", grown, "MB", HOUR_GATE, at_least=False)


def _truth(made: Torture, video: FollowedVideo) -> Iterator[Figure]:
    found, true = set(video.cuts), set(made.cuts)
    yield Figure(f"cuts found, of {len(true)}", len(found & true), "", len(true))
    yield Figure("cuts found where there is none", len(found - true), "", 0, at_least=False)
    right = asked = 0
    for name, reason in TRUTH.items():
        for number in range(*made.parts[name]):
            asked += 1
            right += video.reason(number) == reason
    for name, part, reason in (("hand", COVERED, "covered"), ("turned", TURNED, "turned")):
        for number in range(*made.parts[name])[part]:
            asked += 1
            right += video.reason(number) == reason
    yield Figure(f"frames dubbed or passed through for the right reason, of {asked}", right, "", asked)
    tracks = {face.track for number in range(made.cuts[0], made.cuts[1]) for face in video.face_in(number)}
    yield Figure(
        "tracks of one face through gap, fade, flash, hand and turn", len(tracks), "", 1, at_least=False
    )


def _stillness(still: np.ndarray, folder: Path) -> Iterator[Figure]:
    frames = [SourceFrame(n, Fraction(n, 25), still) for n in range(30)]
    with follow_video(frames, folder) as video:
        inner = range(5, 25)
        raw = np.stack([video.raw_landmarks(0, n)[:, :2] for n in inner])
        smooth = np.stack([video.face_in(n)[0].landmarks[:, :2] for n in inner])
    for name, points, gate in (("as found", raw, None), ("smoothed", smooth, 0.1)):
        moved = float(np.linalg.norm(np.diff(points, axis=0), axis=2).mean())
        yield Figure(f"movement of landmarks on a frozen frame, {name}", moved, "px", gate, at_least=False)


def _processor_time(folder: Path) -> Iterator[Figure]:
    frames = list(_moving_head())
    follow_video(frames[:2], folder).close()  # builds the networks
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        follow_video(frames, folder).close()
        best = min(best, time.process_time() - began)
    yield Figure(
        "processor time per frame of 1280x720",
        1000 * best / len(frames),
        "ms",
        PROCESSOR_GATE,
        at_least=False,
    )


def _moving_head() -> Iterator[SourceFrame]:
    person, _ = example_persons()
    ground = np.full((720, 1280, 3), (70, 90, 110), np.uint8)
    ground[::40] += 20
    for number, picture in enumerate(person[:75]):
        frame = ground.copy()
        x = round(380 + 60 * np.sin(number / 12))
        frame[100:620, x : x + 520] = cv2.resize(picture, (520, 520), interpolation=cv2.INTER_CUBIC)
        yield SourceFrame(number, Fraction(number, 25), frame)


def _peak(count: int, folder: Path) -> float:
    command = [sys.executable, "-c", GROW, str(count), str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    peak: float = json.loads(done.stdout.splitlines()[-1])
    return peak


if __name__ == "__main__":
    sys.exit(report_from_a_folder(__doc__ or "", figures))
