"""A dub keeps the source's further sounds, subtitles, chapters and tags, and says what it cannot keep."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from media.sound_stream import open_sound
from media.video import VideoReader
from tests.media.conftest import tone, write_wav
from tests.media.dubbing.dubbed import again, dub
from tests.media.dubbing.videos import CHAPTERS, CUES, picture, write_video


def test_subtitles_and_chapters_stretch_with_a_remapped_video(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "in.mp4", fps=Fraction(30000, 1001), frames=30, subtitles="mov_text", chapters=True
    )
    source, schedule, _ = dub(path, tmp_path / "out.mp4", 2.5, "remap")
    longer = schedule.duration / source.times.duration
    assert longer == pytest.approx(2.5, rel=0.01)
    made = again(tmp_path / "out.mp4")
    for before, after in zip(source.facts.chapters, made.facts.chapters, strict=True):
        assert after.title == before.title
        assert after.start == pytest.approx(before.start * longer, abs=0.002)
        assert after.end == pytest.approx(min(before.end * longer, schedule.duration), abs=0.002)
    for line, moved in zip(source.cues(1), made.cues(1), strict=True):
        assert moved.start == pytest.approx(line.start * longer, abs=0.002)
        assert moved.end == pytest.approx(min(line.end * longer, schedule.duration), abs=0.002)


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_other_streams_are_kept(tmp_path: Path, container: str) -> None:
    path = write_video(
        tmp_path / f"in.{container}",
        frames=30,
        sounds=2,
        subtitles="mov_text" if container == "mp4" else "subrip",
        chapters=True,
        metadata={"title": "A talk", "artist": "Ada"},
    )
    _, _, writer = dub(path, tmp_path / f"out.{container}", metadata={"comment": "Made by a test"})
    facts = again(tmp_path / f"out.{container}").facts
    assert [(sound.codec, sound.rate) for sound in facts.sounds] == [("aac", 24_000), ("aac", 48_000)]
    assert [(one.start, one.end, one.title) for one in facts.chapters] == list(CHAPTERS)
    tags = {name.lower(): text for name, text in facts.metadata.items()}
    assert (tags["title"], tags["artist"], tags["comment"]) == ("A talk", "Ada", "Made by a test")
    cues = list(again(tmp_path / f"out.{container}").cues(1))
    assert [(cue.start, cue.end) for cue in cues] == [cue[:2] for cue in CUES]
    assert cues[0].dialogue.split(",", 8)[8] == "First line"
    assert "{\\i1}slant" in cues[1].dialogue
    assert writer.notes == ()


def test_a_second_camera_is_named_as_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    with av.open(str(path), "w") as out:
        cameras = [out.add_stream("libx264", rate=25) for _ in range(2)]
        for stream in cameras:
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(5):
            for stream in cameras:
                frame = av.VideoFrame.from_ndarray(picture(number, (96, 64)), "rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                out.mux(stream.encode(frame))
        for stream in cameras:
            out.mux(stream.encode(None))
    _, _, writer = dub(path, tmp_path / "out.mp4")
    assert writer.notes == (
        "1 further stream of the video, such as a cover picture or time codes, is not in the dub.",
    )


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_titles_and_languages_of_tracks_are_kept_where_players_look(tmp_path: Path, container: str) -> None:
    names = (
        {"language": "fr", "title": "Commentaire"} if container == "mkv" else {"handler_name": "Commentaire"}
    )
    path = write_video(
        tmp_path / f"in.{container}",
        sounds=2,
        subtitles="mov_text" if container == "mp4" else "subrip",
        names={"language": "fra"} | names,
    )
    _, _, writer = dub(path, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as file:
        told = [dict(one.metadata) for one in (*file.streams.audio[1:], *file.streams.subtitles)]
    assert len(told) == 2
    for one in told:
        assert (one["language"], one["name"], one["handler_name"]) == ("fra", "Commentaire", "Commentaire")
    facts = again(tmp_path / "out.mp4").facts
    assert [(one.language, one.title) for one in facts.sounds] == [("", ""), ("fra", "Commentaire")]
    assert writer.notes == ()
    strange = write_video(tmp_path / "strange.mkv", sounds=2, names={"language": "x-elvish"})
    _, _, writer = dub(strange, tmp_path / "strange.mp4")
    assert "The language x-elvish of sound track 2 is not in the dub" in writer.notes[0]


def test_a_second_sound_track_that_cannot_be_read_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from media.dubbing import dub_sounds

    path = write_video(tmp_path / "in.mp4", sounds=2)
    silent = write_wav(tmp_path / "other.wav", tone(0.2, 8000), 8000)
    monkeypatch.setattr(dub_sounds, "open_video", lambda _: VideoReader(path))
    monkeypatch.setattr(VideoReader, "_sound_stream", lambda *_: open_sound(silent, track=9))
    _, _, writer = dub(path, tmp_path / "out.mp4")
    assert writer.notes == ("Sound track 2 of the video cannot be read and is not in the dub.",)
    assert len(again(tmp_path / "out.mp4").facts.sounds) == 1


@pytest.mark.parametrize(
    ("sounds", "words"), [(2, "1 further sound track of"), (3, "2 further sound tracks of")]
)
def test_what_is_lost_is_counted_in_words_for_one_and_for_several(
    tmp_path: Path, sounds: int, words: str
) -> None:
    path = write_video(tmp_path / "in.mp4", sounds=sounds)
    _, _, writer = dub(path, tmp_path / "out.mp4", seconds=2.0, mode="remap")
    assert writer.notes[0].startswith(words)
