"""Looks at processes and waits for them; Linux only."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 20.0


def children(pid: int) -> list[int]:
    """The processes whose parent this one is."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            if parent == pid:
                found.append(int(folder.name))
    return sorted(found)


def helper_of(server: int) -> int:
    """A server's process that forks decoders. Raises ValueError when it has none, or several."""
    found = [pid for pid in children(server) if b"media.decoding.fork_server" in _command(pid)]
    (helper,) = found
    return helper


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


def name_of(pid: int) -> str:
    """The name of its program; "" once it has ended."""
    return Path(os.fsdecode(_command(pid).partition(b"\0")[0])).name


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and is not waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for something to become true. Raises TimeoutError when it does not within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} within {patience:g} s")
        time.sleep(0.01)
