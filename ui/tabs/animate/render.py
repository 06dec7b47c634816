"""Events of the animate tab: generate, render again, cancel, and the result."""

from __future__ import annotations

from typing import Any

import gradio as gr

from studio.job import Job
from ui.components.consent import ask_consent
from ui.components.progress import CANCELLED, message_bar, waiting_bar
from ui.components.result import DownloadFiles
from ui.components.share_row import QUIET, SPOKEN, of_video
from ui.components.weights_panel import panel_html
from ui.in_turn import taking_turns
from ui.tabs.animate.run import again_function, animate_function, moved, preview_function
from ui.tabs.animate.screen import QUICK_ENGINE, AnimateOutput, Screen


def connect_rendering(screen: Screen) -> None:
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
    hidden = [settable.applied_preset, screen.visitor]
    cancelled = gr.State(False)

    def begin() -> tuple[Any, ...]:
        return *_buttons(output, running=True), None, "", waiting_bar(), None, False

    def end(out: DownloadFiles | None, kept: Job | None) -> tuple[Any, ...]:
        return _buttons(output, running=False, out=out, kept=kept)

    def stopped(kept: Job | None) -> tuple[Any, ...]:
        return *_buttons(output, running=False, kept=kept), None, message_bar(CANCELLED, "stopped"), True

    def failed(was_cancelled: bool) -> tuple[Any, Any]:
        # No pieces of a video that will not be finished. And the bar's last news may have come in after the
        # click on "Cancel".
        return None, message_bar(CANCELLED, "stopped") if was_cancelled else gr.skip()

    def job(button: gr.Button, function: Any, given: list[Any], options: dict[str, Any]) -> Any:
        asked = button.click(ask_consent, output.consent, None, **SPOKEN)
        started = asked.success(begin, None, [*buttons, *results[:-1], cancelled], **QUIET)
        done = started.success(
            taking_turns(function, screen.line, settings, moved),
            [output.consent, *given],
            results,
            inputs_kwargs=options,
            show_progress="minimal",
            show_progress_on=output.bar,
            concurrency_limit=None,  # the page's own line decides
            api_visibility="private",
        )
        done.success(end, [output.file, output.kept], buttons, **QUIET)
        done.failure(end, [output.file, output.kept], buttons, **QUIET)
        done.failure(failed, cancelled, [output.video, output.bar], **QUIET)
        if screen.weights is not None:
            # What was missing may have been fetched, and what was there may be gone.
            done.failure(lambda: panel_html(screen.engine), None, screen.weights, **QUIET)
        return done

    jobs = [
        job(
            output.generate,
            animate_function(screen.engine, settings, screen.jobs),
            [
                inputs.portrait,
                inputs.voice,
                settable.seed,
                inputs.picked,
                settable.applied_preset,
                screen.visitor,
            ],
            options,
        )
    ]
    if screen.engine != QUICK_ENGINE:
        mode = settable.form.components["animation_mode"]
        first = [inputs.portrait, inputs.voice, settable.seed, inputs.picked, screen.visitor, mode]
        quick = preview_function(settings, screen.jobs)
        jobs.append(job(output.preview, quick, first, {}))
    if screen.settable.form.keeps_motion:
        again = again_function(settings, screen.jobs)
        given = [output.kept, *hidden]
        jobs.append(job(output.again, again, given, options))
    after = [*buttons, output.video, output.bar, cancelled]
    output.cancel.click(stopped, output.kept, after, cancels=jobs, **QUIET)


def _buttons(
    output: AnimateOutput, *, running: bool, out: DownloadFiles | None = None, kept: Job | None = None
) -> tuple[Any, ...]:
    """Every button as it should be while a job runs and after it."""
    return (
        gr.Button(interactive=not running),
        gr.Button(interactive=not running),
        gr.Button(interactive=running),
        gr.Button(interactive=kept is not None and not running),
        output.downloads.value(out),
        *of_video(None, out.job_id if out else None, None),
    )
