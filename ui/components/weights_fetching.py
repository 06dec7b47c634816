"""The buttons below the weights panel that download missing files, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from engines import registry
from studio.settings import Settings
from studio.weights_report import GroupReport, WeightsReport, report_weights
from ui.components.fetch_job import FetchLook, FetchParts, Wanted, connect_fetching
from ui.element_ids import ElementIds
from ui.i18n import t
from ui.page_context import PageContext


@dataclass(frozen=True)
class FetchRow:
    """A button that gets the engine, one that cancels, and the bar; in a fold, a button for every other
    group. Each is visible while it is needed.
    """

    row: gr.Row
    get: gr.Button
    cancel: gr.Button
    bar: gr.HTML
    installed: gr.State
    more: gr.Accordion
    groups: dict[str, gr.Button]

    @property
    def components(self) -> list[Any]:
        """The components that `shown` updates, in its order."""
        return [self.row, self.get, self.cancel, self.more, *self.groups.values()]


def build_fetch_row(report: WeightsReport, names: ElementIds) -> FetchRow:
    """Draw the row for an engine's groups."""
    with gr.Row(elem_classes=["fetch-row"], visible=False) as row:
        get = gr.Button("", variant="primary", visible=False, scale=0, min_width=240, **names("fetch-engine"))
        cancel = gr.Button(t("Cancel"), visible=False, scale=0, min_width=80, **names("fetch-cancel"))
    bar = gr.HTML("", visible=False, padding=False, **names("fetch-progress"))
    more = gr.Accordion(t("More downloads"), open=False, visible=False, **names("fetch-more"))
    with more, gr.Row(elem_classes=["fetch-row"]):
        groups = {
            group.name: gr.Button(
                "", size="sm", visible=False, scale=0, min_width=190, **names(f"fetch-{group.name}")
            )
            for group in report.groups
            if group not in report.usual
        }
    return FetchRow(row, get, cancel, bar, gr.State(False), more, groups)


def shown(engine: str, row: FetchRow, settings: Settings, *, running: bool = False) -> tuple[Any, ...]:
    """Updates of the row: hidden if nothing is missing, or the page may not download."""
    report = report_weights(engine)
    allowed = settings.page_may_fetch and report is not None and not report.packages
    lacking = {group.name: group for group in report.groups if _lacks(group)} if report and allowed else {}
    usual = [lacking[group.name] for group in report.usual if group.name in lacking] if report else []
    buttons = [
        gr.Button(_label(lacking[name]), visible=not running) if name in lacking else gr.Button(visible=False)
        for name in row.groups
    ]
    return (
        gr.Row(visible=bool(usual) or running),
        gr.Button(_get_label(engine, usual), visible=not running) if usual else gr.Button(visible=False),
        gr.Button(t("Cancel"), interactive=True, visible=running),
        gr.Accordion(visible=not running and any(name in lacking for name in row.groups)),
        *buttons,
    )


def connect_fetch_row(
    engine: str,
    row: FetchRow,
    context: PageContext,
    panel: gr.HTML,
    panel_html: Callable[[str, Settings], str],
) -> None:
    """Download on a click, show the progress, and update the row and the panel at the end, however
    it ends.
    """
    settings, report = context.settings, report_weights(engine)
    usual = tuple(group.name for group in report.usual) if report else ()

    def begin() -> tuple[Any, ...]:
        return *shown(engine, row, settings, running=True), gr.skip()

    def end() -> tuple[Any, ...]:
        return *shown(engine, row, settings), panel_html(engine, settings)

    def wanted(*groups: str) -> Wanted:
        return lambda: [(engine, group) for group in groups]

    buttons = [(row.get, wanted(*usual), ())]
    buttons += [(button, wanted(group), ()) for group, button in row.groups.items()]
    connect_fetching(
        context,
        f"weights-{engine}",
        f"Get {engine_name(engine)}",
        buttons,
        FetchParts(row.cancel, row.bar, row.installed),
        FetchLook([*row.components, panel], begin, end),
    )


def _lacks(group: GroupReport) -> bool:
    return bool(group.missing or group.random_weights)


def _label(group: GroupReport) -> str:
    """As in "Download human, 1.05 GB"; with the size only if that of every file is known."""
    words, size = str(t(f"Download {group.name}")), download_size((group,))
    return f"{words}, {size}" if size else words


def _get_label(engine: str, groups: Sequence[GroupReport]) -> str:
    """As in "Get JoyVASA, 1.05 GB"."""
    words, size = str(t(f"Get {engine_name(engine)}")), download_size(groups)
    return f"{words}, {size}" if size else words


def engine_name(engine: str) -> str:
    """The engine's short title: "JoyVASA"."""
    return registry.spec_of(engine).short_title


def download_size(groups: Sequence[GroupReport]) -> str:
    """Size of the missing files of the groups, as in "1.05 GB"; files of unknown size are small."""
    lacking = {
        one.file
        for group in groups
        for one in group.files
        if one.state != "installed" and not one.file.made_here
    }
    total = sum(file.megabytes or 0.0 for file in lacking)
    if not total:
        return ""
    return f"{total / 1000:.3g} GB" if total >= 1000 else f"{total:.3g} MB"
