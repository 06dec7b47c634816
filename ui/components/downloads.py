"""The buttons that hand out a finished video, its settings and its motion."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from ui.components.result import HandOut
from ui.i18n import t
from ui.names import Names


@dataclass(frozen=True)
class Downloads:
    """One button for each file; they stay in their places, and can be used once there is a file."""

    video: gr.DownloadButton
    preset: gr.DownloadButton
    settings: gr.DownloadButton
    motion: gr.DownloadButton

    @property
    def buttons(self) -> list[gr.DownloadButton]:
        """The buttons, in the order of `values`."""
        return [self.video, self.preset, self.settings, self.motion]


def build_downloads(names: Names, *, motion: bool) -> Downloads:
    """Draw the buttons. motion: whether the engine keeps its motion; without, its button is not shown."""
    look = {"interactive": False, "size": "sm", "min_width": 90}
    with gr.Row(elem_classes=["downloads"]):
        return Downloads(
            gr.DownloadButton(t("Video (mp4)"), **look, **names("download")),
            gr.DownloadButton(t("Preset (yaml)"), **look, **names("download-preset")),
            gr.DownloadButton(t("Settings (json)"), **look, **names("download-settings")),
            gr.DownloadButton(t("Motion"), visible=motion, **look, **names("download-motion")),
        )


def values(out: HandOut | None, *, hide: bool = False) -> list[gr.DownloadButton]:
    """Updates of the buttons for what is handed out, or for nothing.

    hide: show the motion's button only where there is a motion, as videos of several engines need it.
    """
    files = (out.video, out.preset, out.settings, out.motion) if out else (None,) * 4
    buttons = [gr.DownloadButton(value=file, interactive=bool(file)) for file in files]
    if hide:
        motion = files[-1]
        buttons[-1] = gr.DownloadButton(value=motion, interactive=bool(motion), visible=bool(motion))
    return buttons
