"""Imports Gradio without what only its developers' editors need: a third of the time it takes."""

from __future__ import annotations

from media.startup_shortcuts import without_stubs


def import_gradio() -> None:
    """Import it now, quickly; later imports find it. Does nothing when it is there already."""
    with without_stubs():
        import gradio  # noqa: F401
