"""A real page: a decoder that dies costs one visitor's job, and another's continues."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import gradio as gr
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from studio.settings import Settings
from tests.conftest import write_voice
from tests.media.decoding.processes import children, helper_of, wait_until
from tests.ui.test_process import server
from tests.ui.visit import Files
from ui.app import build
from ui.components.addressed import UploadedFile, UploadedImage


def test_a_decoder_that_dies_costs_one_job(
    tmp_path: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_JOBS_AT_ONCE", "2")
    other_voice = write_voice(tmp_path / "other.wav", seconds=20.0)
    with server(tmp_path) as (process, address):
        given = {"portrait": handle_file(files.portrait), "consent": True, "api_name": "/preview"}
        them, us = (Client(address, verbose=False) for _ in range(2))
        theirs = them.submit(voice=handle_file(files.long_voice), **given)
        assert any(news["stage"] == "rendering" for _, news in theirs)
        helper = helper_of(process.pid)
        wait_until(lambda: len(children(helper)) == 1, "the sound is not being decoded")
        (victim,) = children(helper)
        ours = us.submit(voice=handle_file(other_voice), **given)
        wait_until(lambda: len(rendering(tmp_path)) == 2, "the other job has not begun")
        os.kill(victim, signal.SIGSEGV)
        with pytest.raises(AppError, match=r"cannot be decoded: the decoder crashed \(signal 11\); convert"):
            theirs.result(timeout=120)
        video, facts = ours.result(timeout=120)
        assert facts["frames"] == 500
        assert Path(video).stat().st_size
        assert process.poll() is None
        them.close()
        us.close()


def rendering(folder: Path) -> list[Path]:
    """Videos that are being written."""
    return list((folder / "outputs").rglob("*.part"))


def test_gradio_itself_opens_no_upload(tmp_path: Path) -> None:
    """It would do so in the page's process; instead, every component passes the file on unchanged."""
    upload = tmp_path / "upload.txt"
    upload.write_bytes(b"neither a picture nor a sound")
    page = build(Settings(outputs=tmp_path))
    given = {part for event in page.fns.values() for part in event.inputs}
    takers = [
        part for part in given if isinstance(part, gr.Image | gr.Audio | gr.Video | gr.File | gr.Gallery)
    ]
    assert {type(part) for part in takers} >= {UploadedImage, gr.Audio, UploadedFile}
    for part in takers:
        assert part.preprocess(part.data_model(path=str(upload))) == str(upload), part
    assert list(tmp_path.iterdir()) == [upload]
