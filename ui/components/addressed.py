"""Components for files that Gradio neither opens nor copies: uploads are paths, results are addresses.

They are classes because Gradio creates a new component from its class for every visitor whose handler
returns an update of it, including `gr.skip()`; anything replaced on the component itself would be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import gradio as gr
from gradio.data_classes import FileData, ImageData, ListFiles

from media.startup_shortcuts import without_stubs


def file_data(address: str) -> dict[str, Any]:
    """The data of a full address for Gradio's player: with "url" set, it is neither downloaded nor copied."""
    return FileData(path=address, url=address, orig_name=_name(address)).model_dump()


def _program_file(address: str) -> FileData:
    # gradio_client downloads the file from its "url" only if it is marked as a stream; otherwise it uses
    # Gradio's
    # own route, which serves no address of this machine.
    return FileData(path=address, url=address, orig_name=_name(address), is_stream=True)


def _name(address: str) -> str:
    return unquote(address.rpartition("/")[2])


with without_stubs():  # type checkers would read a stub next to a component instead of its source

    class UploadedImage(gr.Image):
        """An image whose value is the path of the file as it was uploaded, or None.

        The job opens it, and refuses it with the same words on the page, on the command line and in the API.
        """

        is_template = True  # on the page, it is Gradio's own

        def preprocess(self, payload: ImageData | None) -> str | None:
            """The path."""
            return payload.path if payload else None

    class UploadedFile(gr.File):
        """The same for any file."""

        is_template = True

        def preprocess(self, payload: Any) -> str | None:
            """The path."""
            return payload.path if payload else None

    class AddressedVideo(gr.Video):
        """A player whose value is a whole address, or None."""

        is_template = True

        def postprocess(self, value: str | None) -> Any:
            """What the player takes."""
            return FileData(**file_data(value)) if value else None

    class AddressedFiles(gr.File):
        """A file that programs get, or several with file_count="multiple": a whole address, or more."""

        is_template = True

        def postprocess(self, value: str | Sequence[str] | None) -> FileData | ListFiles | None:
            """What a client fetches by itself."""
            if value is None:
                return None
            if isinstance(value, str):
                return _program_file(value)
            return ListFiles(root=[_program_file(address) for address in value])
