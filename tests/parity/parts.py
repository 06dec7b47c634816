"""The checks of every part, one module each, and which golden file each of them knows."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Literal, TypeAlias

from tests.parity.context import CONFIG, Context
from tests.parity.golden import Comparison, Golden

Check: TypeAlias = Callable[[Golden, Context], Iterator[Comparison]]

Engine: TypeAlias = Literal["joyvasa", "joyhallo", "metrics"]

PARTS: dict[Engine, tuple[str, ...]] = {
    "joyvasa": ("audio", "geometry", "motion", "pipeline", "render", "training", "video", "xpose"),
    "joyhallo": ("face_audio", "sampling", "training", "unet_parts", "unets"),
    "metrics": ("qalign", "syncnet", "vbench"),
}
"""The modules tests/parity/<engine>_<part>.py."""


def checks(engine: Engine | None = None) -> dict[str, Check]:
    """Every check, or those of one engine, by the name of its golden file, without `golden_` and `.npz`."""
    found: dict[str, Check] = {}
    for module in _modules(engine):
        twice = found.keys() & module.CHECKS.keys()
        if twice:
            raise ValueError(f"{module.__name__} checks {', '.join(sorted(twice))} again.")
        found.update(module.CHECKS)
    return found


def slow() -> frozenset[str]:
    """The checks that need real-size networks: minutes, and gigabytes of memory."""
    return frozenset(name for module in _modules() for name in getattr(module, "SLOW", ()))


def engine_of(folder: Path) -> Engine:
    """Whose numbers a folder holds: JoyHallo's have a configuration, or are called tiny, full or masks;
    those of the metrics are called after a metric.
    """
    if (folder / CONFIG).is_file():
        return "joyhallo"
    names = [path.stem.removeprefix("golden_") for path in folder.glob("golden_*.npz")]
    if any(re.match("tiny_|full_|masks", name) for name in names):
        return "joyhallo"
    return "metrics" if any(re.match("syncnet_|s3fd|vbench_|qalign", name) for name in names) else "joyvasa"


def _modules(engine: Engine | None = None) -> Iterator[ModuleType]:
    for name in (engine,) if engine else PARTS:
        for part in PARTS[name]:
            yield importlib.import_module(f"tests.parity.{name}_{part}")
