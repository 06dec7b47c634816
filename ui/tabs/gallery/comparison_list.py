"""The list of a visitor's finished comparisons, as long as they are stored."""

from __future__ import annotations

from datetime import UTC, datetime

from media.messages import said
from studio.comparison.finished import FinishedComparison, list_finished
from studio.gallery.takes import ON_PAGE
from studio.settings import Settings
from ui.components.filled import filled
from ui.components.share_panel import duration
from ui.tabs.gallery.take_list import voice_words


def comparison_list(owner: str, search: str, start: int, settings: Settings) -> str:
    """One page of comparisons as HTML; "" if there are none.

    search: words that each must have in its titles or file names. start: the number of the first. Raises
    OutputError if the history cannot be used.
    """
    wanted = search.casefold().split()
    found = [one for one in list_finished(owner, settings) if all(word in _text(one) for word in wanted)]
    rows = [
        {
            "id": one.folder.id,
            "titles": [column.title for column in one.columns],
            "portrait": one.portrait,
            "voice": voice_words(one.voice),
            "when": datetime.fromtimestamp(one.folder.created, UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
        }
        for one in found[start : start + ON_PAGE]
    ]
    older = start + ON_PAGE if len(found) > start + ON_PAGE else None
    return filled("comparisons.html", rows=rows, start=start, older=older) if rows else ""


def compared(settings: Settings) -> str:
    """The hint above the list."""
    return said(
        "Choose a comparison to play its columns in sync. Comparisons are deleted after {after}.",
        after=duration(settings.keep_hours),
    )


def not_compared(settings: Settings) -> str:
    """The hint in place of an empty list."""
    return said(
        "No comparisons yet. Those that you make in Compare appear here, and are deleted after {after}.",
        after=duration(settings.keep_hours),
    )


def _text(made: FinishedComparison) -> str:
    return "\n".join((made.portrait, made.voice, *(one.title for one in made.columns))).casefold()
