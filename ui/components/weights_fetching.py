"""The buttons below the weights panel that download missing files, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from engines import registry
from studio.settings import Settings
from studio.weights_report import GroupReport, WeightsReport, report_weights
from ui.components.fetch_job import FetchLook, FetchParts, connect_fetching
from ui.components.filled import filled
from ui.element_ids import ElementIds
from ui.i18n import t
from ui.page_context import PageContext
from ui.theme import script


@dataclass(frozen=True)
class FetchRow:
    """buttons: one that gets the engine, and in a fold one for every other group, as far as files are
    missing; one component, because every component makes the page slower to open. asked: the group of the
    last click, "" for the engine.
    """

    buttons: gr.HTML
    cancel: gr.Button
    bar: gr.HTML
    installed: gr.State
    asked: gr.State

    @property
    def components(self) -> list[Any]:
        """The components that `shown` updates, in its order."""
        return [self.buttons, self.cancel]


def build_fetch_row(names: ElementIds) -> FetchRow:
    """Draw the row, empty."""
    buttons = gr.HTML(
        "", js_on_load=script("choice.js"), visible=False, padding=False, **names("fetch-buttons")
    )
    cancel = gr.Button(t("Cancel"), visible=False, scale=0, min_width=80, **names("fetch-cancel"))
    bar = gr.HTML("", visible=False, padding=False, **names("fetch-progress"))
    return FetchRow(buttons, cancel, bar, gr.State(False), gr.State(""))


def shown(engine: str, settings: Settings, *, running: bool = False) -> tuple[Any, ...]:
    """Updates of the row: no buttons during a download, if nothing is missing, or if the page may not
    download.
    """
    report = report_weights(engine)
    html = "" if running or report is None or not settings.page_may_fetch else _buttons(report)
    return gr.HTML(html, visible=bool(html)), gr.Button(t("Cancel"), interactive=True, visible=running)


def _buttons(report: WeightsReport) -> str:
    if report.packages:
        return ""
    lacking = [group for group in report.groups if group.missing or group.random_weights]
    usual = [group for group in report.usual if group in lacking]
    more = [_button(f"Download {group.name}", [group]) for group in lacking if group not in report.usual]
    if not usual and not more:
        return ""
    main = _button(f"Get {engine_name(report.engine)}", usual) if usual else None
    return filled("fetch_buttons.html", prefix=report.engine, usual=main, more=more)


def _button(words: str, groups: Sequence[GroupReport]) -> dict[str, str]:
    """As in "Download human, 1.05 GB"; with the size only if that of every file is known."""
    size = download_size(groups)
    return {"name": groups[0].name, "words": words, "size": f", {size}" if size else ""}


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
    usual = [group.name for group in report.usual] if report else []

    def begin() -> tuple[Any, ...]:
        return *shown(engine, settings, running=True), gr.skip()

    def end() -> tuple[Any, ...]:
        return *shown(engine, settings), panel_html(engine, settings)

    def wanted(asked: str) -> Sequence[tuple[str, str]]:
        return [(engine, group) for group in ([asked] if asked else usual)]

    connect_fetching(
        context,
        f"weights-{engine}",
        f"Get {engine_name(engine)}",
        row.buttons,
        (wanted, [row.asked]),
        FetchParts(row.cancel, row.bar, row.installed, row.asked),
        FetchLook([*row.components, panel], begin, end),
    )


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
