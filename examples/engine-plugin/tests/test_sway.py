"""The engine on a portrait and a voice of JoyStudio's examples, as a job runs it."""

from __future__ import annotations

from pathlib import Path

import joystudio_sway
import numpy as np
import pytest
from joystudio_sway import SPEC, SwayOptions, loudness_of

import engines
from engines import registry
from studio.events import Finished
from studio.job import Job
from studio.presets import list_presets
from studio.run import run
from studio.settings import Settings

EXAMPLES = Path(engines.__file__).parents[1] / "examples"


def test_the_package_offers_the_engine() -> None:
    """Needs `pip install`; the entry point is part of what is installed."""
    assert registry.spec_of("sway") is SPEC
    assert registry.package_of("sway") == "joystudio-sway"


def test_a_job_makes_a_video(tmp_path: Path) -> None:
    job = Job(
        engine="sway",
        portrait=EXAMPLES / "portraits" / "astronaut.png",
        voice=EXAMPLES / "voices" / "english-woman.wav",
        options={"amount": 2.0, "fps": 12},
    )
    *_, last = run(job, Settings(outputs=tmp_path, history=tmp_path / "history.sqlite"))
    assert isinstance(last, Finished)
    assert last.result.path.stat().st_size > 0


def test_the_presets_come_with_the_package() -> None:
    assert [preset.name for preset in list_presets("sway")] == ["natural", "storm"]
    assert list_presets("sway")[0].options == SwayOptions()


def test_silence_is_not_loud() -> None:
    voice = np.concatenate([np.zeros(8_000), np.full(8_000, 0.5)])
    assert loudness_of(voice, 10)[:5] == [0.0] * 5
    assert loudness_of(voice, 10)[-1] == pytest.approx(1.0, abs=0.5)


def test_the_module_is_light() -> None:
    assert not {"np", "cv2"} & set(vars(joystudio_sway))
