"""Components that get the address of a file of ours, which Gradio hands on as it is and does not copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import gradio as gr
from gradio.data_classes import FileData, ListFiles


def addressed_video(**arguments: Any) -> gr.Video:
    """A player whose value is a whole address, or None."""
    video = gr.Video(interactive=False, **arguments)
    video.postprocess = _player_file
    return video


def addressed_files(**arguments: Any) -> gr.File:
    """A file that programs get, or several with file_count="multiple"; the value is a whole address, or more.

    Not seen on the page.
    """
    files = gr.File(visible=False, **arguments)
    files.postprocess = _program_files
    return files


def file_data(address: str) -> dict[str, Any]:
    """What Gradio's player takes for a whole address: with "url" set, it is neither fetched nor copied."""
    return FileData(path=address, url=address, orig_name=_name(address)).model_dump()


def _player_file(address: str | None) -> FileData | None:
    return FileData(**file_data(address)) if address else None


def _program_files(value: str | Sequence[str] | None) -> FileData | ListFiles | None:
    if value is None:
        return None
    if isinstance(value, str):
        return _program_file(value)
    return ListFiles(root=[_program_file(address) for address in value])


def _program_file(address: str) -> FileData:
    # gradio_client fetches the file from its "url" only where it is called a stream; else it asks Gradio's
    # own route for it, which serves no address of this machine.
    return FileData(path=address, url=address, orig_name=_name(address), is_stream=True)


def _name(address: str) -> str:
    return unquote(address.rpartition("/")[2])
