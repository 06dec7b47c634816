"""A comparison's figures and scores as tables: for pages, spreadsheets and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from evaluation.report import words
from evaluation.table import NOT_MEASURED
from media.documents.table_cells import spreadsheet_cell

if TYPE_CHECKING:
    from studio.comparison.columns import ColumnDone
    from studio.comparison.scores import ColumnScores


def rows(columns: Sequence[ColumnDone], scores: ColumnScores) -> list[tuple[str, list[str]]]:
    """The table as (name, one cell per column): first how each column was made, then its scores."""
    names = dict.fromkeys(name for one in columns for name in one.facts)
    lines = [(name, [one.facts.get(name, "–") for one in columns]) for name in names]
    by_title = {row.video: row for row in scores.table.rows}
    for metric in scores.table.metrics:
        if metric.name in scores.table.missing:
            lines.append((words.heading(metric), [NOT_MEASURED] * len(columns)))
            continue
        found = [by_title.get(one.column.title) for one in columns]
        values = [row.value(metric.name) if row else None for row in found]
        lines.append((words.heading(metric), [words.number(metric, value, unit=True) for value in values]))
    return lines


def table_csv(columns: Sequence[ColumnDone], scores: ColumnScores) -> str:
    """The table as CSV, for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["", *(spreadsheet_cell(one.column.title) for one in columns)])
    writer.writerows([name, *map(spreadsheet_cell, cells)] for name, cells in rows(columns, scores))
    return out.getvalue()


def missing(scores: ColumnScores) -> list[tuple[list[str], str]]:
    """(metrics, the command that downloads their weights) of metrics without any score."""
    return words.grouped_missing(scores.table)


def blanks(scores: ColumnScores) -> list[tuple[list[str], str, str]]:
    """(metrics, videos, reason) of single missing values."""
    return words.grouped_blanks(scores.table)


def facts(columns: Sequence[ColumnDone], scores: ColumnScores) -> dict[str, Any]:
    """Everything as values for `json.dumps`, without the folders of files."""
    by_title = {row.video: row for row in scores.table.rows}
    return {
        "columns": [
            {
                "title": one.column.title,
                "error": one.error,
                "memory_mb": one.memory_mb,
                "gpu_mb": one.gpu_mb,
                "result": one.result.as_json() | {"path": one.result.path.name} if one.result else None,
                "scores": {name: asdict(score) for name, score in by_title[one.column.title].scores.items()}
                if one.column.title in by_title
                else {},
            }
            for one in columns
        ],
        "missing": dict(scores.table.missing),
    }
