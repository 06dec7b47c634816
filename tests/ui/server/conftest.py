"""A page without tabs, with small bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from studio.settings import Settings
from ui.app import build, launch_options


@dataclass(frozen=True)
class Bounded:
    """A running page, where it keeps uploads, and its settings."""

    url: str
    page: gr.Blocks
    uploads: Path
    settings: Settings

    @property
    def sessions(self) -> Any:
        """Gradio's own memory of its visitors."""
        return self.page.app.state_holder


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bounded]:
    settings = Settings(
        port=0,
        outputs=tmp_path_factory.mktemp("bounded"),
        sessions_per_minute=40,
        upload_files=3,
        max_upload_mb=1,
        uploads_per_hour=20,
        upload_mb_per_hour=8,
        uploads_at_once=2,
    )
    page = build(settings, tabs=())
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **launch_options(settings, page))
    yield Bounded(url, page, Path(page.GRADIO_CACHE), settings)
    page.close(verbose=False)
