"""`evaluate --efficiency`: an engine's seconds per 16 frames and its memory, beside published figures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from commands.progress_line import clock

if TYPE_CHECKING:
    from studio.efficiency import Efficiency


def print_efficiency(engine: str, preset: str | None, *, as_json: bool) -> None:
    """Measure an engine on the shipped examples and print it beside the published figures."""
    from studio.efficiency import PUBLISHED, measure_efficiency

    examples = Path(__file__).resolve().parent.parent / "examples"
    measured = measure_efficiency(
        engine,
        examples / "portraits" / "astronaut.png",
        examples / "voices" / "english-woman.wav",
        preset=preset,
    )
    if as_json:
        print(json.dumps(asdict(measured)))
        return
    rows = [(f"{engine}{f', {preset}' if preset else ''}", measured.seconds_per_clip, _memory(measured))]
    rows += [(name, seconds, f"{memory:.0f} MB of GPU memory") for name, seconds, memory in PUBLISHED]
    for name, seconds, memory in rows:
        print(f"{name:<48} {seconds:8.3f} s per 16 frames   {memory}")
    width, height = measured.size
    took = clock(measured.seconds)
    print(f"Measured at {width}x{height}, {measured.frames} frames in {took}, on: {measured.machine}.")
    if measured.random_weights:
        print("note: The weights are random; time and memory depend only on their sizes.")


def _memory(measured: Efficiency) -> str:
    if measured.gpu_mb is not None:
        return f"{measured.gpu_mb:.0f} MB of GPU memory"
    return f"{measured.ram_mb:.0f} MB of memory, no GPU" if measured.ram_mb else "no GPU"
