"""Gradio is imported without its stubs, and nothing else is changed."""

from __future__ import annotations

import inspect

import gradio as gr
import gradio.component_meta as component_meta
import pytest

from media import startup_shortcuts
from ui import gradio_start


def test_the_writer_of_stubs_is_there_and_can_be_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the start would become slow without a visible reason."""
    write = getattr(component_meta, startup_shortcuts.STUBS)
    read: list[str] = []
    monkeypatch.setattr(component_meta, "extract_class_source_code", lambda code, name: read.append(name))
    with startup_shortcuts.without_stubs():
        write(gr.Image, "Image", [])
        assert inspect.getfile(gr.Image).endswith("image.py")  # to others it is as always
    assert read == []


def test_it_is_put_back() -> None:
    usual = inspect.getfile
    gradio_start.import_gradio()
    assert inspect.getfile is usual
    with pytest.raises(RuntimeError), startup_shortcuts.without_stubs():
        raise RuntimeError
    assert inspect.getfile is usual


@pytest.mark.parametrize("value", ["0", "false", "No", " off "])
def test_it_can_be_turned_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    usual = inspect.getfile
    monkeypatch.setenv(startup_shortcuts.SWITCH, value)
    with startup_shortcuts.without_stubs():
        assert inspect.getfile is usual
