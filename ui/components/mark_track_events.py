"""Events of the track of marks: it shows the fields of the engines, and writes into them."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from media.documents.quoting import quoted
from media.documents.text import decoded
from media.errors import DocumentError, JoyStudioError, OptionError
from studio.marks_file import MARKS, marks_text
from studio.options import make_options
from ui.components.mark_track import LARGEST, tell
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.event_values import content_of, value_of
from ui.page_context import PageContext


def connect_mark_track(context: PageContext, selected: gr.Textbox) -> None:
    """Connect it, once every tab is drawn. selected: has the id of the open tab."""
    track = context.inputs.marks
    if track is None:
        return
    fields = _fields(context)
    selected.change(
        None,
        selected,
        None,
        js="(tab) => { window.dispatchEvent(new CustomEvent('tabchange', { detail: tab })); }",
        **QUIET,
    )
    for engine, field in fields.items():
        field.change(None, field, None, js=tell(engine), **QUIET)
        selected.change(None, field, None, js=tell(engine), **QUIET)

    def read(event: gr.EventData) -> dict[Any, Any]:
        engine, name = value_of(event, "engine"), value_of(event, "name")
        if engine not in fields:
            return {}
        try:
            text = _read(engine, name, content_of(event), value_of(event, "text"))
        except JoyStudioError as error:
            raise as_toast(error) from None
        return {fields[engine]: text}

    tell_of_all(context, track.upload(read, None, list(fields.values()), **SPOKEN))
    ask = (
        "() => { const asked = {}; window.dispatchEvent(new CustomEvent('marksasked', { detail: asked })); "
        f"return {json.dumps(list(fields))}.map((engine) => asked.texts[engine]); }}"
    )
    track.input(None, None, list(fields.values()), js=ask, **QUIET)


def tell_of_all(context: PageContext, event: Any) -> None:
    """Tell the track what the fields say after an event that may have set one of them."""
    for engine, field in _fields(context).items():
        event.success(None, field, None, js=tell(engine), **QUIET)


def _fields(context: PageContext) -> dict[str, Any]:
    """The field of each engine that has one."""
    forms = {name: screen.settable.form.components for name, screen in context.screens.items()}
    return {name: form[MARKS] for name, form in forms.items() if MARKS in form}


def _read(engine: str, name: Any, content: bytes | None, text: Any) -> str:
    """The shortest form of the marks in a file or in the text of the field."""
    if not isinstance(name, str):
        return _checked(engine, text if isinstance(text, str) else "")
    try:
        if content is None or len(content) > LARGEST:
            raise DocumentError("it has more than {most} bytes, the limit for such a file", most=LARGEST)
        found = marks_text(decoded(content))
    except DocumentError as error:
        raise OptionError(
            "The marks in {name} cannot be used: {reason}.", name=quoted(name), reason=error
        ) from None
    return _checked(engine, found)


def _checked(engine: str, text: str) -> str:
    return str(getattr(make_options(engine, {MARKS: text}), MARKS))
