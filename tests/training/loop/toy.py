"""A tiny recipe, and runs of it in processes of their own: python -m tests.training.loop.toy OUT [KILL_AT]"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from media.errors import TrainingError
from training.loop import checkpoints
from training.loop.events import TrainingEvent
from training.loop.options import LoopOptions
from training.loop.recipe import Recipe
from training.loop.run import train

OPTIONS = LoopOptions(
    steps=12,
    batch_size=4,
    gradient_accumulation=2,
    save_every=3,
    validate_every=0,
    ema=0.9,
    learning_rate=1e-2,
    track=False,
    device="cpu",
    workers=0,
)


class Toy(Recipe):
    name = "toy"
    some_unused = True

    def __init__(self, *, plain: bool = False, bad: str = "") -> None:
        """plain: every sample's loss is its own, and nothing but the samples is drawn."""
        torch.manual_seed(1)
        between: list[nn.Module] = [] if plain else [nn.BatchNorm1d(8), nn.Dropout(0.1)]
        self.line = nn.Sequential(nn.Linear(4, 8), *between, nn.Tanh(), nn.Linear(8, 2))
        self.extra = nn.Linear(4, 2)
        self.extra.bias.requires_grad_(False)
        self.bad = bad
        self.validated: list[tuple[bool, Tensor]] = []

    def networks(self) -> dict[str, nn.Module]:
        return {"line": self.line, "extra": self.extra}

    def sample(self, rng: np.random.Generator) -> dict[str, Tensor]:
        x = rng.standard_normal(4, dtype=np.float32)
        if self.bad == "sample":
            raise TrainingError("This sample is bad.")
        if self.bad == "data":
            x[2] = np.nan
        y = np.stack([x.sum(), x[0] - x[1]])
        return {"x": torch.from_numpy(x), "y": torch.from_numpy(y)}

    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        found = self.line(batch["x"])
        extra = self.extra(batch["x"]) if step_rng.random() < 0.5 else None
        error = ((found if extra is None else found + extra) - batch["y"]).square()
        if self.bad == "loss":
            error = error / 0
        return error.mean(), {"first": error[:, 0].mean(), "second": error[:, 1].mean()}

    def validate(self, step: int, folder: Path) -> list[Path]:
        self.validated.append((self.line.training, self.extra.weight.detach().clone()))
        path = folder / "weight.txt"
        path.write_text(str(step))
        return [path]

    def export(self, folder: Path) -> list[Path]:
        path = folder / "line.safetensors"
        save_file(self.line.state_dict(), path)
        return [path]


def events_of(out: Path, recipe: Toy | None = None, **changed: Any) -> Generator[TrainingEvent, None, None]:
    """A run of the toy; `changed` are options, and `resume`."""
    resume = changed.pop("resume", False)
    return train(recipe or Toy(), OPTIONS.model_copy(update=changed), out, resume=resume)


def main(out: Path, kill_at: int) -> None:
    """A run that is killed while it writes the checkpoint of step `kill_at`, or is not when that is 0.

    With several processes the recipe is the plain one, so that it can be compared with a run of one.
    """
    if kill_at:
        whole = checkpoints._to_disk

        def killed(path: Path) -> None:
            whole(path)
            if f"{kill_at:06}" in str(path) and path.name == "line.safetensors":
                os.kill(os.getpid(), signal.SIGKILL)

        checkpoints._to_disk = killed
    alone = "WORLD_SIZE" not in os.environ
    for _ in events_of(out, Toy(plain=not alone), **({} if alone else {"batch_size": 2, "steps": 1})):
        pass


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
