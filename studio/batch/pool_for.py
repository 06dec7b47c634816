"""Opens the pool of workers that a plan asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media.documents.paths import given_path
from media.ray_session import ray_session
from studio.batch.pool import BatchPlan, OwnProcess, WorkerPool
from studio.batch.ray_pool import RayPool
from studio.settings import Settings

FOLDERS = ("outputs", "history", "presets", "weights", "keys", "certificate", "private_key")


@contextmanager
def pool_for(plan: BatchPlan, settings: Settings) -> Iterator[WorkerPool]:
    """The pool of a plan, for a `with` block. Raises OptionError if it is not available."""
    if plan.alone:
        yield OwnProcess(settings)
        return
    cpus = None if plan.address else max(1, -int(-(plan.workers or 1) * plan.cores // 1))
    with ray_session(plan.address, cpus) as ray:
        yield RayPool(ray, plan, portable(settings), environment())


def portable(settings: Settings) -> Settings:
    """The same settings for a process in another folder or, with shared storage, on another machine."""
    places = {name: getattr(settings, name) for name in FOLDERS}
    whole = {name: given_path(place).absolute() for name, place in places.items() if place is not None}
    return settings.model_copy(update=whole)


def environment() -> dict[str, str]:
    """The environment variables that engines read, valid in another folder."""
    known = {name: value for name, value in os.environ.items() if name.startswith("JOYSTUDIO_")}
    return known | {"JOYSTUDIO_WEIGHTS": str(Path(known.get("JOYSTUDIO_WEIGHTS") or "weights").absolute())}
