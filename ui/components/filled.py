"""The page's own HTML, from the templates in this folder."""

from __future__ import annotations

from markupsafe import Markup

from media.documents.templates import rendered
from media.messages import said
from ui.i18n import named, say, translated


def filled(name: str, **values: object) -> str:
    """Fill a template. Every value is escaped.

    In a template, `say(text)` is a text in both languages, `named(text)` an element's name for screen
    readers, and `translated(text)` the Chinese of an element that holds plain text only, as in `ui.i18n`;
    `said(template, field=value)` makes a text with values.
    """
    words = {"say": _say, "named": _named, "translated": _translated, "said": said}
    return str(rendered("ui.components", name, **words, **values))


def _say(text: str) -> Markup:
    return Markup(say(text))


def _named(text: str) -> Markup:
    return Markup(named(text))


def _translated(text: str) -> Markup:
    return Markup(translated(text))
