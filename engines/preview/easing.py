"""Smooth courses from 0 to 1 (Perlin 1985 and 2002), with which masks fade and weights end."""

from __future__ import annotations

import numpy as np


def smoothstep(t: np.ndarray) -> np.ndarray:
    """0 below 0, 1 above 1, and a cubic between them without a kink: of t's shape and type."""
    t = np.minimum(np.maximum(t, 0.0), 1.0)  # on small arrays twice as fast as np.clip
    return np.asarray(t * t * (3.0 - 2.0 * t))


def smootherstep(t: np.ndarray) -> np.ndarray:
    """The same by a quintic, whose curvature has no jump either: for what moves pixels."""
    t = np.minimum(np.maximum(t, 0.0), 1.0)
    return np.asarray(t * t * t * (t * (6.0 * t - 15.0) + 10.0))
