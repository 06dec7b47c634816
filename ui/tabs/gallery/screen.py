"""The components of the gallery's tab, and the hint in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.components.downloads import Downloads
from ui.components.share_row import ShareRow
from ui.i18n import say

GALLERY = "gallery"
NOTHING = "No videos yet. The videos made in this browser appear here; other visitors do not see them."
CHOOSE = "Choose a video to watch it and to see its settings."


@dataclass(frozen=True)
class GalleryTab:
    """The tab's components. listed: the ids of the videos in the order of their stills; on the server."""

    stills: gr.Gallery
    hint: gr.HTML
    video: gr.Video
    facts: gr.HTML
    table: gr.HTML
    open: gr.Button
    delete: gr.Button
    downloads: Downloads
    share: ShareRow
    listed: gr.State
    asked: gr.State

    @property
    def detail(self) -> list[Any]:
        """The components that change when another video is chosen."""
        chosen = [self.video, self.facts, self.table, self.open, self.delete, self.asked]
        return [*chosen, self.downloads.html, *self.share.components]


def hint_html(text: str) -> str:
    """A line such as CHOOSE, in the visitor's language."""
    return f'<p class="hint">{say(text)}</p>'
