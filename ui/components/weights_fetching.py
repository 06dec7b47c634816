"""The buttons below the weights panel that download missing files, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.messages import said
from studio.settings import Settings
from studio.weights_fetch import Fetching, fetch_group
from studio.weights_report import GroupReport, WeightsReport, report_weights
from ui.components.cancel_button import connect_cancel
from ui.components.progress import message_bar, waiting_bar
from ui.components.share_row import QUIET
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.i18n import message, t


@dataclass(frozen=True)
class FetchRow:
    """A button for every group, one to cancel, and the bar; each shows while it has a use."""

    row: gr.Row
    groups: dict[str, gr.Button]
    cancel: gr.Button
    bar: gr.HTML

    @property
    def components(self) -> list[Any]:
        """What `shown` gives new values for, in its order."""
        return [self.row, *self.groups.values(), self.cancel]


def build_fetch_row(report: WeightsReport, names: ElementIds) -> FetchRow:
    """Draw the row for an engine's groups."""
    with gr.Row(elem_classes=["fetch-row"], visible=False) as row:
        groups = {
            group.name: gr.Button(
                "", size="sm", visible=False, scale=0, min_width=190, **names(f"fetch-{group.name}")
            )
            for group in report.groups
        }
        cancel = gr.Button(
            t("Cancel"), size="sm", visible=False, scale=0, min_width=80, **names("fetch-cancel")
        )
    bar = gr.HTML("", visible=False, padding=False, **names("fetch-progress"))
    return FetchRow(row, groups, cancel, bar)


def shown(engine: str, row: FetchRow, settings: Settings, *, running: bool = False) -> tuple[Any, ...]:
    """The row as it should be: hidden where nothing is to be fetched, or the page may not fetch."""
    report = report_weights(engine)
    allowed = settings.page_may_fetch and report is not None and not report.packages
    lacking = {group.name: group for group in report.groups if _lacks(group)} if report and allowed else {}
    buttons = [
        gr.Button(_label(lacking[name]), visible=not running) if name in lacking else gr.Button(visible=False)
        for name in row.groups
    ]
    return (
        gr.Row(visible=bool(lacking) or running),
        *buttons,
        gr.Button(t("Cancel"), interactive=True, visible=running),
    )


def connect_fetch_row(
    engine: str, row: FetchRow, settings: Settings, panel: gr.HTML, panel_html: Callable[[str], str]
) -> None:
    """Fetch on a click, show how far it is, and look anew at the end, however it ends."""

    def begin() -> tuple[Any, ...]:
        return *shown(engine, row, settings, running=True), gr.HTML(waiting_bar(), visible=True)

    def end() -> tuple[Any, ...]:
        return *shown(engine, row, settings), gr.HTML(visible=False), panel_html(engine)

    def fetcher(group: str) -> Any:
        def fetch() -> Iterator[str]:
            if not settings.page_may_fetch:
                return
            try:
                with closing(fetch_group(engine, group)) as news:
                    for one in news:
                        yield fetching_bar(one)
                gr.Info(message("The weights are installed."), duration=5)
            except Exception as error:
                raise as_toast(error) from None

        return fetch

    looks = [*row.components, row.bar, panel]
    runs = []
    for group, button in row.groups.items():
        started = button.click(begin, None, [*row.components, row.bar], **QUIET)
        run = started.then(
            fetcher(group),
            None,
            row.bar,
            api_visibility="private",
            show_progress="hidden",
            concurrency_limit=1,
            concurrency_id="weights",
        )
        run.success(end, None, looks, **QUIET)
        run.failure(end, None, looks, **QUIET)
        runs.append(run)
    connect_cancel(row.cancel, runs)


def _lacks(group: GroupReport) -> bool:
    return bool(group.missing or group.random_weights)


def _label(group: GroupReport) -> str:
    """As in "Download human, 1.05 GB"; the size only where that of every file is known."""
    sizes = [one.file.megabytes for one in group.files if one.state != "installed" and not one.file.made_here]
    words = str(t(f"Download {group.name}"))
    if not sizes or None in sizes:
        return words
    total = sum(size for size in sizes if size is not None)
    return f"{words}, " + (f"{total / 1000:.3g} GB" if total >= 1000 else f"{total:.3g} MB")


def fetching_bar(one: Fetching) -> str:
    """The progress bar of a download."""
    name = one.file.rpartition("/")[2]
    received = f"{one.received / 1e6:.1f}" + (f" of {one.total / 1e6:.1f}" if one.total else "")
    share = one.received / one.total if one.total else 0.0
    fraction = (one.number - 1 + share) / one.files
    return message_bar(
        said(
            "File {number} of {files}: {name}, {received} MB",
            number=one.number,
            files=one.files,
            name=name,
            received=received,
        ),
        "running",
        fraction,
    )
