"""A virtual camera, which video calls take for a real one, through the optional package pyvirtualcam.

The package is under the GPL, version 2. It is in no list of requirements, and is imported only here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from media.closeable import Closeable
from media.errors import DeviceError


def camera_package() -> Any:
    """The module `pyvirtualcam`. Raises DeviceError if it is not installed."""
    try:
        import pyvirtualcam
    except ImportError:
        raise DeviceError(
            "A virtual camera needs the package pyvirtualcam, which is not installed. It is under the GPL, "
            "version 2. Install it with: pip install pyvirtualcam"
        ) from None
    return pyvirtualcam


class VirtualCamera(Closeable):
    """A virtual camera that shows pictures."""

    closed = False

    def __init__(self, size: tuple[int, int], fps: int) -> None:
        """size: of the pictures, (width, height). Raises DeviceError."""
        package = camera_package()
        try:
            self._camera: Any = package.Camera(*size, fps)
        except (RuntimeError, OSError, ValueError) as error:
            why = ". ".join(line.strip(" .") for line in str(error).splitlines() if line.strip())
            raise DeviceError(
                "No virtual camera can be used: {reason}. On Linux load the kernel module v4l2loopback; "
                "elsewhere install OBS Studio.",
                reason=why,
            ) from None
        self.name = str(self._camera.device)

    def show(self, picture: np.ndarray) -> None:
        """Show a picture, (H, W, 3) uint8 RGB. Raises DeviceError."""
        try:
            self._camera.send(np.ascontiguousarray(picture))
        except (RuntimeError, OSError) as error:
            raise DeviceError("The virtual camera is gone: {reason}.", reason=str(error)) from None

    def attend(self) -> None:
        """Do nothing: a camera has no keys."""

    def close(self) -> None:
        """Remove the camera's picture. A second call does nothing."""
        self._camera.close()
