"""The part of `benchmarks.joyvasa` about live sessions on a GPU: work for a second of voice."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from benchmarks.figures import Figure
from benchmarks.joyvasa_first import write_human_weights
from benchmarks.speed import PORTRAIT, make_voice
from engines.joyvasa.live.face import JoyVasaFace
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.spec import ADVANCE
from engines.joyvasa.weights.catalogue import folder
from engines.joyvasa.weights.model_registry import JoyVasaNetworks
from engines.live import LiveFace
from media.portrait import open_portrait
from media.voice import open_voice

STEPS = (50, 10)
SECONDS = 4.0
LOOK_AHEAD = 0.08
FRAME = 640


def figures(*, rounds: int, threads: int) -> Iterator[Figure]:
    """All figures if there is a GPU; else a line that says so, and no figure."""
    if not torch.cuda.is_available():
        command = "python -m benchmarks.joyvasa --part live"
        print(f"There is no GPU here. On a machine with one this measures it: {command}", file=sys.stderr)
        return
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_human_weights(root)
        yield from measured(JoyVasaNetworks("cuda", folder(root)), root, rounds)


def measured(
    networks: JoyVasaNetworks, work: Path, rounds: int, seconds: float = SECONDS
) -> Iterator[Figure]:
    """The figures, on any device and with networks of any size (which is how they are tested).

    work: a folder for the voice. seconds: of voice.
    """
    portrait = open_portrait(PORTRAIT)
    sound = open_voice(make_voice(seconds, work / "voice.wav")).samples
    for steps in STEPS:
        face = JoyVasaFace(networks, portrait, JoyVasaOptions(inference_steps=steps), 0, LOOK_AHEAD)
        name = f"{steps} steps"
        window, picture = face.measured_seconds()
        yield Figure(f"{name}: one window of {ADVANCE} new frames", 1000 * window, "ms")
        yield Figure(f"{name}: one picture", 1000 * picture, "ms")
        taken = [_frames(face, sound) for _ in range(rounds)]
        walls, processor = min(one[0] for one in taken), min(one[1] for one in taken)
        slowest = min(one[2] for one in taken)
        gate = 1.0 if networks.device.type == "cuda" else None
        yield Figure(f"{name}: work for a second of voice", walls * face.fps, "s", gate, at_least=False)
        yield Figure(f"{name}: of a frame", 1000 * walls, "ms")
        yield Figure(f"{name}: of the slowest frame", 1000 * slowest, "ms")
        yield Figure(f"{name}: processor time of a frame", 1000 * processor, "ms")
    if networks.device.type == "cuda":
        yield Figure("peak memory of the GPU", torch.cuda.max_memory_allocated() / 1e6, "MB")


def _frames(face: LiveFace, sound: np.ndarray) -> tuple[float, float, float]:
    """Seconds of a frame on average, its processor time, and the slowest one's seconds."""
    began, took = _processor(), []
    for start in range(0, len(sound) - FRAME + 1, FRAME):
        after = sound[start + FRAME :][: face.look_ahead]
        at = time.perf_counter()
        face.listen(sound[start : start + FRAME], after, ended=len(after) < face.look_ahead)
        face.paint()
        took.append(time.perf_counter() - at)
    return float(np.mean(took)), (_processor() - began) / len(took), max(took)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
