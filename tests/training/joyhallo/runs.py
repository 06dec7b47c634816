"""Short trainings of small networks: python -m tests.training.joyhallo.runs DATA OUT NET KILL_AT"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch

from training.joyhallo.options import JoyHalloTraining
from training.joyhallo.recipe import open_recipe
from training.loop.events import Stepped
from training.loop.recipe import Recipe
from training.loop.run import train

STEPS = 12
COMMON: dict[str, Any] = {
    "steps": STEPS,
    "batch_size": 1,
    "resolution": 256,
    "save_every": STEPS,
    "validate_every": 0,
    "validation_steps": 2,
    "track": False,
    "device": "cpu",
}
STAGES: dict[str, dict[str, Any]] = {
    "1": {"start": "random", "size": "tiny", "learning_rate": 2e-3},
    "2": {"frames": 2, "learning_rate": 3e-3},
}


def options(stage: str, **changed: Any) -> JoyHalloTraining:
    return JoyHalloTraining.model_validate({"stage": stage, **COMMON, **STAGES[stage], **changed})


def opened(data: Path, stage: str, **changed: Any) -> tuple[Recipe, JoyHalloTraining]:
    chosen = options(stage, **changed)
    return open_recipe(data, chosen), chosen


def fixed_loss(recipe: Recipe) -> float:
    """The loss on a batch that is always the same, with nothing dropped."""
    import numpy as np

    class Never(np.random.Generator):
        def random(self, *shape: Any, **named: Any) -> Any:
            return np.ones(*shape) if shape else 1.0

    batch = recipe.collate([recipe.sample(np.random.default_rng(k)) for k in range(4)])
    with torch.no_grad():
        return float(recipe.loss(batch, Never(np.random.PCG64(0)))[0])


def main(data: Path, out: Path, net: str, kill_at: int) -> None:
    recipe, chosen = opened(data, "2", net=net, steps=5, save_every=2)
    for event in train(recipe, chosen, out):
        if isinstance(event, Stepped) and event.step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
