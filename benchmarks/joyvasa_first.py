"""The part of `benchmarks.joyvasa` about the time to the first frames, with networks of full size."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks.figures import Figure
from benchmarks.joyvasa_job import in_new_process
from benchmarks.speed import PORTRAIT, make_voice
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.weights.random_weights import contents
from engines.weights.synthesis import SALT

NAMES = {
    "cold": "first frames, from reading the weights on",
    "another": "first frames, networks loaded, another portrait",
    "again": "first frames, the same portrait again",
}


def figures(*, rounds: int, threads: int) -> Iterator[Figure]:
    """Seconds until the first frames of a job, and how many of these follow the window's motion."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        write_human_weights(work)
        voice = make_voice(8.0, work / "voice.wav")
        runs = [in_new_process(work, threads, "first", PORTRAIT, voice) for _ in range(rounds)]
    best = {key: min(one[key] for one in runs) for key in runs[0]}
    for key, text in NAMES.items():
        yield Figure(text, best[key], "s")
        yield Figure("  of these after the motion of the first window", best[f"{key}_after_window"], "s")
    saved = best["another_before_steps"] - best["again_before_steps"]
    yield Figure("saved by what is kept of the portrait", saved, "s")
    yield Figure("peak memory", best["peak_mb"], "MB")


def write_human_weights(root: Path) -> None:
    """Networks of full size with random weights for people.

    (Those for animals would take as much space again.)
    """
    folder = weights.folder(root)
    for file in weights.FILES:
        if file.network and weights.HUMAN in file.groups:
            target = folder.target(file)
            target.parent.mkdir(parents=True, exist_ok=True)
            torch.save(contents(str(file.network), "full", SALT), target)
    template = folder.target(weights.MOTION_TEMPLATE)
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_bytes(pickle.dumps(MotionTemplate.random_weights().to_arrays(), protocol=4))
