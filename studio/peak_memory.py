"""How much memory a piece of work takes at most."""

from __future__ import annotations

import contextlib
import importlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from media.errors import OptionError

_RESET, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


class PeakMemory:
    """Starts counting when it is made. device: "cuda" and the like count that GPU's memory, too."""

    def __init__(self, device: str = "cpu") -> None:
        """Raises OptionError for a GPU without the package that drives it."""
        self._device = device
        self._torch = torch_on(device)
        if self._torch is not None:
            self._torch.cuda.reset_peak_memory_stats(device)
        with contextlib.suppress(OSError):  # Linux only, and not in every container
            _RESET.write_text("5", encoding="ascii")

    def gpu_mb(self) -> float | None:
        """Most GPU memory that tensors took, in megabytes; None without a GPU."""
        return None if self._torch is None else self._torch.cuda.max_memory_allocated(self._device) / 1e6

    def ram_mb(self) -> float | None:
        """Most resident memory of the process since then, in megabytes; None where it is not known."""
        with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
            lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
            return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6
        try:
            import resource
        except ImportError:  # Windows
            return None
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes


def torch_on(device: str) -> Any:
    """PyTorch where the device is a GPU that it drives; None for the processor."""
    if not device.startswith("cuda"):
        return None
    if find_spec("torch") is None:
        raise OptionError(
            "The device {device} needs PyTorch; install it, or set JOYSTUDIO_DEVICE=cpu.", device=device
        )
    return importlib.import_module("torch")
