"""The events of a training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True)
class Began:
    """The setup is complete; the next step is `step` + 1.

    parameters: how many numbers are trained. samples_per_step: of all processes together. main: whether this
    is the process that writes; the others yield the same events.
    """

    step: int
    steps: int
    parameters: int
    samples_per_step: int
    device: str
    processes: int
    main: bool


@dataclass(frozen=True)
class Noted:
    """A sentence for the user about this run."""

    text: str


@dataclass(frozen=True)
class Stepped:
    """A step is done, counted from 1.

    loss, terms: means over the step's samples. gradient_norm: before clipping. samples_per_second,
    seconds_left: measured over the last steps, without saving and validating.
    """

    step: int
    loss: float
    terms: dict[str, float]
    learning_rate: float
    gradient_norm: float
    samples_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Saved:
    """A checkpoint is complete."""

    step: int
    path: Path


@dataclass(frozen=True)
class Validated:
    """Images, videos or figures that show the networks' progress."""

    step: int
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Exported:
    """The run has ended with this export."""

    files: tuple[Path, ...]


TrainingEvent: TypeAlias = Began | Noted | Stepped | Saved | Validated | Exported
