"""What differs on a Hugging Face Space: persistent storage, and GPUs that are lent for one job (ZeroGPU)."""

from __future__ import annotations

import logging
import os
from collections.abc import MutableMapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from engines import registry

if TYPE_CHECKING:
    from engines.base import Engine
    from studio.settings import Settings

STORAGE = Path("/data")
"""Where a Space mounts storage that survives a restart, if it has any."""
KEPT = {"JOYSTUDIO_OUTPUTS": "outputs", "JOYSTUDIO_WEIGHTS": "weights", "JOYSTUDIO_KEYS": "keys"}
_YES = ("1", "t", "true")

log = logging.getLogger("joystudio.space")


def on_space(environment: MutableMapping[str, str] | None = None) -> bool:
    """Whether this process runs on a Space."""
    return bool((os.environ if environment is None else environment).get("SPACE_ID"))


def on_zero_gpu(environment: MutableMapping[str, str] | None = None) -> bool:
    """Whether GPUs are lent job by job here; the same check as in the package `spaces`."""
    environment = os.environ if environment is None else environment
    return environment.get("SPACES_ZERO_GPU", "").lower() in _YES


def prepare(environment: MutableMapping[str, str] | None = None, storage: Path = STORAGE) -> None:
    """Prepare this process for the Space it runs on; does nothing elsewhere.

    Call it before the settings are read and torch is imported. The owner's own settings stay.
    """
    environment = os.environ if environment is None else environment
    if on_space(environment) and storage.is_dir() and os.access(storage, os.W_OK | os.X_OK):
        for name, folder in KEPT.items():
            environment.setdefault(name, str(storage / folder))
    if on_zero_gpu(environment):
        environment.setdefault("JOYSTUDIO_DEVICE", "cuda")
        # ZeroGPU needs its package imported before torch, and the decorated function before the page starts.
        import_module("studio.hosting.zero_gpu")


def preload_networks(settings: Settings) -> list[str]:
    """On ZeroGPU, load every engine that has its weights, so that a lent GPU does not wait for the disk.

    Returns their names. An engine that cannot be loaded is left to its first job, which gives the reason.
    """
    if not on_zero_gpu():
        return []
    from studio.weights_report import report_weights

    placed = []
    for name in registry.with_weights():
        report = report_weights(name)
        if report is None or not report.ready:
            continue
        try:
            # Threads that computed here would be missing in the forked process that has the GPU, and it
            # would wait for them forever.
            import_module("torch").set_num_threads(1)
            registry.load(name, settings.device).prepare()
            placed.append(name)
        except Exception:
            registry.unload(name, settings.device)
            log.warning("The networks of %s are loaded with the first job.", name, exc_info=True)
    return placed


def engine_for(name: str, device: str) -> Engine:
    """The engine of a job: one that borrows a GPU for its work on ZeroGPU, else `registry.load`."""
    if on_zero_gpu() and name in registry.with_weights():
        from studio.hosting.zero_gpu import ZeroGpuEngine

        return ZeroGpuEngine.of(name, device)
    return registry.load(name, device)
