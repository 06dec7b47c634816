"""The report as one page that needs no network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from evaluation.bootstrap import LEVEL, Comparison
from evaluation.metric import Metric
from evaluation.report import words
from evaluation.report.plots import strip_plot
from evaluation.table import NOT_MEASURED, Table


def html_text(table: Table, compared: Sequence[Comparison], title: str) -> str:
    """Means, plots, comparisons, every video, and what is missing and why."""
    style = files("evaluation.report").joinpath("page.css").read_text(encoding="utf-8")
    used = sum(not row.reason for row in table.rows)
    intro = " ".join([f"{used} of {words.counted(len(table.rows), 'video')} scored.", *table.notes])
    body = [
        f"<h1>{escape(title)}</h1><p>{escape(intro)}</p>",
        _list("Made-up weights", words.made_up(table), "warn"),
        _list("Not measured", words.missing(table), "warn"),
        _list("Videos that could not be used", words.reasons(table), "warn"),
        "<h2>Means</h2>",
        _means(table),
        "<h2>Plots</h2><p>A dot is a video, a bar the mean of its group. Point at one for its name.</p>",
        _plots(table),
        _compared(table, compared),
        "<h2>Videos</h2>",
        _videos(table),
        _list(
            "Single values that are not there", [(f"{c} of {v}", why) for c, v, why in words.blanks(table)]
        ),
        _list("Notes on the videos", words.video_notes(table)),
        _list("Notes on the values", words.notes_of_scores(table)),
        "<h2>What the columns mean</h2>",
        _meanings(table),
        _list("Licences of the metrics", words.licences(table)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>\n<body><main>"
        + "\n".join(part for part in body if part)
        + "</main></body></html>\n"
    )


def _means(table: Table) -> str:
    groups: list[tuple[str, str | None]] = [(group, group) for group in table.groups]
    if len(groups) != 1:
        groups.append(("all", None))
    parts = []
    for title, metrics in words.blocks(table):
        rows = [
            [name, str(sum(group in (None, row.group) for row in table.rows))]
            + [words.mean_cell(table, metric, group) for metric in metrics]
            for name, group in groups
        ]
        heads = [words.mean_heading(metric) for metric in metrics]
        parts.append(_table([title, "Videos"], heads, metrics, rows))
    return "".join(parts)


def _videos(table: Table) -> str:
    parts = []
    for title, metrics in words.blocks(table):
        rows = [[row.video, *(words.cell(table, metric, row) for metric in metrics)] for row in table.rows]
        parts.append(_table([title], [words.heading(metric) for metric in metrics], metrics, rows))
    return "".join(parts)


def _table(
    first: Sequence[str], heads: Sequence[str], metrics: Sequence[Metric], rows: Iterable[Sequence[str]]
) -> str:
    """The first columns under their own titles, then one for every metric."""
    head = "".join(f"<th>{escape(name)}</th>" for name in first)
    for title, metric in zip(heads, metrics, strict=True):
        unit = f"<small>{escape(metric.unit)}</small>" if metric.unit else ""
        head += f'<th class="n" title="{escape(metric.description)}">{escape(title)}{unit}</th>'
    lines = [f"<tr>{head}</tr>"]
    for row in rows:
        cells = f"<th>{escape(row[0])}</th>"
        for text in row[1:]:
            kind = "n none" if text in (NOT_MEASURED, "–") else "n"
            cells += f'<td class="{kind}">{escape(text)}</td>'
        lines.append(f"<tr>{cells}</tr>")
    return f'<div class="wide"><table>{"".join(lines)}</table></div>'


def _plots(table: Table) -> str:
    figures = []
    for metric in table.metrics:
        groups = {group: table.values(metric.name, group) for group in table.groups}
        if not any(groups.values()):
            continue
        unit = f", {metric.unit}" if metric.unit else ""
        caption = f"<b>{escape(metric.title)}</b>{escape(unit)} <i>{words.DIRECTIONS[metric.better]}</i>"
        drawn = strip_plot(groups, metric.digits, metric.range)
        figures.append(f"<figure><figcaption>{caption}</figcaption>{drawn}</figure>")
    return f'<div class="plots">{"".join(figures)}</div>' if figures else "<p>There is nothing to draw.</p>"


def _compared(table: Table, compared: Sequence[Comparison]) -> str:
    if not compared:
        return ""
    metrics = {metric.name: metric for metric in table.metrics}
    lines = [
        f"<tr><th>Groups</th><th>Metric</th><th>Difference of means ({LEVEL} % bootstrap interval)</th>"
        "<th>Verdict</th><th>Videos</th></tr>"
    ]
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
        kind = {"better": "good", "worse": "bad"}.get(judged, "")
        lines.append(f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return f'<h2>Groups compared</h2><div class="wide"><table>{"".join(lines)}</table></div>'


def _meanings(table: Table) -> str:
    lines = ["<tr><th>Column</th><th>Unit</th><th>Direction</th><th>Meaning</th></tr>"]
    for metric in table.metrics:
        cells = (metric.unit, words.DIRECTIONS[metric.better], metric.description)
        row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        lines.append(f"<tr><th>{escape(metric.title)}</th>{row}</tr>")
    return f'<div class="wide"><table class="text">{"".join(lines)}</table></div>'


def _list(heading: str, rows: Iterable[tuple[str, str]], kind: str = "") -> str:
    items = "".join(f"<li><b>{escape(what)}</b>: {escape(why)}</li>" for what, why in rows)
    return f'<section class="{kind}"><h2>{heading}</h2><ul>{items}</ul></section>' if items else ""
