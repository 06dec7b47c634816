"""The table of a comparison on the page, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.components.filled import filled

if TYPE_CHECKING:
    from studio.comparison.columns import ColumnDone
    from studio.comparison.scores import ColumnScores


def tables(columns: Sequence[ColumnDone], scores: ColumnScores) -> str:
    """The figures so far, and below them what could not be measured and why."""
    from studio.comparison.tables import blanks, missing, rows

    absent = [(titles, "", why) for titles, why in missing(scores)]
    return filled(
        "comparison_table.html",
        titles=[one.column.title for one in columns],
        rows=rows(columns, scores),
        lists=(("Not measured", absent), ("Left blank", blanks(scores))),
    )
