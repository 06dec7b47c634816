"""What the machine uses at the moment: the device, and the memory in use."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from media.messages import said


@dataclass(frozen=True)
class Machine:
    """device: in words. used and total: gigabytes of the memory that jobs need; None if unknown."""

    device: str
    used: float | None
    total: float | None


def look_at_machine(device: str) -> Machine:
    """The device of that name, with its own memory for a GPU, else the machine's.

    This imports nothing: a GPU's memory is known once the first video has been made on it.
    """
    if device.startswith("cuda"):
        torch = sys.modules.get("torch")
        if torch is None or not torch.cuda.is_initialized():
            return Machine(f"GPU ({device})", None, None)
        free, total = torch.cuda.mem_get_info(device)
        return Machine(f"GPU: {torch.cuda.get_device_name(device)}", (total - free) / 1e9, total / 1e9)
    name = "GPU (mps)" if device == "mps" else said("CPU, {cpu_count} cores", cpu_count=os.cpu_count() or 1)
    return Machine(name, *_memory())


def _memory() -> tuple[float | None, float | None]:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 / 1e9 for line in lines}
        return sizes["MemTotal"] - sizes["MemAvailable"], sizes["MemTotal"]
    except (OSError, KeyError, ValueError, IndexError):
        return None, None
