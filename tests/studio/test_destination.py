from __future__ import annotations

import os
from pathlib import Path

import pytest

from media.errors import OutputError
from media.output_file import OutputFile
from studio.destination import choose_destination, sweep_outputs
from studio.job import Job
from studio.settings import Settings


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "face.mp4").write_bytes(b"face")
    (tmp_path / "voice.mp4").write_bytes(b"voice")
    return Job(portrait=tmp_path / "face.mp4", voice=tmp_path / "voice.mp4")


def choose(job: Job, output: Path, settings: Settings) -> Path:
    return choose_destination(job.model_copy(update={"output": output}), "id", settings)


def test_without_a_name_it_goes_to_the_outputs(job: Job, settings: Settings) -> None:
    assert choose_destination(job, "0123", settings) == settings.outputs / "0123.mp4"
    assert settings.outputs.is_dir()


def test_folders_are_made_inside_the_outputs_only(job: Job, settings: Settings, tmp_path: Path) -> None:
    inside = settings.outputs / "a" / "b" / "out.mp4"
    assert choose(job, inside, settings) == inside
    assert inside.parent.is_dir()
    outside = settings.outputs / ".." / "elsewhere" / "out.mp4"
    with pytest.raises(OutputError, match="no folder"):
        choose(job, outside, settings)
    assert not (tmp_path / "elsewhere").exists()


def test_dots_lead_where_they_say(job: Job, settings: Settings, tmp_path: Path) -> None:
    settings.outputs.mkdir()
    assert choose(job, settings.outputs / ".." / "out.mp4", settings).resolve() == tmp_path / "out.mp4"


@pytest.mark.parametrize("name", ["out.avi", "out", "out.mp4.txt", ".mp4"])
def test_only_mp4_is_written(job: Job, settings: Settings, tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"written as \.mp4"):
        choose(job, tmp_path / name, settings)


def test_a_folder_is_not_a_file(job: Job, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        choose(job, tmp_path / "folder.mp4", settings)


def test_a_file_is_not_a_folder(job: Job, settings: Settings, tmp_path: Path) -> None:
    (settings.outputs).write_text("in the way")
    with pytest.raises(OutputError, match=r"File exists|Not a directory|no folder"):
        choose(job, settings.outputs / "out.mp4", settings)


@pytest.mark.parametrize(("name", "what"), [("face.mp4", "portrait"), ("voice.mp4", "voice")])
def test_inputs_are_never_overwritten(
    job: Job, settings: Settings, tmp_path: Path, name: str, what: str
) -> None:
    for path in (tmp_path / name, tmp_path / "x" / ".." / name):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(OutputError, match=f"is the {what} itself"):
            choose(job, path, settings)
    os.link(tmp_path / name, tmp_path / "other.mp4")
    with pytest.raises(OutputError, match=f"is the {what} itself"):
        choose(job, tmp_path / "other.mp4", settings)


def test_a_folder_without_permission_is_refused(
    job: Job, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(OutputError, match="is not writable"):
        choose(job, tmp_path / "out.mp4", settings)


def test_files_of_a_killed_process_are_swept_and_files_in_progress_stay(job: Job, settings: Settings) -> None:
    served = settings.outputs / "served"
    served.mkdir(parents=True)
    for path in (served / ".joystudio-ab.part", settings.outputs / ".joystudio-cd.part"):
        path.write_bytes(b"half a video")
    (settings.outputs / "a.mp4").write_bytes(b"video")
    at_work = OutputFile(settings.outputs / "b.mp4")
    assert sweep_outputs(settings) == 2
    left = sorted(path for path in settings.outputs.rglob("*") if path.is_file())
    assert left == sorted([at_work.path, settings.outputs / "a.mp4"])
    at_work.discard()
    assert sweep_outputs(settings.model_copy(update={"outputs": settings.outputs / "none"})) == 0


def test_a_job_sweeps_the_folder_that_it_writes_into(job: Job, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / ".joystudio-ab.part").write_bytes(b"half a video")
    choose(job, tmp_path / "out.mp4", settings)
    assert not list(tmp_path.glob(".joystudio-*"))
