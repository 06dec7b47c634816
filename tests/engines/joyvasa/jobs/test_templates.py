"""Jobs that a motion template or curves drive, with a voice and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engines.joyvasa.weights.model_registry import JoyVasaNetworks
from media.errors import PerformanceError
from studio.events import Chunk, Finished, Started
from studio.given_performance import GivenPerformance
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from tests.engines.joyvasa.jobs.conftest import QUICK, Cli
from tests.engines.joyvasa.test_motion_template import as_live_portrait, moving, saved

Voice = Callable[[float], Path]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """0.3 s at 20 frames per second."""
    motion = moving(6)
    return saved(tmp_path / "d0.pkl", as_live_portrait(motion.with_changes(exp=0.02 * motion.exp), 20))


def frames_of(job: Job, settings: Settings) -> tuple[np.ndarray, tuple[str, ...]]:
    frames: list[np.ndarray] = []
    notes: tuple[str, ...] = ()
    for event in run(job, settings):
        if isinstance(event, Chunk):
            frames.append(event.frames.copy())
        elif isinstance(event, Started):
            notes = event.notes
    return np.concatenate(frames), notes


def test_a_template_alone_drives_a_portrait_without_sampling(
    weights_root: Path,
    portrait_file: Path,
    template: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("no motion is sampled")

    monkeypatch.setattr(JoyVasaNetworks, "audio_to_motion", never)
    performance = GivenPerformance(file=template)
    made = Job(engine="joyvasa", portrait=portrait_file, performance=performance, options=QUICK)
    frames, _ = frames_of(made, settings)
    assert len(frames) == 8  # 0.3 s, rounded to even
    assert (frames[0] != frames[4]).any()
    still = made.model_copy(update={"options": made.options.model_copy(update={"head_motion": 0.0})})
    assert not np.array_equal(frames, frames_of(still, settings)[0])


def test_a_voice_goes_on_where_the_template_ends_or_moves_the_mouth(
    weights_root: Path, portrait_file: Path, template: Path, voice: Voice, settings: Settings
) -> None:
    speech = voice(1.0)
    made = {}
    for mouth in ("file", "voice"):
        performance = GivenPerformance(file=template, mouth=mouth)
        job = Job(
            engine="joyvasa", portrait=portrait_file, voice=speech, performance=performance, options=QUICK
        )
        made[mouth], notes = frames_of(job, settings)
        assert len(made[mouth]) == 25
        assert any("lasts 0.3 s and the voice 1.0 s" in note for note in notes)
    assert (made["file"][5] != made["voice"][5]).any()


def test_curves_drive_a_portrait_with_a_voice_and_without(
    weights_root: Path,
    portrait_file: Path,
    voice: Voice,
    settings: Settings,
    in_shell: Cli,
    tmp_path: Path,
) -> None:
    curves = tmp_path / "take.csv"
    curves.write_text("time,JawOpen,HeadYaw\n" + "".join(f"{i / 30},{i / 12},{i}\n" for i in range(12)))
    alone = Job(
        engine="joyvasa",
        portrait=portrait_file,
        performance=GivenPerformance(file=curves, angles="deg"),
        options=QUICK,
    )
    *work, last = run(alone, settings)
    assert isinstance(last, Finished)
    assert any("The option Blinks adds" in note for note in last.result.notes)
    frames = np.concatenate([one.frames for one in work if isinstance(one, Chunk)])
    assert len(frames) == 10
    assert (frames[0] != frames[9]).any()
    assert np.array_equal(frames, frames_of(alone, settings)[0])
    code, said, _ = in_shell(portrait_file, voice(1.0), "--performance", curves, "--mouth", "voice")
    assert (code, "lasts 0.4 s and the voice 1.0 s" in said) == (0, True)


def test_each_engine_says_what_it_follows(portrait_file: Path, template: Path, settings: Settings) -> None:
    wrong = Job(portrait=portrait_file, performance=GivenPerformance(file=template))
    with pytest.raises(PerformanceError, match=r"d0\.pkl is a pickle.*Use the engine joyvasa"):
        list(run(wrong, settings))
