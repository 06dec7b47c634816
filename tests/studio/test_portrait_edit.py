"""A job with an edited portrait: made, recorded, and made again from its record."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from media.desk.edit import PortraitEdit
from media.errors import OptionError
from media.video_reader import VideoReader
from studio.batch.listing import read_lines
from studio.events import Finished, Result
from studio.job import Job
from studio.portrait_edit import edit_facts, edit_from, edit_from_object
from studio.provenance.inspection import inspect_video
from studio.run import run
from studio.serving.request import wish_of
from studio.settings import Settings

ASTRONAUT = Path(__file__).resolve().parents[2] / "examples" / "portraits" / "astronaut.png"
EDIT = PortraitEdit(crop=(100, 0, 400, 280), shape="1:1", background="#00b140")


def made(job: Job, settings: Settings) -> Result:
    return next(event.result for event in run(job, settings) if isinstance(event, Finished))


def test_a_video_is_repeated_from_its_own_facts(voice_file: Path, settings: Settings) -> None:
    job = Job(portrait=ASTRONAUT, voice=voice_file, seed=3, portrait_edit=EDIT)
    first = made(job, settings)
    assert first.size == (280, 280)
    frame = next(iter(VideoReader(first.path)))
    assert np.abs(frame[:20, :20].astype(int) - (0, 177, 64)).mean() < 25
    facts = inspect_video(first.path).facts
    assert facts is not None
    assert facts["portrait_edit"] == first.as_json()["portrait_edit"] == edit_facts(EDIT)
    again = Job(
        engine=facts["engine"],
        portrait=ASTRONAUT,
        voice=voice_file,
        options=facts["options"],
        seed=facts["seed"],
        portrait_edit=edit_from(facts["portrait_edit"]),
    )
    assert again.portrait_edit == EDIT
    assert made(again, settings).portrait_sha256 == first.portrait_sha256


def test_a_job_survives_a_restart_with_its_edit(voice_file: Path) -> None:
    job = Job(portrait=ASTRONAUT, voice=voice_file, portrait_edit=EDIT)
    assert Job.model_validate(json.loads(json.dumps(job.model_dump(mode="json")))) == job


def test_a_video_that_was_not_edited_says_nothing_of_it(voice_file: Path, settings: Settings) -> None:
    facts = inspect_video(made(Job(portrait=ASTRONAUT, voice=voice_file), settings).path).facts
    assert facts is not None
    assert "portrait_edit" not in facts


def test_a_transparent_video_is_refused_with_the_way_out(voice_file: Path) -> None:
    with pytest.raises(OptionError, match=r"no transparency\. Make the video with its background"):
        Job(portrait=ASTRONAUT, voice=voice_file, portrait_edit=PortraitEdit(background="transparent"))


def test_lists_forms_and_programs_name_the_changes_alike(tmp_path: Path, voice_file: Path) -> None:
    given = {"turn": "90", "crop": "10,20 300,400", "shape": "9:16", "background": "blur"}
    edit = PortraitEdit(90, (10, 20, 300, 400), "9:16", "blur")
    assert edit_from(given) == edit
    assert (
        edit_from_object({"turn": 90, "crop": [10, 20, 300, 400], "shape": "9:16", "background": "blur"})
        == edit
    )
    assert edit_from_object(None) == PortraitEdit()
    table = tmp_path / "list.csv"
    table.write_text(
        f'portrait,voice,turn,crop,shape,background\n{ASTRONAUT},{voice_file},90,"10,20 300,400",9:16,blur\n'
        f"{ASTRONAUT},{voice_file},12,,,\n"
    )
    good, bad = read_lines(table, tmp_path / "out", engine="preview")
    assert isinstance(good.job, Job)
    assert good.job.portrait_edit == edit
    assert "not by 12" in bad.reason
    assert wish_of({"engine": "preview", **given}, ["preview"])["portrait_edit"] == edit


@pytest.mark.parametrize("given", [{"crop": "10,20"}, {"crop": [1, 2, 3]}, {"turn": "left"}, {"shape": 9}])
def test_what_cannot_be_read_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        edit_from(given)


def test_an_unknown_change_of_a_program_is_refused() -> None:
    with pytest.raises(OptionError, match="turn, crop, shape and background"):
        edit_from_object({"backgroud": "blur"})
