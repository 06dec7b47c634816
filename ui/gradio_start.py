"""Imports Gradio without what only its developers' editors need: a third of the time it takes."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STUBS = "create_or_modify_pyi"
"""The function in which Gradio writes a .pyi file beside each of its components as they are imported."""


def import_gradio() -> None:
    """Import it now, quickly; later imports find it. Does nothing when it is there already."""
    with _without_stubs():
        import gradio  # noqa: F401


@contextmanager
def _without_stubs() -> Iterator[None]:
    """Tell that function what it takes as "no source file, no stub": about a second of start-up.

    A Gradio that has no such function any more is imported as it is.
    """
    usual = inspect.getfile

    def getfile(thing: Any) -> str:
        if sys._getframe(1).f_code.co_name == STUBS:
            raise OSError("no stub is wanted")
        return usual(thing)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = usual
