"""Puts the settings of a dub back into the tab that dubs, and its video and voice into the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from engines.base import EngineOptions
from media.errors import OptionError
from studio.dubbing.job import DubJob
from studio.dubbing.presets import acting_values, dub_preset_of
from ui.components.text_voice import restored
from ui.given_inputs import GivenInputs
from ui.i18n import message
from ui.page_context import PageContext
from ui.tabs.dub.person import still_html
from ui.tabs.dub.screen import BY_HAND, DEFAULT, DUB, POINT, ChosenPoint, DubScreen

GIVEN_FACE = "The face of these settings is chosen. Click on another one to change it."


def dub_targets(screen: DubScreen) -> list[Any]:
    """Every component that `reopen_dub` may change, besides those of the page."""
    person = screen.person
    return [
        screen.engine, *screen.folds.values(), *(choice.radio for choice in screen.presets.values()),
        *screen.options.values(), screen.video, person.who, person.box, person.still, person.point,
        screen.sync_mode, screen.max_turn, screen.fade,
    ]  # fmt: skip


def reopen_dub(
    context: PageContext,
    engine: str,
    options: EngineOptions,
    about: Mapping[str, Any],
    given: GivenInputs | None,
) -> dict[Any, Any]:
    """Updates that open the tab as a dub was asked for. Raises OptionError if the page has no such tab.

    about: its sync_mode, person, max_turn and fade, as far as they are known. given: as for
    `ui.reopen.reopen`.
    """
    screen = context.dub.get(DUB)
    if screen is None or engine not in screen.folds:
        raise OptionError("This page has no tab that dubs videos.")
    fields, values = DubJob.model_fields, options.model_dump(mode="json")
    preset = dub_preset_of(acting_values(options), engine, context.settings.presets)
    updates: dict[Any, Any] = {
        context.tabs: gr.Tabs(selected=DUB),
        screen.engine: engine,
        **{fold: gr.Column(visible=name == engine) for name, fold in screen.folds.items()},
        **{
            choice.radio: gr.Radio(
                visible=name == engine and bool(choice.known),
                **({"value": preset or BY_HAND} if name == engine else {}),
            )
            for name, choice in screen.presets.items()
        },
        screen.sync_mode: about.get("sync_mode") or DEFAULT,
        screen.max_turn: about.get("max_turn", fields["max_turn"].default),
        screen.fade: about.get("fade", fields["fade"].default),
        **_person(screen, str(about.get("person") or "largest"), given),
    }
    updates |= {part: values[name] for (of, name), part in screen.options.items() if of == engine}
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


def _person(screen: DubScreen, person: str, given: GivenInputs | None) -> dict[Any, Any]:
    """Updates that choose who gets new lips. A point belongs to the given video; without one, to the video
    that the tab has or gets.
    """
    parts = screen.person
    if person in ("largest", "all"):
        return {parts.who: person, parts.box: gr.Column(visible=False), parts.point: None}
    video = str(given.portrait) if given is not None and given.portrait else ""
    return {
        parts.who: POINT,
        parts.box: gr.Column(visible=True),
        parts.still: still_html(None, hint=GIVEN_FACE),
        parts.point: ChosenPoint(person, video),
    }
