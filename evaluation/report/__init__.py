"""The report of an evaluation: one table in four kinds of file."""

from __future__ import annotations

from pathlib import Path

from evaluation.bootstrap import comparisons
from evaluation.report.csv_file import csv_text
from evaluation.report.html import html_text
from evaluation.report.json_file import json_text
from evaluation.report.markdown import markdown_text
from evaluation.table import Table
from media.errors import OutputError


def write_report(table: Table, folder: Path, title: str = "Evaluation") -> list[Path]:
    """Write report.md, report.csv, report.json and report.html. Raises OutputError if a file
    cannot be written.
    """
    compared = list(comparisons(table))
    texts = {
        "report.md": markdown_text(table, compared, title),
        "report.csv": csv_text(table),
        "report.json": json_text(table, compared, title),
        "report.html": html_text(table, compared, title),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(
            'The report cannot be written to "{folder}": {reason}.', folder=folder, reason=error.strerror
        ) from error
    return [folder / name for name in texts]
