"""Seconds per 16 frames and memory of an engine, as in the papers' table."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

from studio.events import Chunk, Finished, Started
from studio.job import Job
from studio.peak_memory import PeakMemory, torch_on
from studio.presets import load_preset
from studio.run import run
from studio.settings import Settings

CLIP = 16
PUBLISHED = (
    ("JoyHallo, published (A100, 512x512, 40 steps)", 24.0, 19049.0),
    ("Hallo, published", 28.0, 19547.0),
)
"""From JoyHallo's readme: name, seconds per 16 frames, megabytes of GPU memory."""


@dataclass(frozen=True)
class Efficiency:
    """The cost of one job of an engine.

    seconds_per_clip: per 16 frames, from the second batch on if there is one. seconds: of the whole job,
    including loading. gpu_mb: peak GPU memory; None without a GPU. ram_mb: peak memory of the process.
    machine: processor and GPU.
    """

    engine: str
    seconds_per_clip: float
    seconds: float
    frames: int
    size: tuple[int, int]
    gpu_mb: float | None
    ram_mb: float | None
    machine: str
    random_weights: bool


def measure_efficiency(
    engine: str, portrait: Path, voice: Path, *, preset: str | None = None, settings: Settings | None = None
) -> Efficiency:
    """Make one video and measure it; the video is deleted. Raises JoyStudioError as the job does."""
    import tempfile

    settings = settings or Settings()
    values = load_preset(engine, preset).values if preset else {}
    memory = PeakMemory(settings.device)
    chunks: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        job = Job(
            engine=engine, portrait=portrait, voice=voice, options=values, preset=preset,
            output=Path(folder) / "clip.mp4",
        )  # fmt: skip
        quiet = settings.model_copy(update={"history": Path(folder) / "history.sqlite"})
        began = time.monotonic()
        for event in run(job, quiet):
            if isinstance(event, Started):
                began_work = time.monotonic()
            elif isinstance(event, Chunk):
                chunks.append((time.monotonic(), len(event)))
            elif isinstance(event, Finished):
                result = event.result
    return Efficiency(
        engine=engine,
        seconds_per_clip=_pace(began_work, chunks) * CLIP,
        seconds=time.monotonic() - began,
        frames=result.frames,
        size=result.size,
        gpu_mb=memory.gpu_mb(),
        ram_mb=memory.ram_mb(),
        machine=describe_machine(settings.device),
        random_weights=result.random_weights,
    )


def describe_machine(device: str = "cpu") -> str:
    """The processor, the number of usable cores, and the GPU."""
    model = platform.processor() or platform.machine()
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        lines = facts.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model
        )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch = torch_on(device)
    gpu = f", {torch.cuda.get_device_name(device)}" if torch is not None else ""
    return f"{model}, {cores} cores{gpu}"


def _pace(began: float, chunks: list[tuple[float, int]]) -> float:
    """Seconds per frame: between the first batch and the last, or from the job's start for a single batch."""
    first, last = chunks[0], chunks[-1]
    later = sum(frames for _, frames in chunks[1:])
    return (last[0] - first[0]) / later if later else (last[0] - began) / first[1]
