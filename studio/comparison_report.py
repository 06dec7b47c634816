"""The files of a comparison: a page that plays all columns in step, tables, and a zip of everything."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.report import words
from evaluation.table import NOT_MEASURED
from media.errors import OutputError
from studio.comparison_plot import curve_plot

if TYPE_CHECKING:
    from studio.comparison import ColumnDone
    from studio.comparison_scores import ColumnScores


def write_comparison(
    columns: Sequence[ColumnDone], scores: ColumnScores, together: Path, out: Path, portrait: str, voice: str
) -> tuple[tuple[Path, ...], Path]:
    """Write comparison.html, .csv and .json and a zip; returns all files and the zip. Raises OutputError."""
    texts = {
        "comparison.html": page(columns, scores, together.name, portrait, voice),
        "comparison.csv": table_csv(columns, scores),
        "comparison.json": json.dumps(_facts(columns, scores), indent=2, ensure_ascii=False) + "\n",
    }
    archive = out / "comparison.zip"
    videos = [one.result.path for one in columns if one.result is not None]
    written = (*(out / name for name in texts), together, *videos)
    try:
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8", newline="")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:  # videos shrink no further
            for path in written:
                packed.write(path, f"comparison/{path.name}")
    except OSError as error:
        raise OutputError(f'The comparison cannot be written to "{out}": {error.strerror}.') from error
    return written, archive


def rows(columns: Sequence[ColumnDone], scores: ColumnScores) -> list[tuple[str, list[str]]]:
    """The table: (what, a cell for every column), first how each was made, then its scores."""
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
    """The table for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["", *(one.column.title for one in columns)])
    writer.writerows([name, *cells] for name, cells in rows(columns, scores))
    return out.getvalue()


def page(
    columns: Sequence[ColumnDone], scores: ColumnScores, together: str, portrait: str, voice: str
) -> str:
    """The page; it plays the videos that lie beside it and needs no network."""
    here = files("studio.comparison_page")
    style = files("evaluation.report").joinpath("page.css").read_text(encoding="utf-8")
    style += here.joinpath("page.css").read_text(encoding="utf-8")
    script = here.joinpath("page.js").read_text(encoding="utf-8")
    players = "".join(_player(one, scores) for one in columns)
    missing = "".join(f"<li><b>{escape(c)}</b>: {escape(why)}</li>" for c, why in words.missing(scores.table))
    if missing:
        missing = f"<h2>Not measured</h2><ul>{missing}</ul>"
    licences = "".join(
        f"<li><b>{escape(c)}</b>: {escape(text)}</li>" for c, text in words.licences(scores.table)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Comparison</title><style>{style}</style></head>\n<body><main>"
        f"<h1>Comparison</h1><p>{escape(portrait)} says {escape(voice)}.</p>"
        '<div class="controls"><button id="play" type="button">Play all</button>'
        '<input id="time" type="range" min="0" max="1" step="0.001" value="0" aria-label="Time">'
        f'<output id="clock">0.0 s</output><a href="{escape(together)}">side by side</a></div>'
        f'<div class="players">{players}</div>'
        f"<h2>Figures</h2>{_table(columns, scores)}{missing}"
        f"<h2>Licences of the metrics</h2><ul>{licences}</ul></main>"
        f"<script>{script}</script></body></html>\n"
    )


def _player(one: ColumnDone, scores: ColumnScores) -> str:
    title = escape(one.column.title)
    if one.result is None:
        return f'<figure><figcaption>{title}</figcaption><p class="warn">{escape(one.error)}</p></figure>'
    first = not one.number
    watched = scores.watched.get(one.column.title)
    plot = curve_plot(watched) if watched is not None else ""
    muted = "" if first else " muted"
    name = escape(one.result.path.name)
    video = f'<video src="{name}" preload="auto" playsinline{muted}></video>'
    return f"<figure><figcaption>{title}</figcaption>{video}{plot}</figure>"


def _table(columns: Sequence[ColumnDone], scores: ColumnScores) -> str:
    head = "".join(f'<th class="n">{escape(one.column.title)}</th>' for one in columns)
    lines = [f"<tr><th></th>{head}</tr>"]
    for name, cells in rows(columns, scores):
        line = "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells)
        lines.append(f"<tr><th>{escape(name)}</th>{line}</tr>")
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _facts(columns: Sequence[ColumnDone], scores: ColumnScores) -> dict[str, Any]:
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
