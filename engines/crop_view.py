"""The part of a portrait that an engine's networks see, shown before a video is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from media.portrait import Portrait


@dataclass(frozen=True, eq=False)
class CropView:
    """What the networks see of a portrait.

    image: (h, w, 3) uint8 RGB, as the networks get it. corners: (4, 2) float64, where its upper left, upper
    right, lower right and lower left corners lie in the portrait, in pixels; they may lie outside of it.
    """

    image: np.ndarray
    corners: np.ndarray


CropViewer: TypeAlias = "Callable[[Portrait, Any], CropView | None]"
"""Takes a portrait and the engine's options. Returns None if only a network that is not loaded yet can tell.

Raises NoFaceError where the engine would.
"""
