"""What a session begins with, and what changes in flight."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from media.desk.edit import PortraitEdit
from media.errors import LineFull, OptionError, PortraitError
from media.portrait import Portrait
from studio.live import LivePlaces, LiveSession
from studio.settings import Settings
from tests.studio.live.sessions import RATE, opened, run
from tests.studio.live.talker import Talk


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"engine": "joyhallo"}, "choose preview or joyvasa"),
        ({"engine": "nothing"}, "nothing"),
        ({"look_ahead_ms": -1}, "0 to 1000"),
        ({"look_ahead_ms": "80"}, "0 to 1000"),
        ({"look_ahead_ms": float("nan")}, "0 to 1000"),
        ({"lead_ms": -1}, "The lead is -1 ms, but takes 0 to 1000"),
        ({"max_backlog_ms": 99}, "100 to 10000"),
        ({"max_backlog_ms": True}, "100 to 10000"),
        ({"unread_seconds": "10"}, "0.5 or more"),
        ({"unread_seconds": float("nan")}, "0.5 or more"),
        ({"seed": -1}, "seed"),
        ({"face_index": None}, "face_index is None, but takes 0 to 99"),
        ({"anchors": [1, 2, 3]}, "anchors"),
        ({"portrait_edit": "blur"}, "portrait_edit"),
        ({"portrait_edit": PortraitEdit(background="transparent")}, "have no transparency"),
        ({"portrait": 5}, "portrait is 5"),
        ({"options": {"mouth_opening": 9}}, "mouth_opening"),
    ],
)
def test_a_session_that_cannot_begin_says_why(portrait: Portrait, how: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        asyncio.run(LiveSession.open(**{"portrait": portrait} | how))


def test_a_portrait_without_a_face_takes_no_place(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "grey.png"
    Image.new("RGB", (128, 128), "grey").save(path)
    places = LivePlaces(Settings())
    with pytest.raises(PortraitError):
        asyncio.run(LiveSession.open(path, places=places))
    assert places.taken == 0


def test_options_change_in_flight(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, _):
            await session.push_audio(pcm, RATE, last_chunk=True)
            reader = session.run()
            await anext(reader)
            assert session.set_options(mouth_opening=0.0, head_motion=2.0).head_motion == 2.0  # type: ignore[attr-defined]
            with pytest.raises(OptionError, match="fps is fixed"):
                session.set_options(fps=30)
            with pytest.raises(OptionError, match="0 to 2"):
                session.set_options(mouth_opening=7)
            with pytest.raises(OptionError, match="mouth_openning"):
                session.set_options(mouth_openning=1)
            assert (await anext(reader)).has_image

    run(story)


def test_a_place_is_taken_until_the_portrait_of_a_client_that_left_is_read(
    portrait: Portrait, talk: Talk
) -> None:
    async def story() -> None:
        places = LivePlaces(Settings(live_sessions=1))
        talk.may_open.clear()
        opening = asyncio.create_task(LiveSession.open(portrait, engine="talker", places=places))
        await asyncio.to_thread(talk.opening.wait, 30)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        with pytest.raises(LineFull):
            await LiveSession.open(portrait, engine="talker", places=places)
        talk.may_open.set()
        while places.taken:
            await asyncio.sleep(0)
        async with await LiveSession.open(portrait, engine="talker", places=places) as session:
            assert (await anext(session.run())).has_image

    run(story)
