"""A dub in its visitor's gallery."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from media.errors import InputError
from studio.dubbing.job import DubJob
from studio.dubbing.recorded import recorded
from studio.dubbing.result import DubReport, DubResult
from studio.gallery.videos import Gallery
from studio.settings import Settings
from ui.components.dub_words import report_words


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(outputs=tmp_path / "outputs")


def finished(settings: Settings) -> DubResult:
    path = settings.outputs / "0123456789abcdef.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"video")
    report = DubReport(50, 40, {"turned": 8, "no_face": 2}, {}, (1.2,), (), "bounce", "largest", 1.0, 1.0)
    return DubResult(
        job_id=path.stem, path=path, size=(640, 360), duration=2.0, seconds=2.0, realtime_factor=1.0,
        engine="preview", preset=None, options={"mouth_opening": 1.0}, seed=0, video="talk.mp4",
        voice="new.wav", video_sha256="a" * 64, voice_sha256="b" * 64, random_weights=False, signed=False,
        notes=("One note.",), report=report,
    )  # fmt: skip


def test_a_dub_is_a_video_of_its_visitor_that_others_neither_see_nor_delete(settings: Settings) -> None:
    job = DubJob(video=Path("talk.mp4"), voice=Path("new.wav"), fade=0.5)
    made = finished(settings)
    recorded(made, job, settings, "ann")
    (entry,) = Gallery("ann", settings).list()
    result = entry.result
    assert (result.portrait, result.fps, result.dub and result.dub["fade"]) == ("talk.mp4", 25, 0.5)
    assert report_words(result) == [
        "Frames with new lips: 40 of 50.",
        "Frames left as they are: 8 (the head is turned too far).",
        "Frames left as they are: 2 (no face can be seen).",
        "Cuts in the video: 1.",
    ]
    assert report_words(replace(result, dub=None)) == []
    assert Gallery("ben", settings).list() == []
    with pytest.raises(InputError):
        Gallery("ben", settings).delete(made.job_id)
    assert made.path.is_file()
    Gallery("ann", settings).delete(made.job_id)
    assert not made.path.exists()
