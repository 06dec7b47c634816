"""What the original programs compute and JoyStudio has no use for: kept to compare with their figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from torch import Tensor

from engines.joyhallo.networks.denoising_unet import DEAD
from engines.joyvasa.motion.windows import WindowPlan
from evaluation.syncnet.distances import SyncScore
from evaluation.vbench.consistency import Consistency


def limited_size(height: int, width: int, max_side: int = 1280, division: int = 2) -> tuple[int, int]:
    """(height, width) after the longest side is brought down to max_side and both are made divisible.

    The other side is rounded down, and so are both to multiples of `division` (the lower right edge is cut
    off), as the original does. A picture with a side shorter than `division` stays as it is.
    """
    longest = max(height, width)
    if max_side > 0 and longest > max_side:
        height, width = (
            max_side if side == longest else int(side * (max_side / longest)) for side in (height, width)
        )
    if min(height, width) < division:
        return height, width
    return height - height % division, width - width % division


def with_target(ratios: np.ndarray, target: np.ndarray | float) -> np.ndarray:
    """The condition of the retargeting networks: own ratios, then the ratio wanted.

    ratios: (n, 1) of lips or (n, 2) of eyes; target: a number or one per row. Returns (n, 2) or (n, 3).
    """
    column = np.broadcast_to(np.asarray(target, np.float32).reshape(-1, 1), (len(ratios), 1))
    return np.concatenate([ratios, column], axis=1).astype(np.float32, copy=False)


def level_logits(logits: np.ndarray, tokens: Sequence[int]) -> np.ndarray:
    """(n, 5) of (n, T, V): what the last place says of the levels' first tokens."""
    return logits[:, -1, list(tokens)]


def mean_over_pictures(videos: Iterable[Consistency]) -> float:
    """VBench's total in one process: long videos weigh more."""
    known = list(videos)
    return sum(video.total for video in known) / sum(video.count for video in known)


def mean_over_videos(scores: Iterable[float]) -> float:
    """VBench's total of Subject in several processes: every video weighs the same."""
    known = list(scores)
    return sum(known) / len(known)


def frame_confidence(found: SyncScore) -> np.ndarray:
    """(T,) float32: the middle of the curve minus each window's distance at the best shift."""
    curve = np.sort(found.curve)
    return curve[(len(curve) - 1) // 2] - found.distances[:, found.best]


def indicator(plan: WindowPlan, window: int) -> np.ndarray:
    """(motions,) float32: 1 for frames over the sound, 0 for padding. The released network ignores it."""
    place = window * plan.motions + np.arange(plan.motions)
    return (place < plan.speech_frames).astype(np.float32)


def without_dead_modules(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A denoising U-Net's weights without those of the motion modules that are never run.

    Published files hold them (180 million numbers in the real size); a strict load wants them gone.
    """
    return {key: value for key, value in state.items() if DEAD.match(key) is None}
