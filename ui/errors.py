"""Turns an error into a sentence on the page."""

from __future__ import annotations

import logging
import secrets

import gradio as gr

from media.errors import InputError, JoyStudioError
from media.messages import said
from ui.i18n import message
from ui.i18n.page_form import without_folders

_log = logging.getLogger("joystudio.ui")

READING_SPEED = 12.0
"""Characters per second for a toast's time on screen; slow enough for everyone."""


def as_toast(error: Exception) -> gr.Error:
    """The toast for an error: its own sentence for a JoyStudioError, otherwise an apology with a number.

    The traceback of an unexpected error goes to the server's log with the same number, never to the page.
    """
    sentence = sentence_of(error)
    title = "This cannot be used" if isinstance(error, InputError) else "That did not work"
    seconds = max(8.0, len(sentence) / READING_SPEED)
    # Toasts are HTML, and a message may quote a file's name.
    return gr.Error(message(sentence), title=title, duration=seconds, print_exception=False)


def as_answer(error: Exception) -> gr.Error:
    """The same sentence for a program, which may be told of parameters, but not of the server's folders."""
    return gr.Error(without_folders(sentence_of(error)), print_exception=False)


def sentence_of(error: Exception) -> str:
    """The sentence of such a toast, for another place on the page."""
    if isinstance(error, JoyStudioError):
        return str(error)
    number = secrets.token_hex(4)
    _log.error("Unexpected error %s", number, exc_info=error)
    return said(
        "Something went wrong in the program. Try again; if it stays, report it with the number {number}.",
        number=number,
    )
