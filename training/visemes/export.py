"""The trained mouth network as a file that the preview engine loads, and its figures beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from engines.preview.mouth import CHANNELS, VoiceToMouth
from engines.weights.writing import write_whole
from training.visemes import festival
from training.visemes.network import MouthNetwork
from training.visemes.options import VisemesTraining
from training.visemes.report import report
from training.visemes.spoken import Spoken
from training.visemes.tuning import tuned

NOISE_DISTANCE = 15.0
"""Decibels from the voice down to the noise or music under it."""


def export_network(
    network: MouthNetwork,
    path: Path,
    options: VisemesTraining,
    tuning: Mapping[str, Sequence[Spoken]] | None = None,
) -> Path:
    """Write the weights as float32 safetensors, the channels in its metadata. Raises OutputError.

    tuning: voices of people on which the operating point of the contacts is chosen; None for none.
    """
    # One entry of metadata only: more are written in an order that differs from run to run.
    about = f"{','.join(CHANNELS)}; seed {options.seed}, {options.minutes:g} minutes, {options.steps} steps"
    tensors = {name: tensor.detach().cpu().numpy().copy() for name, tensor in network.state_dict().items()}
    if tuning:
        tensors = tuned(tensors, tuning)

    def save(begun: Path) -> None:
        save_file(tensors, begun, metadata={"about": about})
        begun.chmod(0o644)

    return write_whole(path, save)


def write_figures(path: Path, options: VisemesTraining, *, flite: bool) -> Path:
    """Measure a network on held-out voices and write the figures beside it, as .json."""
    mouth = VoiceToMouth(path)
    groups = ["english", "mandarin"] + ["flite"] * flite
    festivals = options.festival and bool(festival.installed())
    record = {
        "seed": options.seed,
        "minutes": options.minutes,
        "steps": options.steps,
        "voices": {"espeak": True, "flite": flite, "festival": festivals},
        "recorded": options.recorded,
        "neural_minutes": options.neural_minutes,
        "look_ahead_ms": round(mouth.look_ahead * 1000, 1),
        "figures": {
            "clean": report(mouth, groups),
            "noise_or_music_15_db_below": report(mouth, groups, noise_distance=NOISE_DISTANCE),
        },
    }
    return write_record(path.with_suffix(".json"), record)


def write_record(path: Path, record: dict[str, Any]) -> Path:
    """Write figures, rounded to four places, atomically."""
    begun = path.with_name(f".{path.name}.{os.getpid()}.partial")
    begun.write_text(json.dumps(_rounded(record), indent=1) + "\n", encoding="utf-8")
    begun.replace(path)
    return path


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    def one(value: Any) -> Any:
        if isinstance(value, dict):
            return _rounded(value)
        return round(value, 4) if isinstance(value, float) else value

    return {key: one(value) for key, value in figures.items()}
