"""A video and a new voice become a video with the same frames, a new sound, a report and a manifest."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import cli
from media.dubbing.readers import reader_of
from media.dubbing.source import open_source
from media.errors import FacelessVideoError, JoyStudioError, OptionError, OutputError
from media.video import VideoReader, VideoWriter
from studio.downloads import settings_json
from studio.dubbing.events import DubFinished, DubPreview, DubStarted
from studio.dubbing.found import found_dub
from studio.dubbing.job import DubJob
from studio.dubbing.recorded import as_video
from studio.dubbing.result import DubResult
from studio.dubbing.run import run_dub
from studio.events import Progress
from studio.provenance.inspection import inspect_video
from studio.settings import Settings
from studio.spoken_text import SpokenText

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "clips" / "example.mp4"
FRAMES = 24


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the persons of the example clip, and a frame without anybody."""
    path = tmp_path_factory.mktemp("dub") / "talk.mp4"
    with VideoWriter(path, (256, 256), 25, sound=None, quality=16, metadata={}) as writer:
        for number, picture in zip(range(FRAMES), VideoReader(EXAMPLE), strict=False):
            frame = np.full_like(picture[:, :256], 60) if number == 0 else picture[:, :256]
            writer.write(np.ascontiguousarray(frame)[None])
    return path


@pytest.fixture(scope="module")
def voice(talk: Path) -> Path:
    """A tone that swells, for longer than the video."""
    path = talk.with_name("voice.wav")
    at = np.arange(round(1.2 * 16_000)) / 16_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((8000 * np.sin(900 * at) * np.sin(9 * at) ** 2).astype("<i2").tobytes())
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        outputs=tmp_path, history=tmp_path / "history.sqlite", keys=tmp_path / "keys", decode="direct"
    )


@pytest.fixture
def left_behind(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing may be left at the end of the test."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    yield folder
    assert [path.name for path in folder.iterdir()] == []


def finished(job: DubJob, settings: Settings) -> DubResult:
    *_, last = run_dub(job, settings)
    assert isinstance(last, DubFinished)
    return last.result


def test_a_dub_keeps_the_frames_names_its_source_and_reports(
    talk: Path, voice: Path, settings: Settings
) -> None:
    events = list(run_dub(DubJob(video=talk, voice=voice, sync_mode="silence"), settings))
    stages = [event.stage for event in events if isinstance(event, Progress)]
    assert stages == sorted(stages, key=["opening", "loading", "following", "rendering", "finishing"].index)
    shown = [event.fraction for event in events if isinstance(event, Progress)]
    assert shown == sorted(shown)
    (preview, *_) = (event for event in events if isinstance(event, DubPreview))
    assert preview.picture.shape == (256, 256, 3)
    (started,) = (event for event in events if isinstance(event, DubStarted))
    assert started.duration == pytest.approx(1.2, abs=0.05)

    last = events[-1]
    assert isinstance(last, DubFinished)
    report = last.result.report
    assert report.passed == {"no_face": 1}
    assert report.dubbed + 1 == report.frames
    source, dub = (open_source(path, reader=reader_of(path)) for path in (talk, last.result.path))
    assert [dub.times[n] for n in range(FRAMES)] == [source.times[n] for n in range(FRAMES)]
    assert dub.facts.sounds[0].rate == 16_000
    inspected = inspect_video(last.result.path)
    assert last.result.signed
    assert inspected.facts is not None
    assert inspected.facts["video_sha256"] == last.result.video_sha256
    assert sorted(last.result.options) == ["mouth_opening", "smoothing"]
    assert json.loads(json.dumps(last.result.as_json()))["report"]["sync_mode"] == "silence"


def test_a_dub_from_a_text_says_everywhere_that_its_voice_is_generated(
    talk: Path, settings: Settings, tmp_path: Path
) -> None:
    job = DubJob(video=talk, spoken=SpokenText(text="Hello."), sync_mode="cut_off")
    made = finished(job, settings)
    assert made.generated_voice is not None
    assert made.generated_voice["engine"] == "espeak"
    assert made.as_json()["generated_voice"] == made.generated_voice  # in the report
    stored = json.loads(settings_json(as_video(made, job, settings)))
    assert stored["generated_voice"] == made.generated_voice
    inspected = inspect_video(made.path)
    assert inspected.facts is not None
    assert inspected.facts["generated_voice"] == made.generated_voice
    assert found_dub(inspected.facts)["generated_voice"] == made.generated_voice
    assert inspected.manifest is not None
    assert inspected.manifest.claims["generated_voice"] == made.generated_voice


def test_a_point_outside_of_the_video_is_refused_before_its_frames_are_read(
    talk: Path, voice: Path, settings: Settings
) -> None:
    for person, words in (("0.5,0.5@9", "shown at 0.92 s"), ("600,5@0", "has 256x256 pixels")):
        events = run_dub(DubJob(video=talk, voice=voice, person=person), settings)
        first = next(events)
        assert isinstance(first, Progress)
        assert first.stage == "opening"
        with pytest.raises(OptionError, match=words):
            next(events)


def test_the_same_dub_has_the_same_frames(talk: Path, voice: Path, settings: Settings) -> None:
    job = DubJob(video=talk, voice=voice)
    first, second = (finished(job, settings) for _ in range(2))
    assert first.report.sync_mode == "bounce"
    for a, b in zip(VideoReader(first.path), VideoReader(second.path), strict=True):
        assert (a == b).all()


def test_a_dub_without_a_usable_face_says_so(voice: Path, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "small.mp4"
    with VideoWriter(path, (256, 256), 25, sound=None, quality=16, metadata={}) as writer:
        for _, picture in zip(range(5), VideoReader(EXAMPLE), strict=False):
            frame = np.full((256, 256, 3), 120, np.uint8)
            frame[112:144, 112:144] = picture[:256, :256].reshape(32, 8, 32, 8, 3).mean((1, 3))
            writer.write(frame[None])
    result = finished(DubJob(video=path, voice=voice, sync_mode="cut_off"), settings)
    assert (result.report.dubbed, result.report.passed) == (0, {"small": 5})
    assert any("only its sound is new" in note for note in result.notes)


@pytest.mark.parametrize("stage", ["following", "rendering"])
def test_a_stopped_dub_leaves_nothing(
    talk: Path, voice: Path, settings: Settings, left_behind: Path, stage: str
) -> None:
    job = DubJob(video=talk, voice=voice, output=left_behind / "dub.mp4")
    with closing(run_dub(job, settings)) as events:
        for event in events:
            if isinstance(event, Progress) and event.stage == stage:
                break


def test_a_video_without_a_face_is_refused_with_the_number_of_its_frames(
    voice: Path, settings: Settings, left_behind: Path, tmp_path: Path
) -> None:
    path = tmp_path / "grey.mp4"
    with VideoWriter(path, (64, 64), 25, sound=None, quality=16, metadata={}) as writer:
        writer.write(np.full((5, 64, 64, 3), 90, np.uint8))
    with pytest.raises(FacelessVideoError, match="5 frames"):
        finished(DubJob(video=path, voice=voice, output=left_behind / "dub.mp4"), settings)


def test_sound_alone_and_the_source_as_output_are_refused(
    talk: Path, voice: Path, settings: Settings
) -> None:
    with pytest.raises(JoyStudioError, match="only sound"):
        finished(DubJob(video=voice, voice=voice), settings)
    with pytest.raises(OutputError, match="is the video itself"):
        finished(DubJob(video=talk, voice=voice, output=talk), settings)


def test_the_command_dubs_and_writes_its_report(
    talk: Path, voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report = tmp_path / "dub.mp4", tmp_path / "dub.json"
    arguments = ["dub", str(talk), str(voice), "-o", str(out), "--report", str(report)]
    assert cli.main([*arguments, "--sync-mode", "cut_off"]) == 0
    assert "frames dubbed" in capsys.readouterr().out
    assert json.loads(report.read_text())["report"]["frames"] == FRAMES
    assert cli.main([*arguments, "--person", "the tall one"]) == 2
    assert "X,Y@T" in capsys.readouterr().err


def test_a_dub_that_could_not_be_signed_is_kept_and_ends_with_1(
    talk: Path,
    voice: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "chain.pem").write_text("no certificate")
    monkeypatch.setenv("JOYSTUDIO_CERTIFICATE", str(tmp_path / "chain.pem"))
    monkeypatch.setenv("JOYSTUDIO_PRIVATE_KEY", str(tmp_path / "chain.pem"))
    out = tmp_path / "dub.mp4"
    assert cli.main(["dub", str(talk), str(voice), "-o", str(out), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["incomplete"] == ["signature"]
    assert any("no signed manifest" in note for note in told["notes"])
    assert out.exists()


@pytest.mark.parametrize("what", ["video", "voice", "output"])
def test_a_report_in_the_place_of_the_dub_or_an_input_is_refused_before_the_dub(
    talk: Path, voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    files = {"video": talk, "voice": voice, "output": tmp_path / "dub.mp4"}
    before = {name: path.read_bytes() for name, path in files.items() if path.exists()}
    arguments = ["dub", str(talk), str(voice), "-o", str(files["output"]), "--report"]
    assert cli.main([*arguments, str(files[what])]) == 2
    assert f"is the {what} itself" in capsys.readouterr().err
    assert {name: path.read_bytes() for name, path in files.items() if path.exists()} == before
    assert not list(tmp_path.iterdir())


def test_a_report_in_a_missing_folder_is_refused_before_the_dub(
    talk: Path, voice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report = tmp_path / "dub.mp4", tmp_path / "missing" / "dub.json"
    assert cli.main(["dub", str(talk), str(voice), "-o", str(out), "--report", str(report)]) == 2
    assert "no folder" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
