from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from media.desk.edit import PortraitEdit
from studio.job import Job
from studio.render_cache import RenderCache, fingerprint
from studio.settings import Settings


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "a.png").write_bytes(b"picture")
    (tmp_path / "b.wav").write_bytes(b"sound")
    return Job(portrait=tmp_path / "a.png", voice=tmp_path / "b.wav")


def test_a_stamp_is_of_contents_and_not_of_places(job: Job, tmp_path: Path) -> None:
    settings = Settings(outputs=tmp_path)
    stamp = fingerprint(job, settings)
    shutil.copy(tmp_path / "a.png", tmp_path / "other.png")
    moved = {"portrait": tmp_path / "other.png", "output": tmp_path / "x.mp4", "preset": "calm"}
    assert fingerprint(job.model_copy(update=moved), Settings(outputs=tmp_path / "elsewhere")) == stamp
    os.utime(tmp_path / "b.wav", (0, 0))
    assert fingerprint(job, settings) == stamp
    (tmp_path / "b.wav").write_bytes(b"noise")  # as long as before
    assert fingerprint(job, settings) != stamp


def test_a_list_from_before_the_later_choices_is_not_rendered_again(job: Job) -> None:
    # Made when portraits could not be edited, one voice spoke, and eyes and body were still.
    before = "3732bdae3dc2b8dfdfef338bef2891a067b7484560bc3c381a78089beb010002"
    settings = Settings(max_side=1024, quality=18, sign=True, device="cpu")
    still = {"eye_motion": 0.0, "breathing": 0.0}
    assert fingerprint(Job(portrait=job.portrait, voice=job.voice), settings) != before
    job = Job(engine="preview", portrait=job.portrait, voice=job.voice, options=still)
    assert fingerprint(job, settings) == before
    turned = job.model_copy(update={"portrait_edit": PortraitEdit(turn=90)})
    assert fingerprint(turned, settings) != before


@pytest.mark.parametrize("change", [{"seed": 1}, {"face_index": 1}, {"options": {"fps": 30}}])
def test_a_stamp_changes_with_the_job(job: Job, change: dict[str, object]) -> None:
    other = Job(**{"portrait": job.portrait, "voice": job.voice, **change})
    assert fingerprint(other, Settings()) != fingerprint(job, Settings())


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"max_side": 640}, False), ({"quality": 30}, False), ({"sign": False}, False),
        ({"device": "cuda"}, False), ({"device": "cpu:0"}, True), ({"port": 1}, True),
    ],
)  # fmt: skip
def test_a_stamp_changes_with_the_settings_that_matter(
    job: Job, change: dict[str, object], same: bool
) -> None:
    assert (fingerprint(job, Settings(**change)) == fingerprint(job, Settings())) is same  # type: ignore[arg-type]


def test_a_video_is_there_while_it_is_the_one_that_was_made(tmp_path: Path) -> None:
    video = tmp_path / "videos" / "a.mp4"
    video.parent.mkdir()
    video.write_bytes(b"whole")
    RenderCache(tmp_path / "made.jsonl").add(video, "stamp", {"frames": 3})

    made = RenderCache(tmp_path / "made.jsonl")
    assert made.knows(video)
    assert made.has(video, "stamp")
    assert made.facts(video) == {"frames": 3}
    assert not made.has(video, "other")
    os.utime(video, (0, 0))  # copied to another disk
    assert made.has(video, "stamp")
    video.write_bytes(b"other")
    assert not made.has(video, "stamp")
    video.write_bytes(b"who")  # cut short
    assert not made.has(video, "stamp")
    video.unlink()
    assert not made.has(video, "stamp")


def test_a_line_that_was_cut_short_costs_no_other(tmp_path: Path) -> None:
    record = tmp_path / "made.jsonl"
    videos = [tmp_path / f"{name}.mp4" for name in "abc"]
    for video in videos:
        video.write_bytes(video.name.encode())
    for video in videos[:2]:
        RenderCache(record).add(video, "stamp")
    record.write_bytes(record.read_bytes()[:-20])
    RenderCache(record).add(videos[2], "stamp")
    made = RenderCache(record)
    assert [made.has(video, "stamp") for video in videos] == [True, False, True]
