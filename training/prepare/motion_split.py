"""Which clips are trained on and which are kept for testing."""

from __future__ import annotations

from collections.abc import Sequence


def names_for_testing(names: Sequence[str]) -> list[str]:
    """The names that are kept for testing: the last fifth by name, as the public program splits.

    At least one is trained on, and from two clips on at least one is kept.
    """
    ordered = sorted(names)
    return ordered[max(1, len(ordered) * 4 // 5) :]
