"""The means for a terminal: metrics down, groups across, and what their licences ask."""

from __future__ import annotations

from evaluation.report import words
from evaluation.table import Table

ALL = "all"


def terminal_lines(table: Table, most_groups: int = 6) -> list[str]:
    """Lines with every measured metric's means, then the licences of what measured them.

    Groups beyond the first `most_groups` are in the files only; no lines where nothing was measured.
    """
    shown = [metric for metric in table.metrics if table.mean(metric) is not None]
    if not shown:
        return []
    groups: list[str | None] = list(table.groups[:most_groups]) if len(table.groups) > 1 else []
    groups.append(None)
    head = ["", *(ALL if group is None else group for group in groups)]
    rows = [
        [_title(words.mean_heading(metric), metric.unit)]
        + [words.mean_cell(table, metric, group) for group in groups]
        for metric in shown
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [_line(cells, widths) for cells in (head, *rows)]
    if len(table.groups) > most_groups:
        lines.append(f"({len(table.groups) - most_groups} more groups are in the report.)")
    licences = words.licences(table, measured=True)
    return lines + [f"licence of {columns}: {text}" for columns, text in licences]


def _title(heading: str, unit: str) -> str:
    return f"{heading}, {unit}" if unit else heading


def _line(cells: list[str], widths: list[int]) -> str:
    first, *others = (
        cell.ljust(width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()
