"""Measures the peak memory of a piece of work."""

from __future__ import annotations

import contextlib
import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from media.errors import OptionError

_RESET, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


class PeakMemory:
    """Measures from its creation. device: for "cuda" and the like, that GPU's memory is measured, too."""

    def __init__(self, device: str = "cpu") -> None:
        """Raises OptionError for a GPU without PyTorch."""
        self._device = device
        self._torch = torch_on(device)
        if self._torch is not None:
            self._torch.cuda.reset_peak_memory_stats(device)
        with contextlib.suppress(OSError):  # Linux only, and not in every container
            _RESET.write_text("5", encoding="ascii")

    def gpu_mb(self) -> float | None:
        """Peak GPU memory of tensors in megabytes; None without a GPU."""
        return None if self._torch is None else self._torch.cuda.max_memory_allocated(self._device) / 1e6

    def ram_mb(self) -> float | None:
        """Peak resident memory of the process in megabytes; None if unknown."""
        peak = peak_bytes()
        return None if peak is None else peak / 1e6


def peak_bytes() -> int | None:
    """Peak resident memory of this process; None if unknown.

    Linux starts the ru_maxrss of a new program at the peak of the process that started it, so this is read
    from elsewhere.
    """
    with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # macOS counts bytes


def torch_on(device: str) -> Any:
    """PyTorch if the device is a GPU; None for the CPU."""
    if not device.startswith("cuda"):
        return None
    if find_spec("torch") is None:
        raise OptionError(
            "The device {device} needs PyTorch; install it, or set JOYSTUDIO_DEVICE=cpu.", device=device
        )
    return importlib.import_module("torch")
