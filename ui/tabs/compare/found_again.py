"""How a page shows a comparison that it finds again after a reload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ui.components.progress import ended_bar, unattended_bar
from ui.tabs.compare.screen import CompareOutput, CompareTab
from ui.visitor_job import Showing

CANCELLED = "Cancelled. Finished columns are kept."

Updates = dict[Any, Any]
"""New values, by their component."""


def begun(tab: CompareTab, titles: Sequence[str]) -> Updates:
    """The state before the first video is made, also for a page that finds the comparison again."""
    stage = tab.output.stage
    filled_up = [*titles, *[""] * (len(tab.cards) - len(titles))]
    parts = [*stage.boxes, *stage.pictures, *stage.plots, stage.columns]
    return dict(zip(parts, [*stage.shown(len(titles)), *stage.empty(filled_up)], strict=True))


def showing(output: CompareOutput) -> Showing[Updates]:
    """How the tab shows its jobs."""
    return Showing(
        standing=lambda before, update: (before or {}) | update,
        bar=lambda update: str(update.get(output.bar, "")),
        cancelled={output.bar: ended_bar(cancelled=True, words=CANCELLED)},
        unattended=lambda minutes: {output.bar: unattended_bar(minutes)},
    )
