"""The components of one engine's tab, and what they are connected with."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from engines.registry import DEFAULT_ENGINE
from studio.admission import Line
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs
from ui.components.downloads import Downloads
from ui.components.inputs import Inputs
from ui.components.job_tray import JobTray
from ui.components.long_job import LongJob
from ui.components.options_form import OptionsForm
from ui.components.recorded_performance import RecordedPerformance
from ui.components.share_row import ShareRow
from ui.viewing import ViewingGate
from ui.visitor_jobs import VisitorJobs

BY_HAND = "by hand"
"""The label in the preset list once an option was moved; a space distinguishes it from every file's name."""
QUICK_ENGINE = DEFAULT_ENGINE
"""Needs no weights; the other tabs' button "Preview" uses it for a first look."""


@dataclass(frozen=True)
class Settable:
    """The settings that the visitor can change. moved: has an event `input` when one is moved by hand."""

    preset: gr.Radio
    initial_preset: str
    applied_preset: gr.State
    form: OptionsForm
    moved: gr.HTML


@dataclass(frozen=True)
class AnimateOutput:
    """The buttons, the progress bar and the result."""

    generate: gr.Button
    preview: gr.Button
    cancel: gr.Button
    long: LongJob
    why: gr.HTML
    again: gr.Button
    bar: gr.HTML
    video: gr.Video
    facts: gr.HTML
    downloads: Downloads
    share: ShareRow
    file: gr.State
    """The `DownloadFiles` of the last finished video."""
    kept: gr.State
    """The job of the last finished video, with its saved motion; it stays on the server."""


@dataclass(frozen=True)
class AnimateScreen:
    """One engine's tab: its components, and what they are connected with.

    weights: the panel about the engine's weights, None for an engine without. visitor: the owner of the
    videos. gate: passed before anything examines an upload. jobs: stores jobs in case of a restart. line:
    where jobs wait for their turn. running: jobs that continue without a page. found: the id of a job that
    this tab shows again. tray: shows all of them. performance: the fold for a recorded performance, None for
    an engine that follows none.
    """

    engine: str
    settings: Settings
    gate: ViewingGate
    jobs: WaitingJobs
    visitor: gr.State
    inputs: Inputs
    settable: Settable
    output: AnimateOutput
    weights: gr.HTML | None
    line: Line
    running: VisitorJobs
    found: gr.Textbox
    tray: JobTray
    performance: RecordedPerformance | None
