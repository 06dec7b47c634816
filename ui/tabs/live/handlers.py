"""Events of the tab Live: the ticket for a session, and options that change in flight."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import gradio as gr

from media.desk.edit import PLAIN
from media.errors import VoiceError
from studio.job import checked_seed
from studio.live.socket import LiveHost, SessionArguments
from studio.options import modes_of
from ui.components.examples import example_voices
from ui.components.input_checks import current_pick, needed_portrait
from ui.components.missing_inputs import ask_inputs, mark
from ui.components.options_form import MODE
from ui.components.portrait_choice import PortraitChoice
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.event_values import value_of
from ui.page_context import PageContext
from ui.server.addresses import EXAMPLES
from ui.server.live_sockets import live_host
from ui.tabs.live.screen import EXAMPLE, FILE, MICROPHONE, LiveScreen

BACKLOG_MS = 160
"""How much of a microphone's sound may wait before some of it is left out."""

UNSPOKEN = "Your text has no sound yet. Press Listen first, then Start."

MARK_ALL, MARK_INPUTS = mark("portrait", "voice", "consent"), mark("portrait", "consent")
ANSWER = """(given) => { document.dispatchEvent(new CustomEvent("live-ticket", { detail: given })); }"""
# The script comes last, because it may scroll to a nearer place.
REFUSE = f"""() => {{
  const voiced = document.querySelector('#live-source input[value="{FILE}"]')?.checked;
  (voiced ? {MARK_ALL} : {MARK_INPUTS})();
  document.dispatchEvent(new CustomEvent("live-ticket", {{ detail: "" }}));
}}"""
CHANGED = """(value) => {{
  const detail = {{ engine: {engine}, values: {{ {name}: value }} }};
  document.dispatchEvent(new CustomEvent("live-option", {{ detail }}));
}}"""


def connect(context: PageContext, screen: LiveScreen) -> None:
    """Connect them."""
    inputs = screen.inputs
    given = [inputs.consent, inputs.portrait, inputs.voice, inputs.text.text]
    given += [inputs.seed.number, inputs.choice]
    asked = screen.stage.click(
        Issuing(screen).issue,
        [context.visitor, *given, screen.engine, screen.look_ahead, *screen.options.values()],
        screen.ticket,
        trigger_mode="multiple",
        **SPOKEN,
    )
    asked.success(None, screen.ticket, None, js=ANSWER, **QUIET)
    asked.failure(None, None, None, js=REFUSE, **QUIET)
    for (engine, name), part in screen.options.items():
        # In the browser, so that dragging costs the server nothing but the message.
        tell = CHANGED.format(engine=json.dumps(engine), name=json.dumps(name))
        part.input(None, part, None, js=tell, **QUIET)
    if len(screen.folds) > 1:
        screen.engine.change(
            lambda chosen: [gr.Accordion(visible=name == chosen) for name in screen.folds],
            screen.engine,
            list(screen.folds.values()),
            **QUIET,
        )


class Issuing:
    """Issues the tickets of one page's visitors."""

    def __init__(self, screen: LiveScreen) -> None:
        self._screen = screen

    def issue(
        self,
        owner: str | None,
        consent: bool,
        portrait: str | None,
        voice: str | None,
        text: str | None,
        seed: float | None,
        choice: PortraitChoice,
        engine: str,
        look_ahead: int,
        event: gr.EventData,
        request: gr.Request,
        *values: Any,
    ) -> str:
        """What the tab's script asked for, as JSON: a ticket, its engine, and the address of a voice.

        Raises gr.Error for missing or invalid inputs.
        """
        source = value_of(event, "source")
        ask_inputs(consent, portrait, voice, text, voice_needed=source == FILE)
        try:
            if source == FILE and not voice:
                raise VoiceError(UNSPOKEN)
            opening = self._opening(owner, portrait, seed, choice, engine, look_ahead, values)
            if source == MICROPHONE:
                opening = replace(opening, max_backlog_ms=BACKLOG_MS)
            address = _address(source, voice)
            ticket = _host(request).tickets.issue(opening, request.username or "")
        except Exception as error:
            raise as_toast(error) from None
        number = value_of(event, "number")
        return json.dumps({"number": number, "ticket": ticket, "engine": engine, "voice": address})

    def _opening(
        self,
        owner: str | None,
        portrait: str | None,
        seed: float | None,
        choice: PortraitChoice,
        engine: str,
        look_ahead: int,
        values: Sequence[Any],
    ) -> SessionArguments:
        picked = current_pick(choice.picked, portrait)
        modes = modes_of(engine)
        mode = choice.subject if choice.subject in modes else modes[0]
        options = dict(zip(self._screen.options, values, strict=True))
        return SessionArguments(
            portrait=needed_portrait(portrait),
            engine=engine,
            options={name: value for (of, name), value in options.items() if of == engine} | {MODE: mode},
            seed=checked_seed(seed),
            look_ahead_ms=look_ahead,
            face_index=picked.face_for(mode) if picked else 0,
            anchors=picked.anchors_for(mode) if picked else None,
            portrait_edit=picked.edit if picked else PLAIN,
            visitor=owner,
            owner=owner or "",
        )


def _host(request: gr.Request) -> LiveHost:
    inner = request.request
    assert inner is not None  # only Gradio's own examples have none
    return live_host(inner.app)


def _address(source: Any, voice: str | None) -> str:
    """The address of a voice, relative to the page; "" for a microphone."""
    if source == FILE:
        return f"gradio_api/file={quote(voice or '')}"
    for example in example_voices():
        if source == EXAMPLE + example.path.stem:
            return f"{EXAMPLES}/{example.path.name}"
    return ""
