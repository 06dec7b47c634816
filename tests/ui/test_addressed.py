"""Files stay unchanged, for every visitor and after any value that a handler may return."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest

from tests.ui.server.serving import serving
from ui.components.addressed import AddressedFiles, AddressedVideo, UploadedFile, UploadedImage


@pytest.mark.parametrize("kind", [UploadedImage, UploadedFile])
def test_an_upload_is_not_opened_after_an_update(kind: type[UploadedImage | UploadedFile]) -> None:
    """Gradio creates the component again for a visitor whose handler returned an update of it."""
    with gr.Blocks(analytics_enabled=False) as page:
        upload, said = kind(), gr.Textbox()
        gr.Button().click(gr.skip, None, upload, api_name="skip", queue=False)
        gr.Button().click(lambda path: path, upload, said, api_name="tell", queue=False)
    numbers = {function.api_name: number for number, function in page.fns.items()}
    with serving(page=page) as url, httpx.Client(base_url=f"{url}gradio_api/") as visitor:
        text = {"files": ("face.png", b"neither a picture nor a sound")}
        path = visitor.post("upload", files=text).json()[0]

        def call(name: str, *given: Any) -> list[Any]:
            asked = {"fn_index": numbers[name], "data": given, "session_hash": "one"}
            return list(visitor.post("run/predict", json=asked).json()["data"])

        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        assert call("tell", file) == [path]
        call("skip")
        assert call("tell", file) == [path]


def test_an_address_is_not_fetched_after_an_update() -> None:
    address = "http://127.0.0.1:9/videos/a/b.mp4"
    with gr.Blocks(analytics_enabled=False) as page:
        player, files = AddressedVideo(), AddressedFiles()
        gr.Button().click(lambda: (gr.skip(), gr.skip()), None, [player, files], api_name="skip", queue=False)
        gr.Button().click(lambda: (address, address), None, [player, files], api_name="show", queue=False)
    numbers = {function.api_name: number for number, function in page.fns.items()}
    with serving(page=page) as url, httpx.Client(base_url=f"{url}gradio_api/") as visitor:
        for name in ("skip", "show"):
            asked = {"fn_index": numbers[name], "data": [], "session_hash": "one"}
            answer = visitor.post("run/predict", json=asked).json()["data"]
        assert [file["url"] for file in answer] == [address, address]


def test_no_stub_is_written_next_to_the_components() -> None:
    """Type checkers would read it in place of the source."""
    assert list((Path(__file__).resolve().parents[2] / "ui").rglob("*.pyi")) == []
