"""The video component: plays segments as they arrive, then the finished file."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.context import LocalContext

from media.segment import Segment
from ui.components.addressed import file_data


def live_video(**arguments: Any) -> gr.Video:
    """A gr.Video whose generator yields Segments, and at the end the address of the video that replaces them.

    Gradio would pass every segment through the programs ffmpeg and ffprobe, which may not be installed, to
    give the segments a common clock. These already have one, so they go to the browser unchanged.
    """
    video = gr.Video(streaming=True, interactive=False, **arguments)
    finished: dict[str, dict[str, Any]] = {}

    async def stream_output(value: Any, stream: str, first_chunk: bool) -> tuple[Any, dict[str, Any]]:
        if first_chunk:
            _forget_earlier(stream)
        if isinstance(value, str):
            finished[stream] = file_data(value)
        if stream in finished:
            return None, finished[stream]  # also when the generator has ended, which arrives as None
        piece = None
        if isinstance(value, Segment):
            piece = {"data": value.data, "duration": value.duration, "extension": ".ts"}
        return piece, _pieces(stream)

    async def flush_stream_output(stream: str) -> None:
        return None

    def end_stream_output(stream: str) -> None:
        finished.pop(stream, None)

    video.stream_output = stream_output
    video.flush_stream_output = flush_stream_output
    video.end_stream_output = end_stream_output
    return video


def _forget_earlier(stream: str) -> None:
    """Drop the segments of the visitor's earlier videos here; Gradio would keep them until the visit ends.

    stream: Gradio's key of the visit, the run and the component.
    """
    page = LocalContext.blocks.get(None)
    visit, run, component, *_ = stream.split("/")
    runs = page.pending_streams.get(visit, {}) if page else {}
    for earlier in [name for name in runs if name != run]:
        if (old := runs[earlier].get(int(component))) and old.ended:
            del runs[earlier][int(component)]


def _pieces(stream: str) -> dict[str, Any]:
    """Gradio's store of served segments. stream: the visit, the run and the component."""
    return {
        "path": stream,
        "orig_name": "video.mp4",
        "is_stream": True,
        "meta": {"_type": "gradio.FileData"},
    }
