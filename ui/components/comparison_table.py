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
    return table + _list("Not measured", missing(scores)) + _list("Left blank", blanks(scores))


def _list(heading: str, reasons: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<li><b>{html.escape(what)}</b>: {say(why)}</li>" for what, why in reasons)
    return f"<h4>{say(heading)}</h4><ul>{items}</ul>" if items else ""
