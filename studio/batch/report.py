"""The report of a batch, in the order of its list: CSV, JSONL and a page of Markdown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from media.documents.table_cells import markdown_text, spreadsheet_cell
from media.errors import OutputError
from studio.batch.outcome import JobOutcome, counted
from studio.random_weights import says_random

COLUMNS = (
    "line", "name", "status", "reason", "attempts", "video", "engine", "preset", "seed", "portrait", "voice",
    "seconds", "duration", "frames", "random_weights",
)  # fmt: skip
MEANINGS = {
    "made": "made now",
    "kept": "there already, from the same files and options",
    "failed": "not made in three attempts",
    "refused": "cannot be made as the line or its files are",
    "waiting": "not reached before the batch was stopped",
}


def write_report(outcomes: Sequence[JobOutcome], out: Path, facts: Sequence[str]) -> tuple[Path, ...]:
    """Write report.csv, report.jsonl and report.md, each completely or not at all.

    facts: sentences about the whole batch. Raises OutputError.
    """
    rows = [outcome.as_json() for outcome in outcomes]
    texts = {
        "report.csv": _csv(rows),
        "report.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
        "report.md": _markdown(outcomes, facts),
    }
    for name, text in texts.items():
        new = out / f".{name}.new"
        try:
            new.write_text(text, encoding="utf-8", newline="", errors="backslashreplace")
            new.replace(out / name)
        except OSError as error:
            raise OutputError(
                'The report cannot be written to "{out}": {reason}.', out=out, reason=error.strerror
            ) from error
    return tuple(out / name for name in texts)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: spreadsheet_cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _markdown(outcomes: Sequence[JobOutcome], facts: Sequence[str]) -> str:
    counts = counted(outcomes)
    parts = ["# Batch", "\n".join(f"- {fact}" for fact in facts)]
    rows = [f"| {name} | {count} | {MEANINGS[name]} |" for name, count in counts.items() if count]
    parts.append("\n".join(["| Videos | | |", "|---|---|---|", *rows]))
    if any(says_random(one.facts) for one in outcomes):
        parts.append(
            "**Random weights**: some of these videos show that everything runs, not what real "
            "videos look like."
        )
    for status, heading in (("failed", "Failed"), ("refused", "Refused")):
        listed = [
            f"- line {one.line.number}{f', {markdown_text(one.line.name)}' if one.line.name else ''}: "
            f"{markdown_text(one.reason)}"
            for one in outcomes
            if one.status == status
        ]
        if listed:
            parts += [f"## {heading}", "\n".join(listed)]
    return "\n\n".join(part for part in parts if part) + "\n"
