"""Components for files that Gradio neither opens nor copies: uploads come as paths, results go as addresses.

The methods are replaced on the component, in this module only. A subclass would be the usual way, but Gradio
writes a `.pyi` file beside the source of each, which type checkers then read in place of the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

import gradio as gr
from gradio.data_classes import FileData, ListFiles

Upload = TypeVar("Upload", gr.File, gr.Image)


def as_uploaded(component: Upload) -> Upload:
    """The same component, whose value is the path of the file as it was uploaded, or None.

    The job opens it, and refuses it with the same words on the page, on the command line and in the API.
    """
    component.preprocess = lambda payload: payload.path if payload else None
    return component


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
