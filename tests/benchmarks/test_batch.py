from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import batch
from benchmarks.batch import Took, figures


@pytest.mark.parametrize(("alone", "ok"), [(31.0, True), (29.0, False)])
def test_ways_take_turns_and_the_fastest_round_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: float, ok: bool
) -> None:
    rounds = iter([Took(alone, 8), Took(12, 2), Took(15, 1), Took(alone + 9, 9), Took(10, 3), Took(20, 1)])

    def timed(work: Callable[[], None], folder: Path) -> Took:
        return next(rounds)

    monkeypatch.setattr(batch, "timed", timed)
    told = {figure.name: figure for figure in figures(tmp_path, jobs=4, rounds=2, ray=True)}
    assert told["a process for every job: jobs a minute"].value == pytest.approx(240 / alone)
    faster = told["batch, one process: times faster than a process for each"]
    assert faster.value == pytest.approx(alone / 10)
    assert faster.ok is ok
    assert told["batch, two workers of Ray: times faster than a process for each"].gate is None
    with (tmp_path / "jobs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["seed"] for row in rows] == ["0", "1", "2", "3"]
    assert all((tmp_path / row[column]).is_file() for row in rows for column in ("portrait", "voice"))
