"""Puts the settings of a finished dub back into the tab that dubs, and its video and voice into the page."""

from __future__ import annotations

from typing import Any

import gradio as gr

from engines.base import EngineOptions
from media.errors import OptionError
from studio.dubbing.job import DubJob
from studio.events import Result
from ui.components.text_voice import restored
from ui.given_inputs import Given
from ui.i18n import message
from ui.page_context import PageContext
from ui.tabs.dub.screen import DEFAULT, DUB, POINT, DubScreen


def dub_targets(screen: DubScreen) -> list[Any]:
    """Every component that `reopen_dub` may change, besides those of the page."""
    person = screen.person
    return [
        screen.engine, *screen.folds.values(), *screen.options.values(),
        screen.video, person.who, person.point, screen.sync_mode, screen.max_turn, screen.fade,
    ]  # fmt: skip


def reopen_dub(
    context: PageContext, result: Result, options: EngineOptions, given: Given | None
) -> dict[Any, Any]:
    """Updates that open the tab as the dub was asked for. Raises OptionError if the page has no such tab.

    given: as for `ui.reopen.reopen`.
    """
    screen = context.dub.get(DUB)
    if screen is None or result.dub is None or result.engine not in screen.folds:
        raise OptionError("This page has no tab that dubs videos.")
    fields, about, values = DubJob.model_fields, result.dub, options.model_dump(mode="json")
    person = str(about.get("person", "largest"))
    updates: dict[Any, Any] = {
        context.tabs: gr.Tabs(selected=DUB),
        screen.engine: result.engine,
        **{fold: gr.Column(visible=name == result.engine) for name, fold in screen.folds.items()},
        screen.sync_mode: about.get("sync_mode") or DEFAULT,
        screen.max_turn: about.get("max_turn", fields["max_turn"].default),
        screen.fade: about.get("fade", fields["fade"].default),
        # A new video forgets the face that was clicked on the one before.
        screen.person.who: person if person in ("largest", "all") else POINT,
        screen.person.point: "",
    }
    updates |= {part: values[name] for (of, name), part in screen.options.items() if of == result.engine}
    if given is None:
        return updates
    if given.missing:
        gr.Info(message(given.missing))
    if given.portrait:
        updates[screen.video] = str(given.portrait)
    if given.voice:
        updates[context.inputs.voice] = str(given.voice)
    elif given.spoken:
        updates |= {context.inputs.voice: None, **restored(context.inputs.text, given.spoken)}
    return updates
