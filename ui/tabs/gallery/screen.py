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
NOT_FOUND = "Nothing has all of these words."
CHOOSE = "Choose a video to watch it and to see its settings."


@dataclass(frozen=True)
class GalleryTab:
    """The tab's components.

    search: the words that takes must have. kind: "takes" or "comparisons". takes: the list of one page.
    start: where that page starts. asked: which of the two buttons that delete was clicked once: "", "take" or
    "project".
    """

    search: gr.Textbox
    kind: gr.Radio
    takes: gr.HTML
    hint: gr.HTML
    start: gr.State
    video: gr.Video
    name: gr.Textbox
    rename: gr.Button
    facts: gr.HTML
    table: gr.HTML
    open: gr.Button
    delete: gr.Button
    delete_project: gr.Button
    downloads: Downloads
    share: ShareRow
    asked: gr.State

    @property
    def looked_for(self) -> list[Any]:
        """What decides the list, besides the visitor."""
        return [self.search, self.kind]

    @property
    def listing(self) -> list[Any]:
        """The components that change when the list does."""
        return [self.takes, self.hint, self.start]

    @property
    def deleting(self) -> list[Any]:
        """The two buttons that delete, and whether one was clicked."""
        return [self.delete, self.delete_project, self.asked]

    @property
    def detail(self) -> list[Any]:
        """The components that change when another video is chosen."""
        chosen = [self.video, self.name, self.rename, self.facts, self.table, self.open]
        return [*chosen, *self.deleting, self.downloads.html, *self.share.components]


def hint_html(text: str) -> str:
    """A line such as CHOOSE, in the visitor's language."""
    return f'<p class="hint">{say(text)}</p>'
