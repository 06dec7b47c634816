"""The original's filters over time: moving average, median, mean and a Kalman smoother.

They work along the first axis of (n, ...) arrays and return float32 of the same shape. Median and mean
look back only, over a window that grows at the start. For motion that comes in
stretches, and for a filter without lag, see `head_smoothing.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engines.joyvasa.motion.pose import HeadMotion

EMA_ALPHA = 0.01
"""The original's: a time constant of 100 frames, which all but freezes the head."""
MEDIAN_WINDOW = 3
MEAN_WINDOW = 10
PROCESS_VARIANCE = 1e-5
OBSERVATION_VARIANCE = 3e-7

HEAD = ("scale", "t", "pitch", "yaw", "roll")
"""What is smoothed; the expression is left alone, as in JoyVASA."""

Filter = Callable[[np.ndarray], np.ndarray]


def ema(values: np.ndarray, alpha: float = EMA_ALPHA) -> np.ndarray:
    """Exponential moving average: alpha * new + (1 - alpha) * old, from the first value on."""
    smooth = np.array(values, np.float32)
    old = smooth[:1].copy()
    for i in range(len(smooth)):
        old = alpha * smooth[i : i + 1] + (1 - alpha) * old
        smooth[i : i + 1] = old
    return smooth


def median(values: np.ndarray, window: int = MEDIAN_WINDOW) -> np.ndarray:
    """Median of each value and the window - 1 before it."""
    return _causal(values, window, np.median)


def mean(values: np.ndarray, window: int = MEAN_WINDOW) -> np.ndarray:
    """Mean of each value and the window - 1 before it."""
    return _causal(values, window, np.mean)


def kalman(
    values: np.ndarray,
    observation_variance: float = OBSERVATION_VARIANCE,
    process_variance: float = PROCESS_VARIANCE,
) -> np.ndarray:
    """Kalman smoother of a random walk: forwards, then backwards (Rauch, Tung and Striebel).

    Every number is a walk of its own. The first state is believed to be the first value with variance 1.
    """
    seen = np.asarray(values, np.float64)
    count = len(seen)
    states, variances = np.empty_like(seen), np.empty(count)
    state, variance = seen[0] if count else seen, 1.0
    for i in range(count):
        if i:
            variance += process_variance
        gain = variance / (variance + observation_variance)
        state = state + gain * (seen[i] - state)
        variance *= 1 - gain
        states[i], variances[i] = state, variance
    for i in range(count - 2, -1, -1):
        share = variances[i] / (variances[i] + process_variance)
        states[i] += share * (states[i + 1] - states[i])
    return states.astype(np.float32)


def smooth_head(motion: HeadMotion, smoother: Filter = ema) -> HeadMotion:
    """The motion with its head smoothed; the expression is the same array."""
    return motion.with_changes(**{name: smoother(getattr(motion, name)) for name in HEAD})


def _causal(values: np.ndarray, window: int, statistic: Callable[..., np.ndarray]) -> np.ndarray:
    rows = np.asarray(values, np.float32)
    smooth = [statistic(rows[max(0, i - window + 1) : i + 1], axis=0) for i in range(len(rows))]
    return np.array(smooth, np.float32).reshape(rows.shape)
