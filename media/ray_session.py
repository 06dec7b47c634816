"""Starts a local Ray, or joins a running one, and leaves behind nothing that it started."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from media.errors import OptionError
from media.held_folder import RAY, HeldFolder

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 5.0
"""Seconds until an address that does not answer counts as unused."""


@contextmanager
def ray_session(address: str | None = None, cpus: int | None = None) -> Iterator[ModuleType]:
    """The module `ray`, connected, for the length of a `with` block.

    address: of a running cluster, as `host:6379`, `ray://host:10001`, or `auto` for this machine's cluster;
    None starts one for this block only. cpus: number of cores of that one; None for all. A process that is
    already connected stays connected, and nothing is started or ended. Raises OptionError if Ray is not
    installed, or if there is no cluster at the address.
    """
    ray = _import_ray()
    if ray.is_initialized():
        yield ray
        return
    folder = None if address else HeldFolder(RAY)
    try:
        with _own_signals():
            _connect(ray, address, cpus, folder.path if folder else None)
        yield ray
    finally:
        ray.shutdown()
        if folder is not None:
            folder.cleanup()


def _import_ray() -> ModuleType:
    # Read when Ray is imported: no usage reports, and an actor that did not request a GPU
    # sees none, as will be the default in later releases.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # A call to a Ray that has ended must not start another one that would never end.
    os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "1")
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise OptionError(
            "Several workers need the package ray, which is not installed. "
            "Install it with: pip install -r requirements/scale.txt"
        ) from error


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep this program's handler of SIGTERM: Ray replaces it by one that ends without cleaning up."""
    usual = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if usual is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, usual)


def _connect(ray: ModuleType, address: str | None, cpus: int | None, folder: Path | None) -> None:
    wishes: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": "ERROR",
        # Workers find the program where this process has it, wherever it was started.
        "runtime_env": {"env_vars": {"PYTHONPATH": _search_path()}},
    }
    if address is None:
        ray.init(address="local", num_cpus=cpus, include_dashboard=False, _temp_dir=str(folder), **wishes)
        return
    try:
        _knock(address)
        ray.init(address=address, **wishes)
    except (OSError, ValueError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or ["no answer"])[0].rstrip(".")
        raise OptionError(
            "There is no Ray cluster at {address!r}: {reason}. Start one with `ray start --head`, check the "
            "address, or leave it out to work on this machine.",
            address=address,
            reason=reason,
        ) from error


def _knock(address: str) -> None:
    """Raise OSError or ValueError if nothing listens: Ray itself would retry for minutes."""
    if address == "auto":
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError("an address is host:port, ray://host:port or auto")
    with socket.create_connection((host.strip("[]"), int(port)), PATIENCE):
        pass


def _search_path() -> str:
    known = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join([str(ROOT), *([known] if known else [])])
