"""The page's two languages: every text is written in English in the code, and also shown in Chinese.

The Chinese is in the files of `zh/`, one for each area, under the English text. The server never asks which
language a visitor reads: it sends both, and the browser shows one (`language.js`). So the language can change
during a job, and the server stores nothing about it.

`t` is for the texts of components, `say` for texts in HTML and in messages.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.i18n import I18nData

from ui.i18n.catalogue import chinese, exact
from ui.i18n.gradio_refusals import refusals_json
from ui.i18n.page_form import page_form

LOCALE = "zh-CN"
"""Simplified Chinese, as browsers and Gradio call it."""

COMPLETE = "common.complete"
"""A text of Gradio's that its own catalogues lack: screen readers would read this key after every job."""

MARK = I18nData("").to_dict()
"""Gradio's mark of a translated text, once a component's settings are plain values."""

MESSAGES = """
.toast-body bdi[lang="zh"], html[lang|="zh"] .toast-body bdi[lang="en"] { display: none; }
html[lang|="zh"] .toast-body bdi[lang="zh"] { display: inline; }
"""


def t(text: str) -> I18nData:
    """A text of a component: its label, info, placeholder, choice, or the label of a button or a tab.

    text: in English, or a message; `ui/i18n/zh` has its Chinese. Gradio translates one such text per
    property, so it cannot be joined with another.
    """
    return I18nData(text)


def say(text: str) -> str:
    """A text as HTML, for gr.HTML and for messages: escaped, with code between backticks.

    text: in English; with numbers and names it is a message (`media.messages.said`), whose Chinese is found
    by its template, and its flags, settings and folders are left out (`page_form`). Without Chinese, the
    English is shown.
    """
    text = page_form(text)
    english = _html(text)
    other = chinese(text)
    if other is None or _html(other) == english:
        return english
    # An element that no rule of the style sheet applies to.
    return f'<bdi data-zh="{html.escape(_html(other))}">{english}</bdi>'


def message(text: str) -> str:
    """A text for a toast: as `say`, in a form that survives Gradio's cleaning of messages."""
    text = page_form(text)
    english, other = _html(text), chinese(text)
    if other is None:
        return english
    return f'<bdi lang="en">{english}</bdi><bdi lang="zh">{_html(other)}</bdi>'


def named(text: str) -> str:
    """The name of an element for screen readers: the attribute aria-label, in both languages."""
    text = page_form(text)
    other = chinese(text)
    more = f' data-zh-label="{html.escape(other)}"' if other else ""
    return f'aria-label="{html.escape(text)}"{more}'


def translated(text: str) -> str:
    """The Chinese of an element that can hold plain text only, such as an option: its attribute data-zh."""
    other = chinese(text)
    return f' data-zh="{html.escape(html.escape(other))}"' if other else ""


def texts(page: gr.Blocks | None = None) -> gr.I18n:
    """The argument of `Blocks.launch` for `t`: the catalogue, and the page's texts with numbers in them.

    Gradio translates every matching value, even unintended ones, such as "human" of a choice. Values are
    lower-case here, so lower-case texts are left out unless a component has them from `t`.
    """
    # Plain texts: the keys that are sent to the browser cannot be anything else.
    named = {text[:]: other for text in (texts_of(page) if page else ()) if (other := chinese(text))}
    zh = {text: other for text, other in exact().items() if not text[0].islower()} | named
    en = {text: text for text in zh}
    return gr.I18n(**{"en": en | {COMPLETE: "Complete"}, LOCALE: zh | {COMPLETE: "完成"}})


def texts_of(page: gr.Blocks) -> set[str]:
    """Every text that the page's components were made with through `t`."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, I18nData):
            found.add(value.key)
        elif isinstance(value, Mapping):
            if value.get("__type__") == MARK["__type__"]:
                found.add(value["key"])
            for one in value.values():
                look(one)
        elif isinstance(value, list | tuple):
            for one in value:
                look(one)

    for component in page.config["components"]:
        look(component["props"])
    return found


def language_head() -> str:
    """HTML for the page's head that chooses, changes and stores the language.

    The rules are not in the style sheet, which Gradio limits to its own element.
    """
    script = (Path(__file__).parent / "language.js").read_text(encoding="utf-8")
    refusals = f"const REFUSALS = {refusals_json()};"
    return f"<style>{MESSAGES}</style><script>{{\n{refusals}\n{script}}}</script>"


def _html(text: str) -> str:
    parts = re.split(r"`([^`]*)`", text)
    return "".join(
        f"<code>{html.escape(part)}</code>" if place % 2 else html.escape(part, quote=False)
        for place, part in enumerate(parts)
    )
