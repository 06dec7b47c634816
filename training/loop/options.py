"""The options of every training; each kind adds its own in a subclass."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Precision = Literal["fp32", "bf16", "fp16"]
Optimizer = Literal["adam", "adamw", "adamw8bit"]
Schedule = Literal["constant", "linear", "cosine", "onecycle"]

LARGEST_SEED = 2**31 - 1


def number(default: float, low: float | None, high: float | None, title: str, description: str) -> Any:
    """A number from low to high; None means unbounded."""
    return Field(default, ge=low, le=high, title=title, description=description)


def choice(default: str | bool, title: str, description: str) -> Any:
    """One of a few words, a path, or a switch."""
    return Field(default, title=title, description=description)


class LoopOptions(BaseModel):
    """The options of the loop. Flags, the check of presets and the documentation are made from this model.

    One step uses batch_size * gradient_accumulation samples in each process.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    free: ClassVar[frozenset[str]] = frozenset(
        """save_every keep validate_every validate_first log_every workers track device""".split()
    )
    """Options that may change when a run is resumed."""

    steps: int = number(1000, 1, None, "Steps", "Total number of weight updates.")
    batch_size: int = number(1, 1, None, "Batch size", "Samples per process in one batch.")
    gradient_accumulation: int = number(
        1,
        1,
        None,
        "Gradient accumulation",
        "Batches whose gradients are added up before the weights are updated.",
    )
    learning_rate: float = number(1e-4, 0.0, 1.0, "Learning rate", "The highest learning rate.")
    warmup: int = number(0, 0, None, "Warm-up", "Steps in which the learning rate rises from 0.")
    schedule: Schedule = choice(
        "constant",
        "Schedule",
        "The learning rate after the warm-up: constant; falling to 0 as a line or a cosine; or "
        "(onecycle) rising during the first tenth and falling to 0, both as cosines.",
    )
    schedule_end: int = number(
        0,
        0,
        None,
        "Schedule's end",
        "Step at which the learning rate reaches its lowest value and stays there. 0: the last step.",
    )
    lowest_rate: float = number(
        0.0, 0.0, 1.0, "Lowest rate", "Final value of linear and cosine, as a share of the learning rate."
    )
    optimizer: Optimizer = choice(
        "adamw",
        "Optimizer",
        "The optimizer; adamw8bit needs a GPU and bitsandbytes, and uses a quarter of the memory.",
    )
    beta1: float = number(0.9, 0.0, 0.9999, "Beta 1", "Decay rate of the optimizer's average of gradients.")
    beta2: float = number(
        0.999, 0.0, 0.99999, "Beta 2", "Decay rate of the optimizer's average of squared gradients."
    )
    weight_decay: float = number(0.01, 0.0, 1.0, "Weight decay", "Weight decay (none with adam).")
    epsilon: float = number(1e-8, 0.0, 1.0, "Epsilon", "Keeps the optimizer from dividing by zero.")
    clip_norm: float = number(
        1.0,
        0.0,
        None,
        "Clip norm",
        "Largest gradient norm; longer gradients are scaled down to it. 0: no limit.",
    )
    precision: Precision = choice(
        "fp32", "Precision", "Number format of the computation; fp16 needs a GPU. Weights stay in float32."
    )
    ema: float = number(
        0.0,
        0.0,
        0.99999,
        "Moving average",
        "Decay rate of a moving average of the weights, which is validated and exported. 0: no average.",
    )
    seed: int = number(42, 0, LARGEST_SEED, "Seed", "The same seed, data and machine give the same weights.")
    save_every: int = number(500, 1, None, "Save every", "Steps between checkpoints.")
    keep: int = number(3, 1, None, "Keep", "Number of checkpoints to keep; older ones are deleted.")
    validate_every: int = number(
        500, 0, None, "Validate every", "Steps between validations. 0: no validation."
    )
    validate_first: bool = choice(False, "Validate first", "Also validate after the first step.")
    log_every: int = number(10, 1, None, "Log every", "Steps between log entries.")
    track: bool = choice(True, "Track", "Write logs for TensorBoard, and for MLflow if it is installed.")
    workers: int = number(
        0, 0, 64, "Workers", "Processes that read samples ahead. 0: read them between the steps."
    )
    device: Literal["auto", "cpu"] = choice(
        "auto", "Device", "auto: the GPU if there is one. For several GPUs, use accelerate launch."
    )
