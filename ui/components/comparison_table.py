"""The table of a comparison on the page, in both languages."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.i18n import say

if TYPE_CHECKING:
    from studio.comparison_columns import ColumnDone
    from studio.comparison_scores import ColumnScores


def tables(columns: Sequence[ColumnDone], scores: ColumnScores) -> str:
    """The figures so far, and below them what could not be measured and why."""
    from studio.comparison_tables import blanks, missing, rows

    head = "".join(f"<th>{html.escape(one.column.title)}</th>" for one in columns)
    lines = [f"<tr><th></th>{head}</tr>"]
    for name, cells in rows(columns, scores):
        line = "".join(f'<td class="n">{say(cell)}</td>' for cell in cells)
        lines.append(f"<tr><th>{say(name)}</th>{line}</tr>")
    table = f'<div class="wide"><table>{"".join(lines)}</table></div>'
    absent = [(_named(titles), why) for titles, why in missing(scores)]
    blank = [(f"{_named(titles)} ({say(videos)})", why) for titles, videos, why in blanks(scores)]
    return table + _list("Not measured", absent) + _list("Left blank", blank)


def _named(titles: Sequence[str]) -> str:
    return ", ".join(map(say, titles))


def _list(heading: str, reasons: Sequence[tuple[str, str]]) -> str:
    """What, as HTML, and why."""
    items = "".join(f"<li><b>{what}</b>: {say(why)}</li>" for what, why in reasons)
    return f"<h4>{say(heading)}</h4><ul>{items}</ul>" if items else ""
