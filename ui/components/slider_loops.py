"""Sliders that answer: two seconds with the new settings beside two seconds with those before."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from engines.base import EngineOptions
from media.errors import JoyStudioError, LineFull
from media.messages import said
from studio.job import Job
from studio.long_jobs import time_in_words
from studio.options import make_options
from studio.short_loops import SOON, follows_motion, loop_time, make_loop
from ui.components.portrait_choice import PortraitChoice
from ui.components.second_voice import second_voice
from ui.components.slider_answers import BeforeAfter, LoopSettings, SliderAnswers
from ui.errors import sentence_of
from ui.event_settings import SILENT, SPOKEN
from ui.event_values import value_of
from ui.in_turn import in_turn, visitor_of
from ui.page_context import PageContext
from ui.reopen import option_targets, set_options
from ui.tabs.animate.make import make_job
from ui.tabs.animate.ready import is_ready
from ui.theme import script

TOO_LONG = (
    "Two seconds with this engine take about {time} on this machine, too long to answer a slider. Press "
    "Generate to see the change."
)
BUSY = "A video is being made now. Move a slider again when it is finished."
TOO_MANY = (
    "The page is examining too many portraits and voices at the moment. Move a slider again in a minute."
)


def build_slider_loops() -> gr.HTML:
    """Draw the panel inside the current Blocks, empty."""
    return gr.HTML("", js_on_load=script("slider_answers.js"), padding=False, elem_id="slider-answers")


def connect_slider_loops(context: PageContext, panel: gr.HTML) -> None:
    """Connect it, once every tab is drawn."""
    screens = list(context.screens.values())
    if not screens:
        return
    answers = gr.State(SliderAnswers())
    parts = [part for screen in screens for part in screen.settable.form.components.values()]
    kept = [screen.output.kept for screen in screens]
    given = [answers, context.visitor, context.inputs.portrait, context.inputs.voice]
    given += [context.inputs.seed.number, context.inputs.choice, context.inputs.consent]
    given += context.inputs.second.given
    panel.click(
        Answering(context).answer,
        [*given, *kept, *parts],
        panel,
        trigger_mode="multiple",
        api_visibility="private",
        concurrency_limit=None,  # the page's own line decides
        **SILENT,
    )

    def back(answers: SliderAnswers) -> dict[Any, Any]:
        pair = answers.close()
        if pair is None:
            return {panel: ""}
        return {panel: "", **set_options(context, context.screens[pair.engine], pair.before.options)}

    panel.select(back, answers, [panel, *option_targets(context)], **SPOKEN)


class Answering:
    """Renders the loops of one page's visitors."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        self._weigh = context.gate.guard(loop_time, lambda *_: None)  # it decodes the portrait

    async def answer(
        self,
        answers: SliderAnswers,
        owner: str | None,
        portrait: str | None,
        voice: str | None,
        seed: float | None,
        choice: PortraitChoice,
        consent: bool,
        who: str | None,
        second: str | None,
        start: float | None,
        second_face: int | str | None,
        event: gr.EventData,
        request: gr.Request,
        *values: Any,
    ) -> AsyncGenerator[Any, None]:
        """Updates of the panel, for an option that is touched or moved, and for its own buttons.

        Without consent nothing is made.
        """
        what, engine = value_of(event, "what"), value_of(event, "engine")
        if what not in ("touch", "move"):
            answers.close()
            yield ""
            return
        found = self._options(engine, values) if consent is True else None
        if found is None or not portrait or not voice or not is_ready(str(engine)):
            yield answers.panel() if what == "move" else gr.skip()
            return
        options, kept = found
        if what == "touch":
            yield "" if answers.touch(str(engine), options) else gr.skip()
            return
        began = answers.move(str(engine), options)
        if began is None:
            yield answers.panel()
            return
        number, pair = began
        if pair.before.options == options:
            answers.close()
            answers.touch(str(engine), options)
            yield ""
            return
        picked = choice.picked  # once: both sides show the same picture

        def job(side: LoopSettings) -> Job:
            two = second_voice(who, second, start, second_face)
            values = side.options.model_dump()
            return make_job(str(engine), portrait, voice, seed, picked, None, values, two=two)

        async with aclosing(self._pair(answers, number, pair, job, kept, owner, request)) as updates:
            async for update in updates:
                yield update

    async def _pair(
        self,
        answers: SliderAnswers,
        number: int,
        pair: BeforeAfter,
        job: Callable[[LoopSettings], Job],
        kept: Job | None,
        owner: str | None,
        request: gr.Request,
    ) -> AsyncGenerator[Any, None]:
        """The panel after each of the two loops; the new one comes first."""
        settings, line = self.context.settings, self.context.line
        assert pair.after is not None
        try:
            asked = job(pair.after)
            # Both from the same motion, or neither: their seconds would differ.
            follows = all(follows_motion(kept, asked, one.options) for one in (pair.after, pair.before))
            motion = kept.motion if follows and kept is not None else None
            time = await self._weigh(asked, settings, motion)
            if time is None:
                yield answers.panel(TOO_MANY)
                return
            if time.seconds > SOON:
                yield answers.panel(said(TOO_LONG, time=time_in_words(time.seconds)))
                return
            for name, side in (("after", pair.after), ("before", pair.before)):
                wanted = job(side)
                made_of = wanted.model_copy(update={"motion": motion})
                if side.loop and side.made_of == made_of:
                    continue
                if line.working >= line.bounds.at_once or line.waiting:
                    yield answers.panel(BUSY)
                    return
                visitor = visitor_of(request, owner, settings)
                loop = await self._rendered(answers, number, wanted, motion, visitor)
                if loop is None:
                    yield gr.skip()
                    return
                done = replace(side, loop=loop, made_of=made_of)
                if answers.finish(number, **{name: done}) is None:
                    yield gr.skip()
                    return
                yield answers.panel(working=True)
            yield answers.panel() if answers.current(number) else gr.skip()
        except LineFull:
            yield answers.panel(BUSY)
        except Exception as error:  # an upload that has expired, a full disk: the panel would stay dimmed
            yield answers.panel(sentence_of(error))

    async def _rendered(
        self, answers: SliderAnswers, number: int, job: Job, motion: Path | None, visitor: Any
    ) -> bytes | None:
        """A loop; None if it is no longer wanted, after its work has ended."""
        work = make_loop(job, self.context.settings, motion, answers.cut)
        async with aclosing(in_turn(self.context.line, visitor, lambda _: b"", work)) as pieces:
            async for piece in pieces:
                if not answers.current(number):
                    return None
                if piece:
                    return piece
        return None

    def _options(self, engine: Any, values: tuple[Any, ...]) -> tuple[EngineOptions, Job | None] | None:
        """The options of an engine's tab as they are now, and its last job with motion."""
        screens = list(self.context.screens.values())
        kept, place = values[: len(screens)], len(screens)
        for number, screen in enumerate(screens):
            names = list(screen.settable.form.components)
            if screen.engine == engine:
                chosen = dict(zip(names, values[place:], strict=False))
                try:
                    return make_options(screen.engine, chosen), kept[number]
                except JoyStudioError:  # an empty number; Generate reports it
                    return None
            place += len(names)
        return None
