"""`python -m benchmarks.prepare [--for joyhallo|joyvasa]`: how many videos a minute are prepared, by workers.

The videos are made by the preview engine and prepared from beginning to end. For JoyHallo: decoding, faces in
every frame, pictures, masks, and an encoder that listens; for JoyVASA: decoding, following the face, and the
motion extractor. Networks are small ones with random weights unless a folder of weights is given. That they
have to be loaded and processes started is not counted: a run of twice as many videos is timed, too, and what
it takes longer counts.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import torch

from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.speed import make_voice
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.random_weights import write
from engines.joyvasa.weights import catalogue as joyvasa
from engines.joyvasa.weights.random_weights import contents
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from training.prepare.run import PreparationPool, PreparationProgress, prepare_videos

VIDEOS, SIDE, SECONDS = 8, 256, 4.0
ROUNDS = 2
WANTED = 1.7
"""Required ratio of videos per minute of two workers on two cores to one worker."""


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="numbers of workers to try")
    arguments.add_argument("--videos", type=int, default=VIDEOS, help="how many are counted")
    arguments.add_argument("--rounds", type=int, default=ROUNDS, help="the fastest of so many runs counts")
    arguments.add_argument("--weights", type=Path, help="folder of all weights, for the encoder of real size")
    arguments.add_argument("--device", default="cpu")
    arguments.add_argument("--for", dest="kind", choices=("joyhallo", "joyvasa"), default="joyhallo")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = given.weights or random_weights(folder / "weights", given.kind)
        os.environ["JOYSTUDIO_WEIGHTS"] = str(root.absolute())
        # Ray's workers give way to everything else; on a busy machine one in this process would not.
        os.environ.setdefault("RAY_worker_niceness", "0")
        some, twice = make_videos(folder / "some", given.videos), folder / "twice"
        for half in ("a", "b"):
            shutil.copytree(some, twice / half)
        pools = [PreparationPool(workers, device=given.device) for workers in given.workers]
        return report(
            figures(some, twice, folder / "dataset", pools, given.rounds, given.kind), as_json=given.json
        )


def figures(
    some: Path, twice: Path, root: Path, pools: list[PreparationPool], rounds: int, kind: str
) -> Iterator[Figure]:
    """Videos per minute of each pool, and their ratio to the first one's.

    some, twice: folders of videos, twice as many in the second.
    """
    shortest: dict[tuple[PreparationPool, Path], float] = {}
    for _ in range(rounds):
        for pool in pools:
            for folder in (some, twice):
                seconds = measured(folder, root, pool, kind)
                shortest[pool, folder] = min(seconds, shortest.get((pool, folder), seconds))
    count = sum(1 for _ in some.iterdir())
    best = {pool: 60 * count / (shortest[pool, twice] - shortest[pool, some]) for pool in pools}
    for pool, rate in best.items():
        what = f"{kind}, {SECONDS:g} s of {SIDE}x{SIDE}, {pool.workers} worker(s)"
        yield Figure(what, rate, "/min")
        if pool != pools[0]:
            gate = WANTED if (pools[0].workers, pool.workers) == (1, 2) else None
            yield Figure(f"times as many as with {pools[0].workers}", rate / best[pools[0]], "", gate)


def measured(videos: Path, root: Path, pool: PreparationPool, kind: str) -> float:
    """Seconds of a whole run."""
    shutil.rmtree(root, ignore_errors=True)
    began = time.monotonic()
    with closing(prepare_videos(videos, root, kind, pool)) as events:
        for event in events:
            if isinstance(event, PreparationProgress) and event.outcome.code:
                raise RuntimeError(event.outcome.reason)
    return time.monotonic() - began


def make_videos(folder: Path, count: int) -> Path:
    """Make `count` copies of a four-second video."""
    folder.mkdir()
    aside = folder.parent / "aside"
    aside.mkdir()
    job = Job(
        portrait=EXAMPLES / "portraits" / "astronaut.png",
        voice=make_voice(SECONDS, aside / "voice.wav"),
        output=folder / "00.mp4",
    )
    list(run(job, Settings(outputs=aside, max_side=SIDE, history=aside / "history.sqlite")))
    for number in range(1, count):
        shutil.copy(folder / "00.mp4", folder / f"{number:02}.mp4")
    return folder


def random_weights(root: Path, kind: str) -> Path:
    """A folder with the one small network that is needed: the encoder, or the motion extractor."""
    if kind == "joyhallo":
        write(weights.folder(root), weights.MANDARIN_ENCODER, "tiny", "v1:", "joyhallo")
        return root
    path = joyvasa.folder(root).target(joyvasa.file_of("motion_extractor"))
    path.parent.mkdir(parents=True)
    torch.save(contents("motion_extractor", "tiny", "v1:"), path)
    return root


if __name__ == "__main__":
    sys.exit(main())
