"""Measures what is gained when workers keep their networks: python -m benchmarks.batch

The same short jobs of the preview engine, once with a process for each (`animate`), and once as a list
(`batch`) by one process and by two workers of Ray. Wall time holds everything: the start of Python and of
Ray, imports, networks, and writing the report. The ways take turns (`--rounds`), and the fastest round of
each counts.
"""

from __future__ import annotations

import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import ROOT, Figure, parser, report
from benchmarks.speed import make_portrait, make_voice

SIDE = 256
SECONDS = 1.5
LEAST = 3.0
"""How many times faster one lasting process must be than one process per job."""


@dataclass(frozen=True)
class Took:
    """Seconds of wall time, and of all cores together without Ray's own processes."""

    wall: float
    processor: float


def make_list(folder: Path, jobs: int) -> Path:
    """A list of `jobs` lines: one portrait, one voice, seeds from 0."""
    portrait, voice = make_portrait(SIDE, folder / "a.png"), make_voice(SECONDS, folder / "b.wav")
    path = folder / "jobs.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("portrait", "voice", "seed"))
        writer.writerows((portrait.name, voice.name, seed) for seed in range(jobs))
    return path


def one_by_one(folder: Path, jobs: int) -> None:
    """A process for every job."""
    out = folder / "out"
    out.mkdir()
    for seed in range(jobs):
        command = ("animate", folder / "a.png", folder / "b.wav", "-o", out / f"{seed}.mp4", "--seed", seed)
        _run(folder, *command)


def as_list(folder: Path, workers: int) -> None:
    """One command for all."""
    _run(folder, "batch", folder / "jobs.csv", "-o", folder / "out", "--workers", workers)


def timed(work: Callable[[], None], folder: Path) -> Took:
    """Time the work, then delete its result."""
    began, before = time.monotonic(), _processor()
    work()
    took = Took(time.monotonic() - began, _processor() - before)
    shutil.rmtree(folder / "out")
    return took


def figures(folder: Path, *, jobs: int, rounds: int, ray: bool) -> Iterator[Figure]:
    """Measure, one way after the other."""
    make_list(folder, jobs)
    ways: dict[str, Callable[[], None]] = {
        "a process for every job": lambda: one_by_one(folder, jobs),
        "batch, one process": lambda: as_list(folder, 1),
    }
    if ray:
        ways["batch, two workers of Ray"] = lambda: as_list(folder, 2)
    took: dict[str, list[Took]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            took[name].append(timed(work, folder))
    best = {name: min(runs, key=lambda run: run.wall) for name, runs in took.items()}
    for name, run in best.items():
        yield Figure(f"{name}: jobs a minute", 60 * jobs / run.wall)
        if "Ray" not in name:
            yield Figure("  processor time of a job", run.processor / jobs, "s")
    alone, *others = best.values()
    for name, run, gate in zip(list(best)[1:], others, (LEAST, None), strict=False):
        yield Figure(f"{name}: times faster than a process for each", alone.wall / run.wall, "x", gate)


def _run(folder: Path, *command: object) -> None:
    environment = os.environ | {"JOYSTUDIO_OUTPUTS": str(folder / "outputs")}
    full = [sys.executable, str(ROOT / "cli.py"), *map(str, command)]
    subprocess.run(full, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--jobs", type=int, default=20, help="lines of the list")
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of which the fastest counts")
    arguments.add_argument("--no-ray", action="store_true", help="leave the workers of Ray out")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = figures(Path(folder), jobs=chosen.jobs, rounds=chosen.rounds, ray=not chosen.no_ray)
        return report(measured, as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
