"""Is the difference of two groups more than chance?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePath

import numpy as np

from evaluation.table import Table

DRAWS = 10_000
LEVEL = 95  # percent of the interval
MOST = 4  # groups of which every two are compared
FEWEST = 5  # videos of a group; of fewer an interval comes out too narrow


@dataclass(frozen=True)
class Comparison:
    """Mean of `group` minus mean of `against` in one metric, with its bootstrap interval.

    low, high: between them the difference lies with 95 % confidence. pairs: videos compared with their like
    of the same name; 0 when the groups were drawn from independently.
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
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


def interval(
    first: Mapping[str, float], second: Mapping[str, float], seed: int = 0
) -> tuple[float, float, float, int]:
    """(difference, low, high, pairs) of mean(second) - mean(first), by resampling videos.

    Videos with the same file name in both groups (all of them) are resampled as pairs, which tells
    small differences apart that the spread between voices would hide.
    """
    rng = np.random.default_rng(seed)
    left, right = _by_name(first), _by_name(second)
    if len(left) == len(first) and len(right) == len(second) and left.keys() == right.keys():
        apart = np.array([right[name] - left[name] for name in left])
        draws = _means(apart, rng)
        pairs = len(apart)
    else:
        a, b = np.array(list(first.values())), np.array(list(second.values()))
        draws = _means(b, rng) - _means(a, rng)
        pairs = 0
    difference = float(np.mean(list(second.values())) - np.mean(list(first.values())))
    low, high = np.percentile(draws, [(100 - LEVEL) / 2, (100 + LEVEL) / 2])
    return difference, float(low), float(high), pairs


def comparisons(table: Table) -> Iterator[Comparison]:
    """Every two groups in every metric of which both have five values at least.

    Of more than four groups each is compared with the first only: of many comparisons some come out clear
    by chance.
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


def _means(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(values[rng.integers(0, len(values), (DRAWS, len(values)))].mean(axis=1))
