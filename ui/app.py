"""The whole page: heading, tabs, footer, and how it is served."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any

import gradio as gr

from media.offered import offered
from studio.admission import Line
from studio.settings import Settings
from studio.usable_engines import usable_engines
from studio.waiting_jobs import WaitingJobs
from studio.waiting_tasks import WaitingTasks
from ui import tabs as tabs_folder
from ui.api.own_curves import add_own_curves_api
from ui.api.own_videos import add_own_videos_api
from ui.components.device_strip import build_device_strip
from ui.components.examples import FOLDER
from ui.components.inputs import build_inputs
from ui.components.inputs_events import connect_inputs
from ui.components.job_tray import build_job_tray, connect_job_tray
from ui.components.log_out import HEAD as LOG_OUT_HEAD
from ui.components.log_out import log_out_html
from ui.components.pair_list import build_pair_list, connect_pair_list
from ui.components.settings_file import build_settings_file
from ui.components.slider_loops import build_slider_loops, connect_slider_loops
from ui.components.steps import build_step, build_steps_bar
from ui.components.text_voice import Texts
from ui.element_ids import ElementIds
from ui.i18n import language_head, named, say, t, texts
from ui.page_context import PageContext, download_line, job_line, speech_line
from ui.reopen import connect_settings_file
from ui.resumed_jobs import interruptions
from ui.server.application import app_kwargs
from ui.server.upload_ledger import Ledger
from ui.shared_view import HEAD, build_shared_view, connect_shared_view
from ui.tab import Tab
from ui.theme import ASSETS, head_style, style_sheet, theme
from ui.uploads import keep_uploads_apart
from ui.viewing import ViewingGate
from ui.visitor import visitor_state
from ui.visitor_jobs import VisitorJobs

TITLE = "JoyStudio"
ABOUT = "Add a portrait and a voice, and the portrait speaks."
FOOTER = (
    "Runs on this machine. The videos are AI-generated: use only faces and voices that you have the "
    "right to use.",
    "Licence and credits",
    "JoyStudio is free software; see the file LICENSE for the terms. It finds faces with MediaPipe and "
    "OpenCV (Apache 2.0), writes videos with FFmpeg through PyAV (BSD), and shows this page with "
    "Gradio (Apache 2.0). For the authors of the example portraits and voices, see examples/CREDITS.md.",
)


def heading_html() -> str:
    """The page's name, its description, and the switch between the languages."""
    return f"""
<header class="heading">
  <h1>{TITLE}</h1>
  <p>{say(ABOUT)}</p>
  <div class="languages" role="group" {named("Language")}>
    <button type="button" data-language="en" lang="en">EN</button>
    <button type="button" data-language="zh-CN" lang="zh-CN">中文</button>
  </div>
</header>
"""


def footer_html() -> str:
    """The notice to every visitor, and credits."""
    known, summary, credits = map(say, FOOTER)
    return f"""
<footer class="page-footer">
  <span>{known}</span>
  {log_out_html()}
  <details><summary>{summary}</summary><p>{credits}</p></details>
</footer>
"""


def all_tabs() -> tuple[Tab, ...]:
    """Every tab of the page, in order, from the modules in ui/tabs/."""
    usable = usable_engines()
    found = [tab for tabs_of in offered(tabs_folder, "tabs") for tab in tabs_of(usable)]
    return tuple(sorted(found, key=lambda tab: tab.order))


def build(
    settings: Settings | None = None,
    tabs: Sequence[Tab] | None = None,
    jobs: WaitingJobs | None = None,
    line: Line | None = None,
) -> gr.Blocks:
    """Build the page.

    tabs: None for all. jobs, line: by default, the page's own; `ui.serve` ends them when the server stops.
    """
    settings = settings or Settings()
    jobs = jobs or WaitingJobs(settings)
    line = line or job_line(settings, jobs)
    # Gradio reads this in several places; the argument below covers only some of them.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    # Gradio's table of calls, for a dashboard that is off: Gradio would rebuild it after each of them.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000")
    keep_uploads_apart()
    seconds = int(settings.keep_hours * 3600)
    wanted = [tab for tab in (all_tabs() if tabs is None else tabs) if tab.offered(settings)]
    with gr.Blocks(
        title=TITLE,
        analytics_enabled=False,
        delete_cache=(min(3600, seconds), seconds),
    ) as page:
        gr.HTML(heading_html(), padding=False)
        build_device_strip(settings, page, line)
        build_steps_bar()
        tray = build_job_tray()
        view = build_shared_view(ElementIds("shared"))
        visitor, known = visitor_state(page)
        with gr.Row(elem_classes=["studio"], equal_height=False):
            with gr.Column(scale=4, min_width=300, elem_classes=["inputs-column"]):
                texts = Texts(settings, speech_line(settings, jobs), visitor, Ledger(settings))
                inputs = build_inputs(texts, [tab.id for tab in wanted])
                file = build_settings_file()
                pairs = build_pair_list()
            with gr.Column(scale=9, min_width=320, elem_classes=["tabs-column"]):
                build_step("video")
                with gr.Tabs(overflow_behavior="wrap") as bar:
                    context = PageContext(
                        settings,
                        visitor,
                        known,
                        bar,
                        page,
                        ViewingGate(settings.views_at_once),
                        jobs,
                        WaitingTasks(settings, lambda: jobs.ending),
                        line,
                        download_line(settings, jobs),
                        VisitorJobs(settings),
                        tray,
                        inputs,
                    )
                    drawn = [draw(tab, context) for tab in wanted]
        connect_inputs(context, drawn)
        if settings.answer_sliders:
            connect_slider_loops(context, build_slider_loops())
        connect_settings_file(context, file)
        connect_pair_list(context, pairs)
        add_own_videos_api(settings, page)
        add_own_curves_api(settings, line)
        connect_shared_view(context, view)
        connect_job_tray(tray, context.running, visitor, context.found, known, interruptions(context))
        gr.HTML(footer_html(), padding=False)
    # Gradio's queue serves all visitors in one order; jobs wait in the page's own line instead.
    page.queue(max_size=2 * slots(settings), default_concurrency_limit=settings.jobs_at_once, api_open=False)
    return page


def draw(tab: Tab, context: PageContext) -> gr.Tab:
    """Draw one tab inside the current Blocks."""
    with gr.Tab(t(tab.title), id=tab.id) as drawn:
        tab.build(context, drawn)
    return drawn


def slots(settings: Settings) -> int:
    """Number of events that Gradio runs at the same time: every job in the line, plus the usual 40."""
    return settings.queue_size + settings.jobs_at_once + 40


def free_port() -> int:
    """A free TCP port, chosen by the system.

    Gradio would try ports from 7860 upward, and another server may take the same one at the same moment.
    """
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
    return port


def launch_options(settings: Settings, page: gr.Blocks | None = None) -> dict[str, Any]:
    """Arguments of `Blocks.launch`: no tunnel; only the page's cache and the examples are served.

    page: the page to launch, for the Chinese of its texts with numbers; without it, they stay English.
    """
    head = HEAD + LOG_OUT_HEAD + head_style() + language_head()
    return {
        "server_name": "0.0.0.0" if os.environ.get("SPACE_ID") else settings.host,
        "server_port": settings.port or free_port(),
        "share": False,
        "max_threads": slots(settings),
        "state_session_capacity": settings.sessions,
        "max_file_size": f"{settings.max_upload_mb}mb",
        "allowed_paths": [str(FOLDER / name) for name in ("portraits", "voices")],
        "theme": theme(),
        "css": style_sheet(),
        "head": head,
        "i18n": texts(page),
        "show_error": False,
        "ssr_mode": False,
        "pwa": False,
        "favicon_path": str(ASSETS / "favicon.ico"),
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["api", "settings"],
        "app_kwargs": app_kwargs(settings, page, head),
    }
