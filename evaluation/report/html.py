"""The report as one page that needs no network: fills templates/report.html."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.bootstrap import LEVEL, Comparison
from evaluation.metric import Metric
from evaluation.report import words
from evaluation.report.plots import strip_plot
from evaluation.table import NOT_MEASURED, Table
from media.documents.templates import rendered, style

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True)
class TableBlock:
    """A table of the page. first: titles of the columns before the metrics'. columns: title and metric.

    rows: their cells; the first is the row's name.
    """

    first: Sequence[str]
    columns: Sequence[tuple[str, Metric]]
    rows: Sequence[Sequence[str]]


def html_text(table: Table, compared: Sequence[Comparison], title: str) -> str:
    """Means, plots, comparisons, every video, and what is missing and why."""
    used = sum(not row.reason for row in table.rows)
    return rendered(
        "evaluation.report",
        "report.html",
        title=title,
        style=style("evaluation.report", "page.css"),
        intro=" ".join([f"{used} of {words.counted(len(table.rows), 'video')} scored.", *table.notes]),
        random_weights=words.random_weights(table),
        missing=words.missing(table),
        unusable=words.reasons(table),
        means=list(_means(table)),
        plots=list(_plots(table)),
        compared=list(_compared(table, compared)),
        level=LEVEL,
        videos=list(_videos(table)),
        blanks=[(f"{column} of {video}", why) for column, video, why in words.blanks(table)],
        video_notes=words.video_notes(table),
        score_notes=words.notes_of_scores(table),
        metrics=table.metrics,
        directions=words.DIRECTIONS,
        licences=words.licences(table),
        not_measured=NOT_MEASURED,
    )


def _means(table: Table) -> Iterator[TableBlock]:
    groups: list[tuple[str, str | None]] = [(group, group) for group in table.groups]
    if len(groups) != 1:
        groups.append(("all", None))
    for title, metrics in words.blocks(table):
        rows = [
            [name, str(sum(group in (None, row.group) for row in table.rows))]
            + [words.mean_cell(table, metric, group) for metric in metrics]
            for name, group in groups
        ]
        yield TableBlock(
            [title, "Videos"], [(words.mean_heading(metric), metric) for metric in metrics], rows
        )


def _videos(table: Table) -> Iterator[TableBlock]:
    for title, metrics in words.blocks(table):
        rows = [[row.video, *(words.cell(table, metric, row) for metric in metrics)] for row in table.rows]
        yield TableBlock([title], [(words.heading(metric), metric) for metric in metrics], rows)


def _plots(table: Table) -> Iterator[tuple[Metric, Markup]]:
    for metric in table.metrics:
        groups = {group: table.values(metric.name, group) for group in table.groups}
        if any(groups.values()):
            yield metric, strip_plot(groups, metric.digits, metric.range)


def _compared(table: Table, compared: Sequence[Comparison]) -> Iterator[tuple[str, Sequence[str]]]:
    """The kind of a row, which colours it, and its cells."""
    metrics = {metric.name: metric for metric in table.metrics}
    for one in compared:
        metric = metrics[one.metric]
        judged = words.verdict(metric, one)
        cells = (
            f"{one.group} against {one.against}",
            words.mean_heading(metric),
            words.difference(metric, one) + (f" {metric.unit}" if metric.unit else ""),
            judged,
            words.counted(one.pairs, "pair") if one.pairs else "not paired",
        )
        yield {"better": "good", "worse": "bad"}.get(judged, ""), cells
