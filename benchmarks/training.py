"""Samples per second of each training, and how busy it keeps the machine: python -m benchmarks.training

A training runs for some steps as `python cli.py train` runs it, on data and from weights that are drawn at
random. Beside its samples per second stands the share of the machine's own rate, that of a large matrix
product in the same float type, that matrix products and convolutions forward and back make up.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import training_data
from benchmarks.figures import Figure, parser, report
from benchmarks.joyvasa_networks import fastest
from benchmarks.joyvasa_window import operations
from engines.joyhallo.networks.builders import Size
from engines.joyhallo.weights.catalogue import PICTURE_CODEC, folder
from engines.joyhallo.weights.random_weights import write
from training.kinds import KINDS, open_recipe, options_of
from training.loop.events import Stepped
from training.loop.machine import DTYPES
from training.loop.options import LoopOptions
from training.loop.recipe import Recipe
from training.loop.run import train

SUBJECTS = ("joyhallo-stage1", "joyhallo-stage2", "joyvasa", "visemes")
PRODUCT = {"cpu": 1024, "cuda": 8192}
"""Side of the matrices whose product is the machine's own rate."""
NOTHING_ELSE = {"track": False, "validate_every": 0}


@dataclass(frozen=True)
class TrainingSetting:
    """The settings of the command line."""

    device: str = "cpu"
    size: Size = "tiny"
    precision: str = "fp32"
    steps: int = 6
    batch_size: int = 2
    resolution: int = 512

    def options(self, kind: str, **own: Any) -> LoopOptions:
        """Options of a short run with steps only."""
        device = "cpu" if self.device == "cpu" else "auto"
        given = {"steps": self.steps, "precision": self.precision, "device": device, **NOTHING_ELSE}
        return options_of(kind).model_validate({**given, **own})


def subject(name: str, home: Path, setting: TrainingSetting) -> tuple[Recipe, LoopOptions]:
    """A training of `SUBJECTS` on drawn data."""
    kind, _, stage = name.partition("-stage")
    drawn: dict[str, Any] = {"start": "random", "size": setting.size, "batch_size": setting.batch_size}
    if kind == "visemes":
        options = setting.options(kind, minutes=1.0, flite=False, festival=False, cache=str(home / "speech"))
        return open_recipe(kind, None, options), options
    if kind == "joyvasa":
        options = setting.options(kind, **drawn)
        return open_recipe(kind, training_data.joyvasa(home), options), options
    options = setting.options(
        kind,
        **drawn,
        stage=stage,
        resolution=setting.resolution,
        drop_portrait=0.0,
        drop_voice=0.0,
        drop_motion=0.0,
        checkpointing=stage == "2" and setting.size == "full",
    )
    os.environ["JOYSTUDIO_WEIGHTS"] = str(home / "weights")
    write(folder(home / "weights"), PICTURE_CODEC, setting.size, "bench", "joyhallo")
    side = setting.resolution if setting.size == "full" else setting.resolution // 4
    return open_recipe(kind, training_data.joyhallo(home, setting.size, side), options), options


def measured(name: str, setting: TrainingSetting) -> Iterator[Figure]:
    """The figures of one training."""
    with tempfile.TemporaryDirectory() as folder_name:
        home = Path(folder_name)
        recipe, options = subject(name, home / "data", setting)
        counted = _operations(recipe, options, setting)
        before = product_rate(setting)
        rate = _rate(recipe, options, home / "run")
        own = max(before, product_rate(setting))
    size = "" if name == "visemes" else f", {setting.size}"
    said = f"{name}{size}, batch {options.batch_size}, {setting.precision}"
    yield Figure(said, rate, "/s")
    yield Figure("  operations for a sample, forward and back", counted, "GF")
    yield Figure("  share of the machine's own product", 100 * rate * counted / own, "%")


def product_rate(setting: TrainingSetting) -> float:
    """GFLOP per second of a large matrix product."""
    side = PRODUCT.get(setting.device, 1024)
    dtype = DTYPES[options_of("joyhallo").model_validate({"precision": setting.precision}).precision]
    a, b = (torch.randn(side, side, device=setting.device).to(dtype) for _ in range(2))
    work: Callable[[], object] = lambda: a @ b  # noqa: E731
    work()
    return 2 * side**3 / fastest(work, 5, setting.device) / 1e9


def _operations(recipe: Recipe, options: LoopOptions, setting: TrainingSetting) -> float:
    """GFLOP of one sample, in float32 and forward and back."""
    device = torch.device(setting.device)
    recipe.place(device, torch.float32)
    for network in recipe.networks().values():
        network.to(device).train()
    samples = [recipe.sample(np.random.default_rng(k)) for k in range(options.batch_size)]
    batch = {name: value.to(device) for name, value in recipe.collate(samples).items()}

    def work() -> None:
        recipe.loss(batch, np.random.default_rng(0))[0].backward()

    counted = operations(work) / options.batch_size
    for network in recipe.networks().values():
        network.zero_grad()
    return counted


def _rate(recipe: Recipe, options: LoopOptions, out: Path) -> float:
    """Samples per second of the last steps."""
    with closing(train(recipe, options, out)) as events:
        for event in events:
            if isinstance(event, Stepped) and event.step == options.steps:
                return event.samples_per_second  # before anything is saved
    raise AssertionError("a training without a last step")


def main() -> int:
    arguments = parser(__doc__ or "")
    known = [name for name in SUBJECTS if name.partition("-stage")[0] in KINDS]
    usual = TrainingSetting()
    arguments.add_argument("--only", choices=known, action="append", help="only this; repeatable")
    arguments.add_argument("--device", choices=("cpu", "cuda"), default=usual.device)
    arguments.add_argument(
        "--size", choices=("tiny", "full"), default=usual.size, help="of JoyVASA's and JoyHallo's networks"
    )
    arguments.add_argument("--precision", choices=tuple(DTYPES), default=usual.precision)
    arguments.add_argument("--steps", type=int, default=usual.steps, help="of which the first is not counted")
    arguments.add_argument("--batch-size", type=int, default=usual.batch_size, help="except for visemes")
    arguments.add_argument("--resolution", type=int, default=usual.resolution, help="of JoyHallo's pictures")
    arguments.add_argument("--threads", type=int, default=2, help="processor cores to use (default 2)")
    chosen = vars(arguments.parse_args())
    torch.set_num_threads(chosen.pop("threads"))
    as_json, only = chosen.pop("json"), chosen.pop("only")
    if chosen["device"] == "cuda" and not torch.cuda.is_available():
        print("There is no GPU here; on a machine with one the same command measures it.", file=sys.stderr)
        return 0
    setting = TrainingSetting(**chosen)
    return report(chain.from_iterable(measured(name, setting) for name in only or known), as_json=as_json)


if __name__ == "__main__":
    sys.exit(main())
