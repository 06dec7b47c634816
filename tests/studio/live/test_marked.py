"""Live pictures that say that they are made by AI."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from media.portrait import Portrait
from studio.live import LivePlaces
from studio.settings import Settings
from tests.studio.live.sessions import RATE, frames_of, opened, picture, run
from tests.studio.live.talker import Talk


def test_a_marked_picture_that_does_not_change_is_the_same_array(portrait: Portrait, talk: Talk) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker", marked=True) as (session, _):
            frames = await frames_of(session, 3)
            assert [frame.changed for frame in frames] == [True, False, False]
            assert picture(frames[0]).any()  # the picture itself is black
            assert picture(frames[2]) is picture(frames[0])
            session.set_options(level=90)
            changed = await frames_of(session, 2)
            assert (picture(changed[1]) != picture(frames[0])).any()

    run(story)


@pytest.mark.parametrize("processes", [0, 1])
def test_the_mark_is_all_that_differs(portrait: Portrait, pcm: bytes, processes: int) -> None:
    async def first(**how: Any) -> np.ndarray:
        async with opened(portrait, **how) as (session, _):
            await session.push_audio(pcm, RATE)
            return picture((await frames_of(session, 3))[2])

    async def story() -> None:
        places = LivePlaces(Settings(live_painters=processes))
        plain, marked = await first(places=places), await first(places=places, marked=True)
        places.close()
        rows, columns = np.nonzero((plain != marked).any(2))
        assert len(rows) > 100
        assert rows.min() > 90
        assert columns.min() > 85

    run(story)
