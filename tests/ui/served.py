"""Pages of tests, each on the port of the one before: a browser has their scripts in its cache then."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from studio.settings import Settings
from ui.app import free_port, launch_options

_last: list[int] = []


@contextmanager
def served(settings: Settings, page: gr.Blocks) -> Iterator[str]:
    """The address of a page while it is served."""
    options = launch_options(settings, page) | {"server_port": _port()}
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    try:
        yield url
    finally:
        page.close(verbose=False)


def _port() -> int:
    """The last one, if it is free again."""
    if not _last or not _is_free(_last[0]):
        _last[:] = [free_port()]
    return _last[0]


def _is_free(port: int) -> bool:
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
