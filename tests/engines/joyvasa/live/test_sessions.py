"""Live sessions of JoyVASA, on small random weights."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engines import registry
from media.errors import OptionError
from media.portrait import Portrait
from studio.live import LiveSession
from studio.options import list_options
from tests.engines.joyvasa.tiny_motion import voice
from tests.studio.live.sessions import RATE, frames_of, opened, picture, spoken

HOW: dict[str, Any] = {
    "engine": "joyvasa",
    "options": {"inference_steps": 2, "precision": "fp32", "flag_pasteback": False},
}
PCM = np.rint(voice(11 * 640 + 100) * 20000).astype("<i2").tobytes()


@pytest.fixture(autouse=True)
def engine(weights: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(weights))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    registry.unload("joyvasa", "cpu")


def test_the_frames_do_not_depend_on_how_the_sound_is_cut(astronaut: Portrait) -> None:
    whole = asyncio.run(spoken(astronaut, PCM, (len(PCM),), late=False, **HOW))
    cut = asyncio.run(spoken(astronaut, PCM, (2, 5000, 318), **HOW))
    assert len(whole) == 12  # two windows
    for one, again in zip(whole, cut, strict=True):
        assert np.array_equal(picture(one), picture(again))
        assert np.array_equal(one.samples, again.samples)


def test_a_paced_session_is_silent_speaks_is_interrupted_and_changes(astronaut: Portrait) -> None:
    async def story() -> None:
        async with opened(astronaut, any_speed=True, **HOW) as (session, _):
            idle = await frames_of(session, 2)
            assert not any(frame.speaking for frame in idle)
            await session.push_audio(PCM, RATE, last_chunk=True)
            assert any(frame.speaking for frame in await frames_of(session, 5))
            session.set_options(smile=0.5)
            with pytest.raises(OptionError, match="cfg_scale is fixed"):
                session.set_options(cfg_scale=1.0)
            assert session.interrupt().position > 0
            quiet = await frames_of(session, 6)
            assert not any(frame.samples.any() for frame in quiet)
            assert session.origin.random_weights

    asyncio.run(story())


def test_the_sliders_that_need_no_new_motion_are_live() -> None:
    live = {option.name for option in list_options("joyvasa") if option.live}
    assert live == {
        "head_motion",
        "expression",
        "mouth_open",
        "blink",
        "gaze_x",
        "gaze_y",
        "smile",
        "emotion",
        "silence_closes_mouth",
    }


def test_a_session_reads_its_first_picture_before_any_sound(astronaut: Portrait) -> None:
    async def story() -> None:
        async with await LiveSession.open(astronaut, paced=False, **HOW) as session:
            assert session.get_first_frame().shape == (512, 512, 3)

    asyncio.run(story())
