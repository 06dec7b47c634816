"""Whether the record of a video says that its weights were random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEY = "random_weights"
FORMER = "made_up_weights"
"""The key in records of earlier versions."""
NOTE = (
    "This video was made with random weights: it shows that everything runs, not what real videos look like."
)
"""Said of every such video."""


def says_random(facts: Mapping[str, Any]) -> bool:
    """Whether a video's comment, a motion file, a report or a history row says that weights were random."""
    return facts.get(KEY) is True or facts.get(FORMER) is True
