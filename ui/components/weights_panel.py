"""The panel about an engine's weights: files that are here, missing files, and what licences allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import gradio as gr
from markupsafe import Markup

from engines import registry
from engines.weights.download import free_megabytes
from media.messages import said
from studio.estimate import estimate
from studio.long_jobs import time_in_words
from studio.options import make_options
from studio.settings import Settings
from studio.weights_report import GroupReport, WeightsReport, report_weights
from ui.components.filled import filled
from ui.components.weights_fetching import (
    build_fetch_row,
    connect_fetch_row,
    download_size,
    engine_name,
    shown,
)
from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.page_context import PageContext

SAMPLE_SECONDS = 10.0
OWNERS = "The owner of this machine can change that."
RANDOM_NOTE = "Random weights: everything runs, but videos from this tab show noise instead of a face."


def build_weights_panel(engine: str, context: PageContext, names: ElementIds) -> gr.HTML | None:
    """Draw the panel inside the current Blocks; it is updated whenever the page is opened.

    None, and nothing drawn, for an engine without weights.
    """
    report = report_weights(engine)
    if report is None:
        return None
    settings = context.settings
    panel = gr.HTML(panel_html(engine, settings, timed=False), padding=False, **names("weights"))
    row = build_fetch_row(names)
    connect_fetch_row(engine, row, context, panel, panel_html)
    context.page.load(lambda: panel_html(engine, settings), None, panel, **QUIET)
    context.page.load(lambda: shown(engine, settings), None, row.components, **QUIET)
    return panel


def panel_html(engine: str, settings: Settings, *, timed: bool = True) -> str:
    """The panel at this moment; empty for an engine without weights.

    timed: say how long a video takes here. That may measure the processor first, and the page starts without
    waiting for it.
    """
    report = report_weights(engine)
    return report_html(report, settings, timed=timed) if report else ""


def report_html(report: WeightsReport, settings: Settings, *, timed: bool = True) -> str:
    """The problems of the tab, always visible, and below them every group, folded.

    Only who uses the page on its own machine, and may download there, sees the commands for a shell.
    """
    drawing = registry.spec_of(report.engine).drawing
    return filled(
        "weights_panel.html",
        report=report,
        problem="" if report.ready else _problem(report),
        owners=OWNERS if not report.ready and (report.packages or not settings.page_may_fetch) else "",
        shell=settings.page_may_fetch and not settings.others_can_open,
        card=_card(report, settings, timed=timed),
        drawing=drawing and Markup(drawing.file.read_text(encoding="utf-8")),
        drawn=drawing and drawing.text,
        meanwhile=said(
            "Until then, the button “Preview” makes the video with {engine}, in seconds.",
            engine=engine_name(registry.DEFAULT_ENGINE),
        ),
        random_weights=RANDOM_NOTE,
        uses=_uses,
    )


def _problem(report: WeightsReport) -> str:
    if report.packages:
        return said(
            "This tab cannot make videos yet: {packages} is not installed."
            if len(report.packages) == 1
            else "This tab cannot make videos yet: {packages} are not installed.",
            packages=_listed(report.packages),
        )
    lacking = next(group for group in report.groups if group.needed and group.missing)
    return said(
        "This tab cannot make videos yet: {missing} of {files} for {meaning} is missing."
        if lacking.missing == 1
        else "This tab cannot make videos yet: {missing} of {files} for {meaning} are missing.",
        missing=lacking.missing,
        files=_files(len(lacking.files)),
        meaning=lacking.meaning,
    )


@dataclass(frozen=True)
class EngineCard:
    """What it takes to get an engine. facts: sentences. groups: those of one download."""

    title: str
    facts: Sequence[str]
    groups: Sequence[GroupReport]
    command: str


def _card(report: WeightsReport, settings: Settings, *, timed: bool) -> EngineCard | None:
    """None if every file that all videos need is installed."""
    if report.ready or report.packages:
        return None
    engine, groups = report.engine, report.usual
    size = download_size(groups)
    facts = [said("Download: {size}.", size=size)] if size else []
    # The room on the disk concerns those who may download, not visitors from elsewhere.
    if size and settings.page_may_fetch:
        free = free_megabytes(registry.weights_of(engine).catalogue.folder())
        if free is not None:
            facts.append(said("The disk has {free:.0f} GB free.", free=free / 1000))
    if timed:
        found = estimate(engine, make_options(engine), SAMPLE_SECONDS, settings=settings)
        facts.append(
            said("On this machine, 10 s of video take about {time}.", time=time_in_words(found.seconds))
        )
    needed = next(group for group in groups if group.needed)
    return EngineCard(f"Get {engine_name(engine)}", facts, groups, needed.command)


@dataclass(frozen=True)
class LicenceUse:
    """What licences allow. files: those that differ from their group, or ""."""

    licences: Sequence[str]
    allowed: bool
    files: str = ""


def _uses(group: GroupReport) -> list[LicenceUse]:
    licences = {report.file.licence for report in group.files if report.file.commercial}
    # "MIT; based on ..." says "MIT" itself.
    free = sorted(one for one in licences if not any(other.startswith(f"{one};") for other in licences))
    uses = [LicenceUse(free, True)] if free else []
    for licence in sorted({report.file.licence for report in group.restricted}):
        names = [report.file.name for report in group.restricted if report.file.licence == licence]
        some = len(names) < len(group.files)
        uses.append(
            LicenceUse([licence], False, ", ".join(PurePosixPath(n).name for n in names) if some else "")
        )
    return uses


def _listed(names: Sequence[str]) -> str:
    *before, last = names
    return said("{before} and {last}", before=", ".join(before), last=last) if before else last


def _files(count: int) -> str:
    return "1 file" if count == 1 else said("{count} files", count=count)
