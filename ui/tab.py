"""One tab of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gradio as gr

from studio.settings import Settings
from ui.page_context import PageContext


def _always(settings: Settings) -> bool:
    return True


@dataclass(frozen=True)
class Tab:
    """A tab's title, the function that draws it inside the current Blocks, and its id.

    id: with a hyphen, as in "my-tab", so that no engine can have the same. order: its place on the page; tabs
    with the same order keep theirs. A tab that opens others, such as the gallery, comes after them. offered:
    whether a page with these settings has it.
    """

    title: str
    build: Callable[[PageContext, gr.Tab], object]
    id: str
    order: int = 1000
    offered: Callable[[Settings], bool] = _always
