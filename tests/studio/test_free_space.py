"""A disk with too little room is reported before a job begins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from media.errors import OutputError
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from tests.fake_engine import FakeWorld


def test_a_job_is_not_begun_without_room(
    settings: Settings, world: FakeWorld, portrait_file: Path, voice_file: Path
) -> None:
    job = Job(engine="fake", portrait=portrait_file, voice=voice_file)
    short = settings.model_copy(update={"least_free_gb": 900_000.0})
    with pytest.raises(OutputError) as told:
        list(run(job, short))
    found = re.search(r"has ([\d.]+) GB free, and a job needs 900000 GB\. Delete", str(told.value))
    assert found
    assert 0 < float(found[1]) < 900_000
    assert [path for path in settings.outputs.rglob("*") if path.is_file()] == []
    assert list(run(job, settings.model_copy(update={"least_free_gb": 0.0})))
