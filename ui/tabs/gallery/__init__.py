"""The tab with this browser's finished videos."""

from __future__ import annotations

from collections.abc import Sequence

from engines.spec import EngineSpec
from ui.tab import Tab


def tabs(engines: Sequence[EngineSpec]) -> list[Tab]:
    """The one tab, for all engines."""
    return [gallery_tab()]


def gallery_tab() -> Tab:
    """The tab with this browser's finished videos. It comes after the tabs that it opens."""
    from ui.tabs.gallery.layout import build_gallery_tab
    from ui.tabs.gallery.screen import GALLERY

    return Tab("Gallery", build_gallery_tab, GALLERY, order=100)
