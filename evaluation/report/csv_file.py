"""The table for spreadsheets and programs."""

from __future__ import annotations

import csv
import io

from evaluation.report.words import remarks
from evaluation.table import NOT_MEASURED, Table
from media.documents.table_cells import spreadsheet_cell

FACTS = ("frames", "fps", "width", "height", "seconds")


def csv_text(table: Table) -> str:
    """A line for every video with all digits; a missing value is "not measured" if weights are missing, else
    empty.

    notes: why single values of a video are missing.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [metric.name for metric in table.metrics]
    writer.writerow(["video", "group", *FACTS, *names, "reason", "notes"])
    for row in table.rows:
        facts = [row.facts.get(fact, "") for fact in FACTS]
        values = [NOT_MEASURED if name in table.missing else row.value(name) for name in names]
        written = ["" if value is None else value for value in values]
        notes = "" if row.reason else remarks(row)
        cells = [row.video, row.group, *facts, *written, row.reason, notes]
        writer.writerow(map(spreadsheet_cell, cells))
    return out.getvalue()
