"""The output of `evaluate`: aligned means, and the licences of their metrics."""

from __future__ import annotations

from evaluation.metric import Metric, Score
from evaluation.report.terminal import terminal_lines
from evaluation.table import ScoreRow, Table

LAG = Metric("lag", "Lag", "zero", (-500.0, 500.0), None, "free", "How late.", unit="ms", digits=0)
DEEP = Metric("deep", "Deep", "higher", (0.0, 1.0), "deep", "research only", "How deep.")


def row(video: str, group: str, **values: float | None) -> ScoreRow:
    scores = {name: Score(value, "" if value is not None else "no sound") for name, value in values.items()}
    return ScoreRow(video, group, scores)


def test_means_stand_under_their_groups() -> None:
    rows = (row("a", "early", lag=-40.0), row("b", "late", lag=60.0), row("c", "late", lag=80.0))
    head, lag, licence = terminal_lines(Table((LAG, DEEP), rows, missing={"deep": "no weights"}))
    assert head.split() == ["early", "late", "all"]
    assert lag.split()[-3:] == ["40", "70", "60"]  # distances from zero, as in the report
    assert [head.index(word) + len(word) for word in ("early", "late", "all")] == [
        lag.index(word) + len(word) for word in ("40", "70", "60")
    ]
    assert licence == "licence of Lag: free"


def test_one_group_needs_no_name_and_further_ones_are_counted() -> None:
    assert terminal_lines(Table((LAG,), (row("a", "here", lag=1.0),)))[0].split() == ["all"]
    many = tuple(row(str(n), f"g{n}", lag=float(n)) for n in range(9))
    head, _, more, _ = terminal_lines(Table((LAG,), many))
    assert len(head.split()) == 7
    assert more == "(3 more groups are in the report.)"


def test_nothing_is_printed_if_nothing_was_measured() -> None:
    assert terminal_lines(Table((LAG,), (row("a", "here", lag=None),))) == []
