"""The checks of every part, one module each, and which golden file each of them knows."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import TypeAlias

from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden

Check: TypeAlias = Callable[[Golden, Context], Iterator[Comparison]]

PARTS = (
    "joyvasa_audio",
    "joyvasa_geometry",
    "joyvasa_motion",
    "joyvasa_pipeline",
    "joyvasa_render",
    "joyvasa_training",
    "joyvasa_xpose",
)


def checks() -> dict[str, Check]:
    """Every check by the name of its golden file, without `golden_` and `.npz`."""
    found: dict[str, Check] = {}
    for part in PARTS:
        module = importlib.import_module(f"tests.parity.{part}")
        twice = found.keys() & module.CHECKS.keys()
        if twice:
            raise ValueError(f"{part} checks {', '.join(sorted(twice))} again.")
        found.update(module.CHECKS)
    return found
