"""Random numbers that depend only on the position in a run.

No generator lives on from step to step, so a resumed run draws the same numbers as an unbroken one, and two
processes together draw what one would draw with twice the batch.
"""

from __future__ import annotations

import numpy as np


def sample_generator(seed: int, step: int, slot: int) -> np.random.Generator:
    """The generator for one sample. slot: the sample's number in the step, over all processes, from 0."""
    return np.random.default_rng([seed, step, slot + 1])


def step_generator(seed: int, step: int) -> np.random.Generator:
    """The generator for decisions about a whole step, the same in every process and for every
    part of the batch.
    """
    # numpy reads a missing last number as 0, which is why slots begin at 1.
    return np.random.default_rng([seed, step])


def torch_seed(seed: int, step: int, slot: int) -> int:
    """The seed for torch's own generators, such as dropout's, before a batch that begins with `slot`."""
    return int(np.random.SeedSequence([seed, step, slot + 1, 1]).generate_state(1, np.uint64)[0]) >> 1


def slots(batch: int, processes: int, process: int, part: int) -> range:
    """The slots of a step's samples that a process takes in the step's batch number `part` (from 0)."""
    first = (part * processes + process) * batch
    return range(first, first + batch)
