"""The page's own HTML, from the templates in this folder."""

from __future__ import annotations

from markupsafe import Markup

from media.documents.templates import rendered
from media.messages import said
from ui.i18n import named, say


def filled(name: str, **values: object) -> str:
    """Fill a template. Every value is escaped.

    In a template, `say(text)` is a text in both languages, and `named(text)` an element's name for screen
    readers, both as in `ui.i18n`; `said(template, field=value)` makes a text with values.
    """
    return str(rendered("ui.components", name, say=_say, named=_named, said=said, **values))


def _say(text: str) -> Markup:
    return Markup(say(text))


def _named(text: str) -> Markup:
    return Markup(named(text))
