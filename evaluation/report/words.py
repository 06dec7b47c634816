"""How values, differences and columns are put into words, the same in every kind of file."""

from __future__ import annotations

from evaluation.bootstrap import Comparison
from evaluation.metric import Metric
from evaluation.table import NOT_MEASURED, ScoreRow, Table

ARROWS = {"higher": "↑", "lower": "↓", "zero": "→0", "neither": ""}
DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "zero": "nearer to 0 is better",
    "neither": "as natural is best",
}

ALL_VIDEOS = "all videos"


def heading(metric: Metric) -> str:
    """A column's title with its arrow, as in "Sync-C ↑"; the two stay on one line."""
    return f"{metric.title}\N{NO-BREAK SPACE}{ARROWS[metric.better]}".strip("\N{NO-BREAK SPACE}")


def mean_heading(metric: Metric) -> str:
    """The same over means; of a metric that is best at zero these are means of distances from it."""
    return f"|{metric.title}|\N{NO-BREAK SPACE}↓" if metric.better == "zero" else heading(metric)


def blocks(table: Table) -> list[tuple[str, tuple[Metric, ...]]]:
    """The columns in tables that fit a page: those that networks measure, and our own."""
    networks = tuple(metric for metric in table.metrics if metric.needs is not None)
    own = tuple(metric for metric in table.metrics if metric.needs is None)
    titled = (("By networks", networks), ("Without networks", own))
    return [(title, metrics) for title, metrics in titled if metrics]


def number(metric: Metric, value: float | None, *, unit: bool = False) -> str:
    """A value with the decimals that mean something; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{metric.digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return f"{text} {metric.unit}" if unit and metric.unit else text


def cell(table: Table, metric: Metric, row: ScoreRow) -> str:
    """A video's cell."""
    return NOT_MEASURED if metric.name in table.missing else number(metric, row.value(metric.name))


def mean_cell(table: Table, metric: Metric, group: str | None) -> str:
    """A group's cell, or that of all videos."""
    return NOT_MEASURED if metric.name in table.missing else number(metric, table.mean(metric, group))


def counted(count: int, thing: str) -> str:
    """As in "1 video", "2 videos"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def verdict(metric: Metric, compared: Comparison) -> str:
    """What an interval says, in a word or two."""
    if not compared.clear:
        return "no clear difference"
    if metric.better != "neither":
        return "better" if (compared.difference > 0) == (metric.better == "higher") else "worse"
    return "higher" if compared.difference > 0 else "lower"


def difference(metric: Metric, compared: Comparison) -> str:
    """As in "+0.123 (0.050 to 0.200)"."""
    sign = "+" if compared.difference > 0 else ""
    low, high = number(metric, compared.low), number(metric, compared.high)
    return f"{sign}{number(metric, compared.difference)} ({low} to {high})"


def licences(table: Table, *, measured: bool = False) -> list[tuple[str, str]]:
    """(columns, licence) of every licence among the metrics, or the measured ones, each once."""
    titles: dict[str, list[str]] = {}
    for metric in table.metrics:
        if measured and table.mean(metric) is None:
            continue
        titles.setdefault(metric.licence, []).append(metric.title)
    return [(", ".join(names), licence) for licence, names in titles.items()]


def reasons(table: Table) -> list[tuple[str, str]]:
    """(video, reason) of every video that could not be used."""
    return [(row.video, row.reason) for row in table.rows if row.reason]


def video_notes(table: Table) -> list[tuple[str, str]]:
    """(video, note) of what else is to be known of a video, such as its variable rate."""
    return [(row.video, note) for row in table.rows if (note := row.facts.get("note"))]


def remarks(row: ScoreRow) -> str:
    """Of one video: what else is to be known, and why single values are not there."""
    notes = [row.facts.get("note") or "", *(s.note for s in row.scores.values() if s.value is None)]
    return " ".join(dict.fromkeys(note for note in notes if note and note != NOT_MEASURED))


def blanks(table: Table) -> list[tuple[str, str, str]]:
    """(columns, videos, reason) of single values that are not there, grouped by what they share."""
    return [(", ".join(titles), videos, note) for titles, videos, note in grouped_blanks(table)]


def grouped_blanks(table: Table) -> list[tuple[list[str], str, str]]:
    """The same with the columns one by one."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in table.rows if any(row.scores for row in table.rows) else ():
        if row.reason:
            continue
        for metric in table.metrics:
            score = row.scores.get(metric.name)
            if score is not None and score.value is None and metric.name not in table.missing:
                grouped.setdefault((metric.title, score.note), []).append(row.video)
    joined: dict[tuple[str, str], list[str]] = {}
    for (title, note), videos in grouped.items():
        joined.setdefault((_some(videos, len(table.rows)), note), []).append(title)
    return [(titles, videos, note) for (videos, note), titles in joined.items()]


def _some(videos: list[str], of: int, shown: int = 4) -> str:
    if len(videos) == of:
        return ALL_VIDEOS
    more = f" and {len(videos) - shown} more" if len(videos) > shown else ""
    return ", ".join(videos[:shown]) + more


def missing(table: Table) -> list[tuple[str, str]]:
    """(columns, what is missing and the command that downloads it) of the columns that are not measured."""
    return [(", ".join(titles), why) for titles, why in grouped_missing(table)]


def grouped_missing(table: Table) -> list[tuple[list[str], str]]:
    """The same with the columns one by one."""
    titles: dict[str, list[str]] = {}
    for metric in table.metrics:
        if metric.name in table.missing:
            titles.setdefault(table.missing[metric.name], []).append(metric.title)
    return [(names, why) for why, names in titles.items()]


def notes_of_scores(table: Table) -> list[tuple[str, str]]:
    """(columns, note) of every note on a measured value, each once."""
    titles: dict[str, list[str]] = {}
    for metric in table.metrics:
        for note in table.score_notes().get(metric.name, ()):
            titles.setdefault(note, []).append(metric.title)
    return [(", ".join(names), note) for note, names in titles.items()]


def random_weights(table: Table) -> list[tuple[str, str]]:
    """(columns, warning) of what was measured with random weights; empty where nothing was."""
    names = [
        metric.title
        for metric in table.metrics
        if any(
            score.extras.get("random_weights")
            for row in table.rows
            if (score := row.scores.get(metric.name)) is not None
        )
    ]
    warning = "The weights are random: these numbers show only that everything runs."
    return [(", ".join(names), warning)] if names else []
