"""Lines of a list that dub a video."""

from __future__ import annotations

from pathlib import Path

from studio.batch.listing import read_lines
from studio.batch.outcome import JobOutcome, Summary
from studio.batch.run import run_batch
from studio.dubbing.job import DubJob
from studio.gallery.found_videos import found_videos
from studio.gallery.history import History
from studio.render_cache import fingerprint
from studio.settings import Settings
from tests.conftest import write_voice
from tests.ui.talking import write_talking_video


def test_a_line_with_a_video_is_a_dub_with_its_own_columns(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(
        "portrait,video,voice,text,sync_mode,person,max_turn,fade,seed,mouth_opening,face_index\n"
        ',talk.mp4,new.wav,,loop,"10,20@1.5",45,0.5,3,0.5,\n'
        ",talk.mp4,,Good morning.,,,,,,,\n"
        "a.png,talk.mp4,new.wav,,,,,,,,\n"
        ",talk.mp4,new.wav,,,,,,,,1\n"
        "a.png,,new.wav,,loop,,,,,,\n"
        ",talk.mp4,new.wav,,stretch,,,,,,\n"
        ",talk.mp4,,,,,,,,,\n",
        encoding="utf-8",
    )
    full, spoken, *bad = read_lines(listed, tmp_path, engine="preview")
    job = full.job
    assert isinstance(job, DubJob)
    assert full.name == "talk_new"
    assert (job.video, job.voice) == (tmp_path / "talk.mp4", tmp_path / "new.wav")
    assert (job.sync_mode, job.person, job.max_turn, job.fade) == ("loop", "10,20@1.5", 45, 0.5)
    assert (job.seed, job.options.model_dump()["mouth_opening"]) == (3, 0.5)
    assert isinstance(spoken.job, DubJob)
    assert spoken.job.spoken is not None
    assert [line.job for line in bad] == [None] * 5
    reasons = ["a portrait and a video", "face_index is for portraits", "sync_mode is for lines", "stretch"]
    listed.write_text(
        "video,voice,preset\ntalk.mp4,new.wav,calm\ntalk.mp4,new.wav,animal\n", encoding="utf-8"
    )
    calm, animal = read_lines(listed, tmp_path, engine="preview")
    assert isinstance(calm.job, DubJob)
    assert (calm.job.preset, calm.job.options.model_dump()["mouth_opening"]) == ("calm", 0.85)
    assert "preset animal" in animal.reason
    for line, reason in zip(bad, [*reasons, "voice is missing"], strict=True):
        assert reason in line.reason


def test_a_batch_dubs_and_keeps_what_has_not_changed(tmp_path: Path) -> None:
    write_talking_video(tmp_path / "talk.mp4")
    write_voice(tmp_path / "new.wav", seconds=0.6)
    (tmp_path / "list.csv").write_text("video,voice\ntalk.mp4,new.wav\n")
    settings = Settings(outputs=tmp_path / "outputs")
    lines = read_lines(tmp_path / "list.csv", tmp_path / "out", engine="preview")
    job = lines[0].job
    assert isinstance(job, DubJob)
    statuses = []
    for _ in range(2):
        *events, summary = run_batch(lines, tmp_path / "out", settings=settings)
        assert isinstance(summary, Summary)
        statuses += [event.status for event in events if isinstance(event, JobOutcome)]
    assert statuses == ["made", "kept"]
    assert (tmp_path / "out" / "videos" / "talk_new.mp4").is_file()
    assert "talk.mp4" in (tmp_path / "out" / "report.csv").read_text()
    (entry,) = History(settings.history).list()
    assert entry.result.dub is not None
    ((_, found),) = found_videos(tmp_path / "out")  # after the history was lost
    assert found.dub is not None
    assert {name: entry.result.dub[name] for name in ("person", "max_turn", "fade", "used_sync_mode")} == {
        name: found.dub[name] for name in ("person", "max_turn", "fade", "used_sync_mode")
    }
    assert (found.portrait_sha256, found.options) == (
        entry.result.portrait_sha256,
        entry.result.options,
    )
    assert fingerprint(job, settings) != fingerprint(job.model_copy(update={"fade": 0.5}), settings)
