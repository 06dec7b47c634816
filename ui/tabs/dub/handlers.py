"""Events of the tab that dubs a video."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.components.cancel_button import cancel_update, connect_cancel, was_cancelled
from ui.components.input_checks import needed_voice
from ui.components.long_job import ask_before_long
from ui.components.missing_inputs import ask_for, mark
from ui.components.progress import ended_bar, waiting_bar
from ui.components.result import DownloadFiles
from ui.components.steps import BEGUN
from ui.event_settings import QUIET, SILENT, SPOKEN
from ui.following import follow_function, session_of
from ui.lasting_task import LastingTask
from ui.lasting_tasks import lasting
from ui.page_context import PageContext
from ui.tabs.dub.asked import dub_wish, needed_video, weighed_dub
from ui.tabs.dub.person import connect_person
from ui.tabs.dub.presets import connect_presets
from ui.tabs.dub.ready import connect_ready, is_ready, why_html
from ui.tabs.dub.run import SHOWING, dub_work, moved
from ui.tabs.dub.screen import DUB, DubScreen


def connect(context: PageContext, screen: DubScreen) -> None:
    """Connect every component of the tab."""
    connect_person(context, screen)

    connect_presets(screen, context.settings)
    presets = [choice.radio for choice in screen.presets.values()]

    def turn(engine: str) -> list[Any]:
        folds = [gr.Column(visible=name == engine) for name in screen.folds]
        radios = [
            gr.Radio(visible=name == engine and bool(choice.known)) for name, choice in screen.presets.items()
        ]
        return [*folds, *radios]

    screen.engine.change(turn, screen.engine, [*screen.folds.values(), *presets], **QUIET)
    connect_ready(context, screen)
    _connect_run(context, screen)


def ask_inputs(consent: bool, video: str | None, voice: str | None, text: str | None) -> None:
    """Raise an error for the page that names every missing input."""
    checks = (lambda: needed_video(video), lambda: needed_voice(voice or (text or "").strip()))
    ask_for(checks, consent)


def _connect_run(context: PageContext, screen: DubScreen) -> None:
    inputs, output = context.inputs, screen.output
    buttons = [
        output.start, output.cancel, output.busy, output.downloads.html, *output.share.components
    ]  # fmt: skip
    results = [output.video, output.live, output.facts, output.bar, output.file]

    def begin(request: gr.Request) -> list[Any]:
        context.running.expect(session_of(request), DUB)
        return begun()

    def begun() -> list[Any]:
        return [*_buttons(screen, running=True), None, "", "", waiting_bar(), None]

    def begin_again(found: str) -> list[Any]:
        return begun() if found else [gr.skip()] * (len(buttons) + len(results))

    def end(out: DownloadFiles | None, engine: str) -> list[Any]:
        return _buttons(screen, running=False, engine=engine, out=out)

    def failed(words: str, engine: str) -> list[Any]:
        # Installed files may be gone.
        why = why_html(engine, engine in context.screens)
        return [*_buttons(screen, running=False, engine=engine), "", ended_bar(was_cancelled(words)), why]

    def watch(done: Any) -> None:
        done.success(end, [output.file, screen.engine], buttons, **QUIET)
        shown = [*buttons, output.live, output.bar, output.why]
        done.failure(failed, [output.cancel, screen.engine], shown, **QUIET)

    followed: dict[str, Any] = {
        "show_progress_on": output.bar,
        "concurrency_limit": None,  # the page's own line decides
        "api_visibility": "private",
    }
    wish, work = dub_wish([*screen.presets], [*screen.options]), dub_work(context.settings)
    task = LastingTask(DUB, "Dub", context.line, SHOWING, moved, wish, work)
    shown = lasting(task, context)
    needed = [inputs.consent, screen.video, inputs.voice, inputs.text.text]
    given = [context.visitor, screen.video, inputs.voice, inputs.seed.number, inputs.text.spoken]
    given += [*inputs.text.given, inputs.consent, *screen.asked]
    weighed = weighed_dub(wish), screen.asked

    def job(button: gr.Button, *, weigh: bool) -> None:
        asked = button.click(ask_inputs, needed, None, **SPOKEN)
        asked.failure(None, None, None, js=mark("voice", "consent"), **QUIET)
        if weigh:
            asked = ask_before_long(
                output.long, asked, context.settings, context.gate, inputs, weighed, picture=screen.video
            )
        started = asked.success(begin, None, [*buttons, *results], **QUIET)
        started.success(lambda: gr.Timer(active=True), None, context.tray.timer, js=BEGUN, **QUIET)
        watch(started.success(shown, given, results, show_progress="minimal", **followed))

    job(output.start, weigh=True)
    output.long.start.click(lambda: gr.Column(visible=False), None, output.long.box, **QUIET)
    job(output.long.start, weigh=False)
    found = context.found[DUB] = context.tray.found_job()
    again = found.change(begin_again, found, [*buttons, *results], **QUIET)
    find = follow_function(context.running, moved(gr.skip()))
    watch(again.success(find, [found, context.visitor], results, **(followed | SILENT)))

    def cancel(request: gr.Request) -> None:
        context.running.cancel_followed(session_of(request), DUB)

    connect_cancel(output.cancel, end=cancel)


def _buttons(
    screen: DubScreen, *, running: bool, engine: str = "", out: DownloadFiles | None = None
) -> list[Any]:
    """Every button during a job and after it. engine: the chosen one, after a job."""
    output = screen.output
    return [
        gr.Button(interactive=not running and is_ready(engine)),
        cancel_update(running=running),
        running,
        output.downloads.value(out),
        *output.share.of_video(out),
    ]
