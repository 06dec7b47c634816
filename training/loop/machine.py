"""The processes and devices of a training: those of accelerate, as its launcher and configuration
set them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from media.errors import TrainingError
from training.loop.options import LoopOptions

LOGS = "logs"
_TRACKERS = ("tensorboard", "mlflow")
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@contextmanager
def accelerator(options: LoopOptions, out: Path, *, some_unused: bool) -> Iterator[Any]:
    """An `accelerate.Accelerator`, which leaves nothing behind in this process.

    Raises TrainingError if accelerate is missing or the precision is not available here.
    """
    try:
        from accelerate import Accelerator, DistributedDataParallelKwargs
        from accelerate.state import AcceleratorState
    except ImportError as error:
        raise TrainingError(
            "Training needs the package accelerate, which is not installed: "
            "pip install -r requirements/training.txt."
        ) from error
    cpu = options.device == "cpu"
    if options.precision == "fp16" and (cpu or not torch.cuda.is_available()):
        raise TrainingError("The precision fp16 needs a GPU and there is none; use --precision bf16 or fp32.")
    made = Accelerator(
        cpu=cpu,
        mixed_precision="no" if options.precision == "fp32" else options.precision,
        gradient_accumulation_steps=options.gradient_accumulation,
        log_with=trackers() if options.track else None,
        project_dir=out,
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=some_unused)],
    )
    if made.state.deepspeed_plugin is not None:  # it must know, and there is no data loader of accelerate's
        made.state.deepspeed_plugin.deepspeed_config["train_micro_batch_size_per_gpu"] = options.batch_size
    alone = made.num_processes == 1
    try:
        yield made
    finally:
        made.end_training() if alone and options.track else None
        made.free_memory()
        _forget(AcceleratorState, alone)


def _forget(state: Any, alone: bool) -> None:
    """Let the next training of this process choose its device and precision.

    accelerate keeps both for the whole process and has no public way to give them up. Without its private one
    a second training here takes the same precision, or accelerate refuses it.
    """
    if reset := getattr(state, "_reset_state", None):
        reset(reset_partial_state=alone)


def trackers() -> list[str]:
    """The installed trackers: TensorBoard, MLflow or both."""
    return [name for name in _TRACKERS if find_spec(name) is not None]


def spread(accelerator: Any) -> bool:
    """Whether weights or the optimizer's state are divided among several processes (DeepSpeed, FSDP)."""
    return accelerator.distributed_type.value in ("DEEPSPEED", "FSDP")


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Make sums on a CPU run in the same order every time for the length of a `with` block; torch's switch is
    restored afterwards.
    """
    before, warn = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    if device.type == "cpu":
        torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn)
