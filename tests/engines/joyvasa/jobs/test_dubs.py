"""A whole dub with this engine: followed, painted, written, and described as made with random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media.errors import OptionError
from media.video import VideoReader, VideoWriter
from studio.dubbing.events import DubFinished
from studio.dubbing.job import DubJob
from studio.dubbing.run import run_dub
from studio.events import Progress
from studio.settings import Settings
from tests.engines.joyvasa.jobs.conftest import EXAMPLES, QUICK

FRAMES = 10


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the persons of the example clip, and a frame without anybody."""
    path = tmp_path_factory.mktemp("dub") / "talk.mp4"
    with VideoWriter(path, (256, 256), 30, sound=None, quality=16, metadata={}) as writer:
        for number, picture in zip(
            range(FRAMES), VideoReader(EXAMPLES / "clips" / "example.mp4"), strict=False
        ):
            frame = np.full_like(picture[:, :256], 60) if number == 0 else picture[:, :256]
            writer.write(np.ascontiguousarray(frame)[None])
    return path


def test_a_video_is_dubbed_from_end_to_end(
    weights_root: Path, talk: Path, voice: Callable[[float], Path], tmp_path: Path
) -> None:
    settings = Settings(
        outputs=tmp_path, history=tmp_path / "history.sqlite", keys=tmp_path / "keys", decode="direct"
    )
    job = DubJob(engine="joyvasa", video=talk, voice=voice(0.3), options=QUICK)
    events = list(run_dub(job, settings))
    shown = [event.fraction for event in events if isinstance(event, Progress)]
    assert shown == sorted(shown)
    assert any(event.stage == "sampling" for event in events if isinstance(event, Progress))
    last = events[-1]
    assert isinstance(last, DubFinished)
    result = last.result
    assert (result.engine, result.random_weights, result.size) == ("joyvasa", True, (256, 256))
    assert (result.report.frames, result.report.passed) == (FRAMES, {"no_face": 1})
    for number, (before, after) in enumerate(zip(VideoReader(talk), VideoReader(result.path), strict=True)):
        away = np.abs(before.astype(int) - after).mean(axis=2)
        assert away[:60].mean() < 2  # above the face, and the whole of a frame without one, nothing changes
        assert (away.max() > 40) == (number > 0)


def test_an_animal_is_refused_when_the_job_is_described(talk: Path) -> None:
    with pytest.raises(OptionError, match="only a person"):
        DubJob(engine="joyvasa", video=talk, voice=talk, options={"animation_mode": "animal"})
