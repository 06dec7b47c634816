"""What can be set for every training; each kind adds its own by a subclass."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Precision = Literal["fp32", "bf16", "fp16"]
Optimizer = Literal["adam", "adamw", "adamw8bit"]
Schedule = Literal["constant", "linear", "cosine", "onecycle"]

LARGEST_SEED = 2**31 - 1


def number(default: float, low: float | None, high: float | None, title: str, description: str) -> Any:
    """A number from low to high, open where None."""
    return Field(default, ge=low, le=high, title=title, description=description)


def choice(default: str | bool, title: str, description: str) -> Any:
    """One of a few words, a path, or on and off."""
    return Field(default, title=title, description=description)


class LoopOptions(BaseModel):
    """The only place where these are written: flags, presets' check and documentation are made from it.

    One step uses batch_size * gradient_accumulation samples in each process.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    free: ClassVar[frozenset[str]] = frozenset(
        """save_every keep validate_every validate_first log_every workers track device""".split()
    )
    """Those that may change when a run is resumed without making it another run."""

    steps: int = number(1000, 1, None, "Steps", "Updates of the weights in all.")
    batch_size: int = number(1, 1, None, "Batch size", "Samples that a process takes at once.")
    gradient_accumulation: int = number(
        1, 1, None, "Gradient accumulation", "Batches that are added up before the weights move."
    )
    learning_rate: float = number(1e-4, 0.0, 1.0, "Learning rate", "How far a step goes, at its highest.")
    warmup: int = number(0, 0, None, "Warm-up", "Steps in which the learning rate rises from nothing.")
    schedule: Schedule = choice(
        "constant",
        "Schedule",
        "How the learning rate goes on after the warm-up: as it is, down to nothing in a line or in a "
        "cosine, or (onecycle) up during the first tenth and down to nothing in cosines.",
    )
    schedule_end: int = number(
        0, 0, None, "Schedule's end", "Step at which the rate is down and stays there; 0: the last one."
    )
    lowest_rate: float = number(
        0.0, 0.0, 1.0, "Lowest rate", "Where linear and cosine end, as a share of the learning rate."
    )
    optimizer: Optimizer = choice(
        "adamw",
        "Optimizer",
        "What moves the weights; adamw8bit needs a GPU and bitsandbytes, and a quarter of the memory.",
    )
    beta1: float = number(0.9, 0.0, 0.9999, "Beta 1", "How long the optimizer remembers gradients.")
    beta2: float = number(0.999, 0.0, 0.99999, "Beta 2", "How long it remembers how large they were.")
    weight_decay: float = number(0.01, 0.0, 1.0, "Weight decay", "How much weights shrink (adam: none).")
    epsilon: float = number(1e-8, 0.0, 1.0, "Epsilon", "Keeps the optimizer from dividing by nothing.")
    clip_norm: float = number(
        1.0, 0.0, None, "Clip norm", "Gradients longer than this are shortened to it; 0: never."
    )
    precision: Precision = choice(
        "fp32", "Precision", "What networks calculate in; fp16 needs a GPU. Weights stay in float32."
    )
    ema: float = number(
        0.0,
        0.0,
        0.99999,
        "Moving average",
        "How slowly an average of the weights follows them; it is what is validated and exported. 0: none.",
    )
    seed: int = number(42, 0, LARGEST_SEED, "Seed", "Same seed, same data and same machine: same weights.")
    save_every: int = number(500, 1, None, "Save every", "Steps from one checkpoint to the next.")
    keep: int = number(3, 1, None, "Keep", "Checkpoints that are kept; older ones are deleted.")
    validate_every: int = number(
        500, 0, None, "Validate every", "Steps from one validation to the next; 0: none."
    )
    validate_first: bool = choice(False, "Validate first", "Validate after the first step, too.")
    log_every: int = number(10, 1, None, "Log every", "Steps from one entry of the log to the next.")
    track: bool = choice(True, "Track", "Write logs for TensorBoard, and MLflow where it is installed.")
    workers: int = number(
        0, 0, 64, "Workers", "Processes that read samples ahead; 0: read between the steps."
    )
    device: Literal["auto", "cpu"] = choice(
        "auto", "Device", "auto: the GPU, where there is one. With several: accelerate launch."
    )
