from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from media.errors import OptionError
from studio.job import Job
from tests.fake_engine import FakeOptions, FakeWorld

INPUTS: dict[str, Any] = {"engine": "fake", "portrait": "face.png", "voice": "voice.wav"}


def test_text_is_a_path_and_nothing_means_the_defaults(world: FakeWorld) -> None:
    job = Job(**INPUTS)
    assert job.portrait == Path("face.png")
    assert job.voice == Path("voice.wav")
    assert job.options == FakeOptions()
    assert Job(**INPUTS | {"portrait": b"bytes"}).portrait == b"bytes"


def test_equal_wishes_are_equal_jobs(world: FakeWorld) -> None:
    one = Job(**INPUTS, options={"level": "7"}, anchors=((1, 2), (3, 4), (5, 6)))
    two = Job(**INPUTS, options=FakeOptions(level=7), anchors=((1, 2), (3, 4), (5, 6)))
    assert one == two
    assert len({one, two, Job(**INPUTS)}) == 2


def test_a_job_cannot_be_changed(world: FakeWorld) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Job(**INPUTS).seed = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"seed": -1}, "option seed is -1, but takes 0 to 4294967295"),
        ({"seed": "x"}, "option seed is 'x', but takes 0 to"),
        ({"face_index": 100}, "face_index is 100, but takes 0 to 99"),
        ({"anchors": ((1, 2), (3, 4))}, "option anchors"),
        ({"anchors": ((1, 2), (3, 4), ("a", 1))}, "option anchors"),
        ({"engine": "none"}, "no engine called 'none'"),
        ({"options": {"level": 999}}, "level is 999, but takes 0 to 255"),
        ({"colour": "red"}, "colour does not exist"),
        ({"portrait": 3}, "option portrait is 3"),
    ],
)
def test_what_is_impossible_is_an_option_error(world: FakeWorld, wish: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Job(**INPUTS | wish)


def test_a_missing_input_is_reported(world: FakeWorld) -> None:
    with pytest.raises(OptionError, match="job's voice is missing"):
        Job(engine="fake", portrait="face.png")


def test_programs_of_earlier_versions_may_say_speech(world: FakeWorld) -> None:
    former = {("speech" if name == "voice" else name): value for name, value in INPUTS.items()}
    assert Job(**former) == Job(**INPUTS)
    with pytest.raises(OptionError, match="option voice is 5"):
        Job(**former | {"speech": 5})
