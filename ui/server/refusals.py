"""Answers a refused request with a sentence that people and programs can read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import PlainTextResponse

from ui.i18n.catalogue import chinese
from ui.i18n.page_form import page_form


def refused(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> PlainTextResponse:
    """The response, as plain text: the sentence, and below it the same in Chinese."""
    sentence = page_form(sentence)
    other = chinese(sentence)
    return PlainTextResponse("\n".join(filter(None, (sentence, other))), status, headers)
