from __future__ import annotations

import numpy as np
import pytest

from evaluation.bootstrap import comparisons, interval
from evaluation.metric import Better, Metric, Score
from evaluation.report.words import verdict
from evaluation.table import ScoreRow, Table


def named(values: list[float], group: str) -> dict[str, float]:
    return {f"{group}/{number}.mp4": value for number, value in enumerate(values)}


def table(first: list[float], second: list[float], better: Better = "higher") -> Table:
    metric = Metric("m", "M", better, (-10.0, 10.0), None, "free", "It.")
    rows = [
        ScoreRow(video, group, {"m": Score(value)})
        for group, values in (("a", first), ("b", second))
        for video, value in named(values, group).items()
    ]
    return Table((metric,), tuple(rows))


def test_pairs_show_a_small_difference_that_voices_hide() -> None:
    rng = np.random.default_rng(1)
    voices = rng.normal(5, 3, 12)
    better = voices + 0.3 + rng.normal(0, 0.1, 12)
    (paired,) = comparisons(table(list(voices), list(better)))
    assert paired.pairs == 12
    assert paired.clear
    assert paired.low < 0.3 < paired.high
    apart = {f"x{name}": value for name, value in named(list(better), "b").items()}
    renamed = {name.replace("/", "/other"): value for name, value in apart.items()}
    difference, low, high, pairs = interval(named(list(voices), "a"), renamed)
    assert pairs == 0
    assert low < 0 < high
    assert difference == pytest.approx(paired.difference)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(100):
        first, second = rng.normal(0, 1, 20), rng.normal(1, 1, 20)
        _, low, high, _ = interval(named(list(first), "a"), {f"{n}z": v for n, v in enumerate(second)})
        held += low <= 1 <= high
    assert 85 <= held <= 100


def test_the_same_table_gives_the_same_interval() -> None:
    one = table([1.0, 2.0, 4.0, 3.0, 1.0], [2.0, 2.5, 3.0, 3.5, 2.0])
    assert list(comparisons(one))
    assert list(comparisons(one)) == list(comparisons(one))


def test_few_videos_are_not_compared() -> None:
    assert list(comparisons(table([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0, 7.0]))) == []
    assert list(comparisons(Table((), ()))) == []


@pytest.mark.parametrize(
    ("better", "first", "second", "said"),
    [
        ("higher", [1, 2, 3, 1, 2], [4, 5, 6, 4, 5], "better"),
        ("lower", [1, 2, 3, 1, 2], [4, 5, 6, 4, 5], "worse"),
        ("zero", [-4, 4, -4, 4, -5], [1, -1, 1, -1, 1], "better"),
        ("neither", [1, 2, 3, 1, 2], [4, 5, 6, 4, 5], "higher"),
        ("higher", [1, 2, 3, 2, 1], [3, 2, 1, 1, 2], "no clear difference"),
    ],
)
def test_the_verdict_knows_which_way_is_good(
    better: Better, first: list[float], second: list[float], said: str
) -> None:
    whole = table(first, second, better)
    (one,) = comparisons(whole)
    assert verdict(whole.metrics[0], one) == said


def test_means_of_a_lag_are_of_its_distance_from_zero() -> None:
    whole = table([-3.0, 3.0], [1.0], "zero")
    assert whole.mean(whole.metrics[0], "a") == 3.0
    assert whole.mean(whole.metrics[0]) == pytest.approx(7 / 3)
