"""Compares groups of videos: whether a difference is more than chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePath

import numpy as np

from evaluation.table import Table

DRAWS = 10_000
LEVEL = 95  # confidence of the interval, in percent
MOST = 4  # up to this many groups, every pair is compared
FEWEST = 5  # videos per group; with fewer, the interval is too narrow


@dataclass(frozen=True)
class Comparison:
    """Mean of `group` minus mean of `against` in one metric, with its bootstrap interval.

    low, high: the bounds of the difference's 95 % confidence interval. pairs: videos that are compared with
    the video of the same name; 0 if the groups are independent.
    """

    metric: str
    group: str
    against: str
    difference: float
    low: float
    high: float
    pairs: int

    @property
    def clear(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0


def interval(
    first: Mapping[str, float], second: Mapping[str, float], seed: int = 0
) -> tuple[float, float, float, int]:
    """(difference, low, high, pairs) of mean(second) - mean(first), by resampling videos.

    Videos with the same file name in both groups (all of them) are resampled as pairs, which reveals small
    differences that the spread between voices would hide.
    """
    from scipy.stats import bootstrap  # type: ignore[import-untyped]  # slow: half a second

    left, right = _by_name(first), _by_name(second)
    paired = len(left) == len(first) and len(right) == len(second) and left.keys() == right.keys()
    samples: tuple[np.ndarray, ...]
    if paired:
        samples = (np.array([right[name] - left[name] for name in left]),)
    else:
        samples = np.array(list(second.values())), np.array(list(first.values()))
    drawn = bootstrap(
        samples,
        _difference_of_means,
        n_resamples=DRAWS,
        confidence_level=LEVEL / 100,
        method="percentile",  # the other methods are not defined for equal values
        vectorized=True,
        rng=np.random.default_rng(seed),
    ).confidence_interval
    difference = float(np.mean(list(second.values())) - np.mean(list(first.values())))
    return difference, float(drawn.low), float(drawn.high), len(samples[0]) if paired else 0


def comparisons(table: Table) -> Iterator[Comparison]:
    """Compare every two groups in every metric for which both have at least five values.

    With more than four groups, each is compared only with the first, because of many comparisons some come
    out clear by chance.
    """
    groups = table.groups
    couples = list(combinations(groups, 2)) if len(groups) <= MOST else [(groups[0], g) for g in groups[1:]]
    for first, group in couples:
        for metric in table.metrics:
            a, b = table.weighed(metric, first), table.weighed(metric, group)
            if min(len(a), len(b)) >= FEWEST:
                yield Comparison(metric.name, group, first, *interval(a, b))


def _by_name(values: Mapping[str, float]) -> dict[str, float]:
    return {PurePath(video).stem: value for video, value in values.items()}


def _difference_of_means(values: np.ndarray, against: np.ndarray | None = None, axis: int = -1) -> np.ndarray:
    """The difference of two means; without `against`, the mean of values that are differences already."""
    means = values.mean(axis=axis)
    return np.asarray(means if against is None else means - against.mean(axis=axis))
