"""Puts a finished video's settings back into the tab that made it, and its inputs back into the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from engines.base import AnimationMode, EngineOptions
from media.documents.quoting import quoted
from media.errors import JoyStudioError, OptionError
from media.messages import said
from studio.events import Result
from studio.options import make_options
from studio.presets import name_of
from studio.settings import Settings
from studio.settings_files import RestoredSettings, read_settings_file
from studio.turned_copy import turned_copy
from ui.components.mark_track_events import tell_of_all
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_picker import Picked
from ui.components.recorded_performance import described as performance_described
from ui.components.recorded_performance import reopened as performance_again
from ui.components.second_voice import described, reopened
from ui.components.text_voice import restored
from ui.errors import as_toast
from ui.event_settings import SPOKEN
from ui.event_values import content_of, value_of
from ui.given_inputs import GivenInputs
from ui.i18n import message
from ui.page_context import PageContext
from ui.reopen_dub import dub_targets, reopen_dub
from ui.reopen_live import live_screen_of, live_targets, set_live
from ui.tabs.animate.screen import BY_HAND, AnimateScreen

DUB_SET = "The settings of the file are set in the tab “Dub”. Add the video and the voice."


def reopen_targets(context: PageContext) -> list[Any]:
    """Every component that `reopen` may change."""
    inputs = context.inputs
    given = [inputs.seed.number, inputs.portrait, inputs.voice, inputs.text.fold, *inputs.text.given]
    given += [inputs.second.fold, *inputs.second.given]
    given += [
        part
        for screen in context.screens.values()
        if screen.performance
        for part in screen.performance.targets
    ]
    live = [part for screen in context.live.values() for part in live_targets(screen)]
    dub = [part for screen in context.dub.values() for part in dub_targets(screen)]
    return [*given, *option_targets(context), *live, *dub]


def option_targets(context: PageContext) -> list[Any]:
    """Every component that `set_options` may change."""
    return [context.tabs, *(part for screen in context.screens.values() for part in _parts(screen))]


def reopen(
    context: PageContext,
    result: Result,
    given: GivenInputs | None = None,
    choice: PortraitChoice | None = None,
) -> dict[Any, Any]:
    """Updates that open the engine's tab with a video's options and seed, or the tab Live with a recording's.

    given: the inputs of the video, which go back into the page with the face or the points of the visitor's
    `choice`; None for a video of another visitor, which leaves the files unchanged and only chooses who
    speaks. A file that is no longer stored leaves its place unchanged, and a message says so.

    Options that the engine no longer has, or no longer accepts, stay at their defaults. Raises OptionError if
    the page has no tab for the engine.
    """
    options = _options(result)
    if result.dub is not None:
        return {
            **reopen_dub(context, result.engine, options, _about(result.dub, given), given),
            context.inputs.seed.number: result.seed,
        }
    live = live_screen_of(context, result)
    if live is not None:
        updates = set_live(context, live, result.engine, options, given.look_ahead_ms if given else None)
    else:
        updates = set_options(context, _screen(context, result.engine), options)
    return {
        **updates,
        context.inputs.seed.number: result.seed,
        **_reopened_inputs(context, result, options.animation_mode, given, choice),
    }


def restore(context: PageContext, found: RestoredSettings) -> dict[Any, Any]:
    """Updates that open the engine's tab, or the tab that dubs, with the options of a file, and with its
    seed, its text and who speaks if it says so. Raises OptionError if the page has no tab for the engine.
    """
    inputs = context.inputs
    if found.dub is not None:
        updates = reopen_dub(context, found.engine, found.options, found.dub, None)
    else:
        updates = set_options(context, _screen(context, found.engine), found.options)
    if found.seed is not None:
        updates[inputs.seed.number] = found.seed
    if found.spoken is not None:
        updates |= {inputs.voice: None, **restored(inputs.text, found.spoken)}
    if found.says_who_speaks:
        updates |= described(inputs.second, found.second_voice)
        updates |= described_performance(context, found.engine, found.performance)
    return updates


def connect_settings_file(context: PageContext, file: gr.HTML) -> None:
    """Connect the component of `ui.components.settings_file`, once every tab is drawn."""

    def open_file(event: gr.EventData) -> dict[Any, Any]:
        name = value_of(event, "name")
        try:
            found = read_settings_file(
                name if isinstance(name, str) else "",
                content_of(event),
                list(context.screens),
            )
            updates = restore(context, found)
        except JoyStudioError as error:
            raise as_toast(error) from None
        told = said("The settings of the file are set in the tab of {engine}.", engine=found.engine)
        gr.Info(message(told if found.dub is None else DUB_SET))
        return updates

    tell_of_all(context, file.upload(open_file, None, reopen_targets(context), **SPOKEN))


def _screen(context: PageContext, engine: str) -> AnimateScreen:
    screen = context.screens.get(engine)
    if screen is None:
        raise OptionError("This page has no tab for the engine {engine}.", engine=quoted(engine, 40))
    return screen


def set_options(context: PageContext, screen: AnimateScreen, options: EngineOptions) -> dict[Any, Any]:
    """Updates that open a tab with these options."""
    form, settable = screen.settable.form, screen.settable
    preset = name_of(options, screen.engine, context.settings.presets)
    values = dict(zip(form.components.values(), form.values(options), strict=True))
    shown = form.shown(options.animation_mode)
    return {
        context.tabs: gr.Tabs(selected=screen.engine),
        **{part: gr.update(value=value, **_visible(shown, part)) for part, value in values.items()},
        settable.preset: preset or BY_HAND,
        settable.applied_preset: preset,
    }


def _parts(screen: AnimateScreen) -> list[Any]:
    settable = screen.settable
    return [*settable.form.components.values(), settable.preset, settable.applied_preset]


def _reopened_inputs(
    context: PageContext,
    result: Result,
    mode: AnimationMode,
    given: GivenInputs | None,
    choice: PortraitChoice | None,
) -> dict[Any, Any]:
    if given is None or choice is None:
        updates = described(context.inputs.second, result.second_voice)
        return updates | described_performance(context, result.engine, result.performance)
    updates = opened_inputs(context, mode, given, choice)
    screen = context.screens.get(result.engine)
    if screen is None or screen.performance is None:
        return updates
    if given.performing is not None and not given.had_voice:
        updates |= {context.inputs.voice: None, context.inputs.text.text: ""}
    return updates | performance_again(screen.performance, given.performance, given.performing)


def described_performance(
    context: PageContext, engine: str, facts: Mapping[str, Any] | None
) -> dict[Any, Any]:
    """Updates that choose what settings without their files say of a recorded performance."""
    screen = context.screens.get(engine)
    recorded = screen.performance if screen is not None else None
    return performance_described(recorded, facts) if recorded is not None else {}


def opened_inputs(
    context: PageContext, mode: AnimationMode, given: GivenInputs, choice: PortraitChoice
) -> dict[Any, Any]:
    """Updates of a video's portrait, voice and who speaks; the choice gets the face or the points, and the
    edits.
    """
    inputs, updates = context.inputs, dict[Any, Any]()
    if given.missing:
        gr.Info(message(given.missing))
    if given.portrait:
        picked = _picked(given, given.portrait, mode, context.settings)
        choice.begin(lambda _: picked, mode)
        updates[inputs.portrait] = picked.portrait
    if given.voice:
        updates[inputs.voice] = str(given.voice)
    elif given.spoken:
        updates |= {inputs.voice: None, **restored(inputs.text, given.spoken)}
    return updates | reopened(inputs.second, given.who, given.second_voice, given.second)


def _picked(given: GivenInputs, portrait: Path, mode: AnimationMode, settings: Settings) -> Picked:
    """The choice on a video's portrait. The page shows a turn, which lists and programs ask for, as a turned
    copy: crop and points are in its pixels. Raises PortraitError and OutputError if there can be no copy.
    """
    picked = Picked(str(portrait), mode, face_index=given.face_index, points=given.points, edit=given.edit)
    if not given.edit.turn:
        return picked
    copy = turned_copy(portrait, given.edit.turn, settings)
    scale, crop = copy.placement.scale, given.edit.crop
    if crop is not None:
        x0, y0, x1, y1 = (scale * value for value in crop)
        crop = (x0, y0, x1, y1)
    return replace(
        picked,
        portrait=str(copy.path),
        points=tuple((scale * x, scale * y) for x, y in given.points),
        edit=replace(given.edit, turn=0, crop=crop),
        turned=copy,
    )


def _about(dub: Mapping[str, Any], given: GivenInputs | None) -> Mapping[str, Any]:
    """What a dub was asked for; without its video, not the point on a face of it."""
    known = given is not None or dub.get("person") in ("largest", "all")
    return dub if known else {**dub, "person": "largest"}


def _visible(shown: dict[Any, Any], part: Any) -> dict[str, Any]:
    return {"visible": shown[part]["visible"]} if part in shown else {}


def _options(result: Result) -> Any:
    """The video's options, as far as the engine accepts them today."""
    known: dict[str, Any] = {}
    for name, value in result.options.items():
        try:
            make_options(result.engine, {name: value})
        except OptionError:
            continue
        known[name] = value
    return make_options(result.engine, known)
