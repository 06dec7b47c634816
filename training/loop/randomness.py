"""Random numbers that depend on where a run is and on nothing else.

Nothing is drawn from a generator that lives on from step to step, so a run that goes on from a checkpoint
draws what it would have drawn, and two processes draw together what one would draw with twice the batch.
"""

from __future__ import annotations

import numpy as np


def sample_generator(seed: int, step: int, slot: int) -> np.random.Generator:
    """For everything about one sample. slot: which of the step's samples, over all processes, from 0."""
    return np.random.default_rng([seed, step, slot + 1])


def step_generator(seed: int, step: int) -> np.random.Generator:
    """For what a whole step decides at once, the same in every process and for every part of the batch."""
    # numpy reads a missing last number as 0, which is why slots begin at 1.
    return np.random.default_rng([seed, step])


def torch_seed(seed: int, step: int, slot: int) -> int:
    """For torch's own generators, such as that of dropout, before a batch that begins with `slot`."""
    return int(np.random.SeedSequence([seed, step, slot + 1, 1]).generate_state(1, np.uint64)[0]) >> 1


def slots(batch: int, processes: int, process: int, part: int) -> range:
    """Which of a step's samples a process takes in the step's batch number `part` (from 0)."""
    first = (part * processes + process) * batch
    return range(first, first + batch)
