"""Imports Gradio without what only its developers' editors need, in a third of the time."""

from __future__ import annotations

from media.startup_shortcuts import without_stubs


def import_gradio() -> None:
    """Import it now, quickly; later imports find it. Does nothing if it is already imported."""
    with without_stubs():
        import gradio  # noqa: F401
