"""Events of the animate tab: generate, render again, cancel, and the result."""

from __future__ import annotations

from typing import Any

import gradio as gr

from engines import registry
from studio.job import Job
from ui.components.cancel_button import cancel_update, connect_cancel, was_cancelled
from ui.components.consent import SHOW, ask_consent
from ui.components.long_job import ask_before_long, one_video
from ui.components.needed_inputs import ask_for_inputs
from ui.components.progress import ended_bar, waiting_bar
from ui.components.result import DownloadFiles
from ui.components.steps import BEGUN
from ui.components.weights_panel import panel_html
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.following import follow_function, following, session_of
from ui.in_turn import taking_turns
from ui.tabs.animate.ready import is_ready
from ui.tabs.animate.run import SHOWING, again_function, animate_function, moved, preview_function
from ui.tabs.animate.screen import QUICK_ENGINE, AnimateScreen


def connect_rendering(screen: AnimateScreen) -> None:
    """Generate, render again, progress, cancel, result."""
    settings, inputs, settable, output = screen.settings, screen.inputs, screen.settable, screen.output
    buttons = [
        output.generate,
        output.preview,
        output.cancel,
        output.again,
        output.downloads.html,
        *output.share.components,
    ]
    results = [output.video, output.facts, output.bar, output.file, output.kept]
    options = dict(settable.form.components)
    performance = screen.performance.named if screen.performance is not None else {}
    with_performance = options | performance
    title = registry.spec_of(screen.engine).title
    hidden = [settable.applied_preset, screen.visitor]

    def begin(request: gr.Request) -> tuple[Any, ...]:
        screen.running.expect(session_of(request), screen.engine)
        return begun()

    def begun() -> tuple[Any, ...]:
        return *_buttons(screen, running=True), None, "", waiting_bar(), None

    def end(out: DownloadFiles | None, kept: Job | None) -> tuple[Any, ...]:
        # The segments of a cancelled video stay until another event removes them.
        video = gr.skip() if out else None
        return *_buttons(screen, running=False, out=out, kept=kept), video

    def failed(words: str, kept: Job | None) -> tuple[Any, ...]:
        # No segments of a video that will not be finished.
        return *_buttons(screen, running=False, kept=kept), None, ended_bar(was_cancelled(words))

    def job(
        button: gr.Button, function: Any, given: list[Any], options: dict[str, Any], *, weigh: bool = False
    ) -> None:
        if button is output.again:  # its portrait and voice are those of the last video
            asked = button.click(ask_consent, inputs.consent, None, **SPOKEN)
            asked.failure(None, None, None, js=SHOW, **QUIET)
        else:
            asked = ask_for_inputs(button, inputs.needed, screen.performance)
        if weigh:
            weighed = one_video(screen.engine, options, inputs.second, performance)
            alone = screen.performance is not None
            asked = ask_before_long(output.long, asked, settings, screen.gate, inputs, weighed, alone=alone)
        started = asked.success(begin, None, [*buttons, *results[:-1]], **QUIET)
        turns = taking_turns(function, screen.line, settings, moved)
        shown = following(turns, screen.running, screen.engine, title, SHOWING)
        started.success(lambda: gr.Timer(active=True), None, screen.tray.timer, js=BEGUN, **QUIET)
        watch(started.success(shown, [inputs.consent, *given], results, inputs_kwargs=options, **followed))

    def watch(done: Any) -> None:
        done.success(end, [output.file, output.kept], [*buttons, output.video], **QUIET)
        done.failure(failed, [output.cancel, output.kept], [*buttons, output.video, output.bar], **QUIET)
        if screen.weights is not None:
            # Missing files may have been downloaded, and installed ones may be gone.
            done.failure(lambda: panel_html(screen.engine, settings), None, screen.weights, **QUIET)

    def begin_again(found: str) -> tuple[Any, ...]:
        return begun() if found else (gr.skip(),) * (len(buttons) + len(results) - 1)

    followed: dict[str, Any] = {
        "show_progress": "minimal",
        "show_progress_on": output.bar,
        "concurrency_limit": None,  # the page's own line decides
        "api_visibility": "private",
    }
    animate = animate_function(screen.engine, settings, screen.jobs)
    given = [*inputs.given, *inputs.second.given, *hidden]
    job(output.generate, animate, given, with_performance, weigh=True)
    output.long.start.click(lambda: gr.Column(visible=False), None, output.long.box, **QUIET)
    job(output.long.start, animate, given, with_performance)
    if screen.engine != QUICK_ENGINE:
        mode = settable.form.components["animation_mode"]
        first = [*inputs.given, *inputs.second.given, screen.visitor, mode]
        quick = preview_function(settings, screen.jobs)
        job(output.preview, quick, first, performance)
    if screen.settable.form.keeps_motion:
        again = again_function(settings, screen.jobs)
        given = [output.kept, *hidden]
        job(output.again, again, given, options)
    started = screen.found.change(begin_again, screen.found, [*buttons, *results[:-1]], **QUIET)
    shown = follow_function(screen.running, moved(gr.skip()))
    quietly = followed | SILENT
    watch(started.success(shown, [screen.found, screen.visitor], results, **quietly))

    def cancel(request: gr.Request) -> None:
        screen.running.cancel_followed(session_of(request), screen.engine)

    connect_cancel(output.cancel, end=cancel)


def _buttons(
    screen: AnimateScreen, *, running: bool, out: DownloadFiles | None = None, kept: Job | None = None
) -> tuple[Any, ...]:
    """Every button during a job and after it."""
    output = screen.output
    return (
        gr.Button(interactive=not running and is_ready(screen.engine)),
        gr.Button(interactive=not running),
        cancel_update(running=running),
        gr.Button(interactive=kept is not None and not running),
        output.downloads.value(out),
        *output.share.of_video(out),
    )
