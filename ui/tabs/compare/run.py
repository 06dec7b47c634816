"""Runs a comparison for the page, as a generator that ends with its reader."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gradio as gr

from media.messages import said
from studio.comparison.folders import ComparisonFolder, delete_comparison, find_comparison, new_comparison
from studio.gallery.visitors import new_token, owner_of_token
from studio.in_use import holding
from studio.job import Job
from studio.settings import Settings
from studio.waiting_tasks import KeptTask
from ui.components.filled import filled
from ui.components.long_job import Weighed
from ui.components.progress import NOT_FINISHED, message_bar, progress_bar, time_left, work_bar
from ui.components.second_voice import check_one_voice
from ui.components.synced_videos import ColumnContent, playing_html, standing_html
from ui.errors import as_toast
from ui.i18n import say
from ui.in_turn import LastValue
from ui.server.addresses import Addresses
from ui.tabs.compare.asked import asked_of
from ui.tabs.compare.columns import columns_of
from ui.tabs.compare.found_again import Updates, begun
from ui.tabs.compare.screen import CompareOutput, CompareTab, downloads_html
from ui.uploads_used import note_uploads

if TYPE_CHECKING:
    from studio.comparison.columns import Column, ColumnDone
    from studio.comparison.run import ColumnProgress, Compared, Event, Finishing
    from studio.comparison.scores import ColumnScores

SECONDS_BETWEEN_UPDATES = 0.1
MADE = "comparison"
"""What the id of its comparison is stored under."""
MAKING = {
    "opening": "Column {number} of {count}, {title}: reading portrait and voice",
    "loading": "Column {number} of {count}, {title}: loading the networks",
    "sampling": "Column {number} of {count}, {title}: generating the motion",
    "rendering": "Column {number} of {count}, {title}: rendering",
    "finishing": "Column {number} of {count}, {title}: finishing the file",
}
"""The words for a column's progress, by the job's stage."""
FINISHING = {"joining": "Putting the videos side by side", "scoring": "Scoring"}


def compare_work(
    tab: CompareTab, settings: Settings
) -> Callable[[KeptTask, str | None, gr.Request], Generator[Updates | LastValue[Updates], None, None]]:
    """The work of the tab. After a restart, it makes all columns again."""

    def make(
        kept: KeptTask, owner: str | None, request: gr.Request
    ) -> Generator[Updates | LastValue[Updates], None, None]:
        from studio.comparison.run import Compared, compare

        with holding(*kept.wish.files.values()):  # while it waits, too: a video made from them may be deleted
            # Yields at once, so that the page knows this generator before any work begins and can close it.
            yield {tab.output.bar: progress_bar("opening", 0.0)}
            try:
                asked = asked_of(kept.wish, settings)
                yield begun(tab, [column.title for column in asked.columns])
                forget_interrupted(kept, settings)
                with (
                    new_comparison(owner or owner_of_token(new_token()), settings) as made,
                    closing(
                        compare(
                            asked.columns, asked.portrait, asked.voice, made.path,
                            seed=asked.seed, subject=asked.subject, metrics=asked.metrics,
                            settings=settings, remembered=False,
                        )
                    ) as events,
                ):  # fmt: skip
                    kept.note(MADE, made.id, progress=False)
                    note_uploads(made.id, (asked.portrait, asked.voice), settings)
                    view = _View(tab.output, asked.columns, made, Addresses(settings))
                    for event in events:
                        if updates := view.see(event):
                            yield LastValue(updates) if isinstance(event, Compared) else updates
            except Exception as error:
                toast = as_toast(error)
                yield LastValue({tab.output.bar: message_bar(NOT_FINISHED, "failed")})
                raise toast from None

    return make


def forget_interrupted(kept: KeptTask, settings: Settings) -> None:
    """Remove what an interrupted run of this comparison has made: it would stand beside the complete one."""
    before = find_comparison(kept.made[MADE], settings) if MADE in kept.made else None
    if before is not None:
        delete_comparison(before, settings)


def all_columns(tab: CompareTab, settings: Settings) -> tuple[Weighed, list[Any]]:
    """The jobs of the visible cards, for their time, and the components that decide about it."""

    def jobs(portrait: Any, sound: Any, who: str | None, mode: Any, count: str, *given: Any) -> Sequence[Job]:
        from studio.comparison.jobs import column_jobs

        check_one_voice(who)
        columns = columns_of(int(count), given, settings.presets)
        return column_jobs(columns, portrait, sound, settings.presets, mode=mode)

    return jobs, [tab.inputs.second.who, tab.mode, tab.count, *(card.settings for card in tab.cards)]


def fraction_of(event: ColumnProgress | Finishing, columns: int) -> float:
    """Progress of the whole comparison, 0..1; the steps after the columns count as one column."""
    from studio.comparison.run import ColumnProgress

    if isinstance(event, ColumnProgress):
        return (event.number + event.fraction) / (columns + 1)
    part = event.fraction / 2 + (0.5 if event.what == "scoring" else 0.0)
    return (columns + part) / (columns + 1)


@dataclass
class _View:
    """Turns a comparison's events into updates of the tab."""

    output: CompareOutput
    columns: Sequence[Column]
    made: ComparisonFolder
    addresses: Addresses
    done: list[ColumnDone] = field(default_factory=list)
    at: float = 0.0
    working: int = -1
    states: dict[int, str] = field(default_factory=dict)

    def see(self, event: Event) -> Updates:
        """The updates for an event; none if it comes too soon after the last one."""
        from studio.comparison.run import ColumnDone, ColumnProgress, Compared, Finishing

        if isinstance(event, ColumnDone):
            return self._column(event)
        if isinstance(event, Compared):
            return self._compared(event)
        now = time.monotonic()
        new = isinstance(event, ColumnProgress) and event.number != self.working
        if now - self.at < SECONDS_BETWEEN_UPDATES and not new:
            return {}
        self.at = now
        if isinstance(event, Finishing):
            return {self.output.bar: self._bar(FINISHING[event.what], event, "")}
        return self._making(event, new)

    def _making(self, event: ColumnProgress, new: bool) -> Updates:
        title = self.columns[event.number].title
        updates: Updates = {}
        if new:
            self.working = event.number
            updates |= self._shown(event.number, "working", standing_html(title, "in progress", "working"))
        left = (
            ""
            if event.seconds_left is None
            else said("{time_left} in this column", time_left=time_left(event.seconds_left))
        )
        what = said(
            MAKING[event.stage],
            number=event.number + 1,
            count=len(self.columns),
            title=title,
        )
        return updates | {self.output.bar: self._bar(what, event, left)}

    def _bar(self, what: str, event: ColumnProgress | Finishing, left: str) -> str:
        fraction = fraction_of(event, len(self.columns))
        return work_bar(what, " · ".join(filter(None, (f"{fraction:.0%}", left and say(left)))), fraction)

    def _column(self, one: ColumnDone) -> Updates:
        from studio.comparison.scores import ColumnScores

        if one.result is None:
            state, picture = "failed", standing_html(one.column.title, one.error, "failed")
        else:
            state = "done"
            heard = not any(other.result for other in self.done)
            address = self.addresses.comparison(self.made, one.result.path.name)
            picture = playing_html(one.column.title, address, heard=heard)
        self.done.append(one)
        shown = self._shown(one.number, state, picture)
        return shown | {self.output.table: tables(self.done, ColumnScores.none())}

    def _shown(self, number: int, state: str, picture: str) -> Updates:
        stage = self.output.stage
        self.states[number] = state
        titles = [column.title for column in self.columns]
        titles += [""] * (len(stage.pictures) - len(titles))
        columns = tuple(ColumnContent(title, self.states.get(n, "waiting")) for n, title in enumerate(titles))
        return {stage.pictures[number]: picture, stage.columns: columns}

    def _compared(self, event: Compared) -> Updates:
        from studio.comparison.plot import KEY
        from studio.comparison.report import plot_html

        plots = zip(self.output.stage.plots, event.columns, strict=False)
        table = next(path for path in event.files if path.suffix == ".csv")
        files = (event.together, table, event.archive)
        return {
            **{plot: plot_html(event.scores, one.column.title, say(KEY)) for plot, one in plots},
            self.output.table: tables(event.columns, event.scores),
            self.output.bar: message_bar("Done", "done", 1.0),
            self.output.downloads: downloads_html(
                [self.addresses.comparison(self.made, file.name) for file in files]
            ),
        }


def tables(columns: Sequence[ColumnDone], scores: ColumnScores) -> str:
    """The figures so far, and below them the missing scores with the reasons."""
    from studio.comparison.tables import blanks, missing, rows

    absent = [(titles, "", why) for titles, why in missing(scores)]
    return filled(
        "comparison_table.html",
        titles=[one.column.title for one in columns],
        rows=rows(columns, scores),
        lists=(("Not measured", absent), ("Left blank", blanks(scores))),
    )
