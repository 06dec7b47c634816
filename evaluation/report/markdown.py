"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.bootstrap import LEVEL, Comparison
from evaluation.report import words
from evaluation.table import Table
from media.documents.table_cells import markdown_text as plain


def markdown_text(table: Table, compared: Sequence[Comparison], title: str) -> str:
    """Means, comparisons, every video, what is missing and why, and licences."""
    warnings = [f"**{columns}**: {text}" for columns, text in words.random_weights(table)]
    parts = [f"# {plain(title)}", *table.notes, *warnings, "## Means", _means(table)]
    if compared:
        parts += ["## Groups compared", _compared(table, compared)]
    parts += ["## Videos", _videos(table)]
    for heading, rows in (
        (
            "Videos that could not be used",
            [f"**{plain(video)}**: {plain(why)}" for video, why in words.reasons(table)],
        ),
        (
            "Notes on the videos",
            [f"**{plain(video)}**: {plain(note)}" for video, note in words.video_notes(table)],
        ),
        ("Not measured", [f"**{columns}**: {why}" for columns, why in words.missing(table)]),
        (
            "Single values that are not there",
            [f"**{c}** of {plain(v)}: {plain(why)}" for c, v, why in words.blanks(table)],
        ),
        ("Notes on the values", [f"**{column}**: {note}" for column, note in words.notes_of_scores(table)]),
        ("Licences of the metrics", [f"**{columns}**: {text}" for columns, text in words.licences(table)]),
    ):
        if rows:
            parts += [f"## {heading}", "\n".join(f"- {row}" for row in rows)]
    parts += ["## What the columns mean", _meanings(table)]
    return "\n\n".join(parts) + "\n"


def _means(table: Table) -> str:
    groups: list[tuple[str, str | None]] = [(plain(group), group) for group in table.groups]
    if len(groups) != 1:
        groups.append(("**all**", None))
    parts = []
    for title, metrics in words.blocks(table):
        head = [title, "Videos", *map(words.mean_heading, metrics)]
        rows = [
            [name, str(sum(group in (None, row.group) for row in table.rows))]
            + [words.mean_cell(table, metric, group) for metric in metrics]
            for name, group in groups
        ]
        parts.append(_table(head, rows, text=1))
    return "\n\n".join(parts)


def _compared(table: Table, compared: Sequence[Comparison]) -> str:
    metrics = {metric.name: metric for metric in table.metrics}
    rows = [
        [
            f"{plain(one.group)} against {plain(one.against)}",
            words.mean_heading(metrics[one.metric]),
            words.difference(metrics[one.metric], one),
            words.verdict(metrics[one.metric], one),
            words.counted(one.pairs, "pair") if one.pairs else "not paired",
        ]
        for one in compared
    ]
    interval = f"Difference of means ({LEVEL} % bootstrap interval)"
    return _table(["Groups", "Metric", interval, "Verdict", "Videos"], rows, text=5)


def _videos(table: Table) -> str:
    parts = []
    for title, metrics in words.blocks(table):
        head = [title, *map(words.heading, metrics)]
        rows = [
            [plain(row.video), *(words.cell(table, metric, row) for metric in metrics)] for row in table.rows
        ]
        parts.append(_table(head, rows, text=1))
    return "\n\n".join(parts)


def _meanings(table: Table) -> str:
    rows = [
        [metric.title, metric.unit, words.DIRECTIONS[metric.better], metric.description]
        for metric in table.metrics
    ]
    return _table(["Column", "Unit", "Direction", "Meaning"], rows, text=4)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], text: int) -> str:
    """A table whose first `text` columns are words and whose others are numbers."""
    rule = ["---" if column < text else "---:" for column in range(len(head))]
    lines = [head, rule, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
