"""Turns the network's words into a number, as Q-Align's scorer.py does."""

from __future__ import annotations

from typing import Literal

import numpy as np

Kind = Literal["image", "video"]
Scale = Literal["0..1", "1..5"]

LEVELS = ("excellent", "good", "fair", "poor", "bad")
WEIGHTS: dict[Scale, tuple[float, ...]] = {"0..1": (1.0, 0.75, 0.5, 0.25, 0.0), "1..5": (5, 4, 3, 2, 1)}
"""The value of each level: in scorer.py and the evaluation scripts; and in the published model's method."""


def prompt(kind: Kind) -> str:
    """The question, with `<|image|>` where the frames stand; the answer's next word is a level.

    The published model's own `score` method has the words in a wrong order ("The image of the quality is").
    """
    question = f"USER: How would you rate the quality of this {kind}?"
    return f"{question}\n<|image|>\nASSISTANT: The quality of the {kind} is"


def score_levels(logits: np.ndarray, scale: Scale = "0..1") -> np.ndarray:
    """(n,) scores of (n, 5) logits, excellent first, in the logits' own precision (float16 or float32).

    A softmax over the five levels only; other words of the network do not count.
    """
    import torch

    given = torch.from_numpy(np.ascontiguousarray(logits))
    return (torch.softmax(given, dim=-1) @ torch.tensor(WEIGHTS[scale], dtype=given.dtype)).numpy()
