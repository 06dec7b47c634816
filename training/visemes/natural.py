"""All recorded and neural voices, by their purpose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from training.visemes.neural import is_there, neural
from training.visemes.recorded import is_ready, recorded
from training.visemes.sources import NEURAL, RECORDED, NeuralVoices, Use
from training.visemes.spoken import Spoken

_MEASURED_MINUTES = 0.8
"""Minutes of each neural voice that are measured."""

Log = Callable[[str], None]


def _quiet(line: str) -> None:
    """Print nothing."""


def people(use: Use, cache: Path, log: Log = _quiet) -> dict[str, list[Spoken]]:
    """The aligned recordings of every source for `use`, by name. Raises DatasetError."""
    return {source.name: recorded(source, cache, log) for source in RECORDED if source.use == use}


def machines(minutes: float, cache: Path, log: Log = _quiet) -> dict[str, list[Spoken]]:
    """About `minutes` of speech by Kokoro's voices for training, by language. Raises DatasetError."""
    return {
        group.language: neural(group, group.training, minutes * group.share, cache, log) for group in NEURAL
    }


def measured_machines(cache: Path, log: Log = _quiet) -> dict[str, list[Spoken]]:
    """Speech of the neural voices that are never trained on, by language. Raises DatasetError."""
    return {
        group.language: neural(group, group.measuring, _minutes(group), cache, log)
        for group in NEURAL
        if group.measuring
    }


def _minutes(group: NeuralVoices) -> float:
    return _MEASURED_MINUTES * len(group.measuring)


def by_voice(sentences: Sequence[Spoken]) -> dict[str, list[Spoken]]:
    """Sentences by voice."""
    voices: dict[str, list[Spoken]] = {}
    for sentence in sentences:
        voices.setdefault(sentence.voice, []).append(sentence)
    return voices


def measured(group: str, cache: Path, log: Log = _quiet) -> dict[str, list[Spoken]]:
    """The voices for measurements, by name. group: "recorded" or "neural".

    Raises DatasetError, and ValueError for another group.
    """
    if group == "recorded":
        return people("measuring", cache, log)
    if group == "neural":
        languages = measured_machines(cache, log)
        return by_voice([sentence for said in languages.values() for sentence in said])
    raise ValueError(f"no group {group!r} of voices; there are recorded and neural")


def is_measurable(group: str, cache: Path) -> bool:
    """Whether `measured` needs neither the network nor an alignment."""
    if group == "recorded":
        return all(is_ready(source, cache) for source in RECORDED if source.use == "measuring")
    return all(is_there(one, one.measuring, _minutes(one), cache) for one in NEURAL if one.measuring)
