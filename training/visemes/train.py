"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional

from engines.preview.features import MEMORY
from engines.preview.mouth import CHANNELS
from engines.preview.network import AHEAD, BEHIND
from training.visemes.augment import augment
from training.visemes.corpus import Corpus
from training.visemes.network import MouthNetwork

_BATCH, _FRAMES = 24, 300
_CONTEXT = MEMORY + BEHIND
_CHANNEL_WEIGHT = (2.0, 2.0, 1.0, 1.0, 1.0, 0.7)
_CONTACT_WEIGHT = 3.0


def train(
    corpus: Corpus,
    *,
    steps: int,
    seed: int = 0,
    width: int = 128,
    learning_rate: float = 2e-3,
    half: bool = False,
    report: Callable[[str], None] = print,
) -> MouthNetwork:
    """Train a network for `steps` batches. The same corpus, seed and machine give the same weights.

    `half` multiplies in bfloat16: twice as fast where the processor knows it, slower where it does not.
    """
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng([seed, 2])
    network = MouthNetwork(width)
    optimiser = torch.optim.AdamW(network.parameters(), learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, learning_rate, total_steps=steps, pct_start=0.1)
    began, running = time.monotonic(), 0.0
    for step in range(1, steps + 1):
        features, curves = _batch(rng, corpus)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            logits = network(features)
        loss = _loss(logits.float(), curves)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running += loss.item()
        if step % 100 == 0 or step == steps:
            count = step % 100 or 100
            report(f"step {step}/{steps}  loss {running / count:.4f}  {time.monotonic() - began:.0f} s")
            running = 0.0
    return network.eval()


def steps_for(corpus: Corpus, epochs: float) -> int:
    """Batches that pass over the corpus `epochs` times."""
    return max(1, round(epochs * len(corpus.targets) / (_BATCH * _FRAMES)))


def _batch(rng: np.random.Generator, corpus: Corpus) -> tuple[torch.Tensor, torch.Tensor]:
    """(batch, BEHIND + frames + AHEAD, BANDS) features and (batch, frames, 6) targets."""
    length = _CONTEXT + _FRAMES + AHEAD
    features, curves = [], []
    for _ in range(_BATCH):
        at = rng.integers(0, len(corpus.decibels) - length)
        under = rng.integers(0, len(corpus.background) - length)
        x, y = augment(
            rng,
            corpus.decibels[at : at + length],
            corpus.targets[at : at + length],
            corpus.background[under : under + length],
        )
        features.append(x[MEMORY:])
        curves.append(y[_CONTEXT : _CONTEXT + _FRAMES])
    return torch.from_numpy(np.stack(features)), torch.from_numpy(np.stack(curves))


def _loss(logits: torch.Tensor, curves: torch.Tensor) -> torch.Tensor:
    """Cross entropy per channel, heavier on contacts made while speaking, and on the lips' opening."""
    weight = torch.tensor(_CHANNEL_WEIGHT).expand_as(curves).clone()
    spoken = curves[..., 5] > 0.5
    for channel in (1, 4):
        weight[..., channel] *= 1.0 + _CONTACT_WEIGHT * spoken * curves[..., channel]
    entropy = functional.binary_cross_entropy_with_logits(logits, curves, weight)
    given = torch.sigmoid(logits)
    opening = given[..., 0] * (1.0 - given[..., 1])
    wanted = curves[..., 0] * (1.0 - curves[..., 1])
    return entropy + 8.0 * functional.mse_loss(opening, wanted)


def save(network: MouthNetwork, path: Path, *, note: str) -> None:
    """Write the weights as float32 safetensors, with the channels and `note` in the file's metadata."""
    # One entry of metadata only: more are written in an order that differs from run to run.
    tensors = {name: tensor.detach().numpy().copy() for name, tensor in network.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"about": f"{','.join(CHANNELS)}; {note}"})
    path.chmod(0o644)
