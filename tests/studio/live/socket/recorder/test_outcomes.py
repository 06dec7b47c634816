"""What happens to a recording when its session ends, and which client gets the message."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from media.video import VideoReader
from media.video_encoder import VideoEncoder
from studio.gallery.history import History
from studio.live.socket import LiveHost, SessionArguments
from studio.live.socket.connection import Closing
from studio.settings import Settings
from tests.studio.live.socket.other_end import connected, opened, run
from tests.studio.live.socket.recorder.program import PROGRAM, RATE, full, record, tone
from tests.studio.live.talker import Talk


def test_a_recording_that_nobody_waits_for_leaves_nothing(
    host: LiveHost, settings: Settings, portrait_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening, may_open = threading.Event(), threading.Event()

    def prepare(*_: object) -> None:
        settings.outputs.mkdir()
        opening.set()
        assert may_open.wait(30)

    monkeypatch.setattr("studio.live.recording.prepare_place", prepare)

    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM) as end:
            end.say({"type": "record"})
            assert await asyncio.to_thread(opening.wait, 20)
            host.end()
            await end.error("failed", fatal=True)
        (opens,) = [one for one in threading.enumerate() if one.name.startswith("live-recording")]
        may_open.set()
        await asyncio.to_thread(opens.join, 20)
        assert not opens.is_alive()

    run(story)
    assert "joystudio-video" not in {one.name for one in threading.enumerate()}
    assert list(settings.outputs.iterdir()) == []


def test_a_session_that_ends_keeps_its_recording(
    host: LiveHost, settings: Settings, portrait_file: Path
) -> None:
    opening = SessionArguments(
        portrait=portrait_file, engine="talker", paced=False, visitor="ann", owner="ann"
    )

    async def story() -> None:
        async with connected(host) as end:
            end.say({"type": "open", "ticket": host.tickets.issue(opening), "picture": "none"})
            await end.event("ready")
            await record(end)
        (entry,) = History(settings.history).list(owner="ann")
        assert (entry.result.frames, entry.result.portrait) == (10, portrait_file.name)
        assert len(list(VideoReader(entry.result.path))) == 10

    run(story)


def test_a_server_that_stops_says_so_before_it_finishes_a_recording(
    host: LiveHost, settings: Settings, portrait_file: Path
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            await record(end)
            host.end()
            assert "server stops" in await end.error("failed", fatal=True)
            await end.event("recorded")
            assert await end.end() == Closing.STOPPING

    run(story)
    assert len(History(settings.history).list()) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_an_error_that_ends_a_session_comes_after_what_became_of_its_recording(
    host: LiveHost, portrait_file: Path, talk: Talk, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            ident = await record(end)
            if lost:
                monkeypatch.setattr(VideoEncoder, "finish", full)
            talk.failure = RuntimeError("no more")
            end.say({"type": "audio", "sample_rate": RATE}, tone(0.4).tobytes(), {"type": "flush"})
            told = await end.event("recorded", "error")
            assert (told["type"], told["id"]) == ("error" if lost else "recorded", ident)
            assert "because of an error" in await end.error("ended", fatal=True)
            assert await end.end() == Closing.FAILED

    run(story)


@pytest.mark.parametrize("lost", [False, True])
def test_after_close_the_server_says_what_became_of_the_recording_and_gives_the_place_back(
    host: LiveHost,
    portrait_file: Path,
    may_write: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    lost: bool,
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            ident = await record(end)
            if lost:
                monkeypatch.setattr(VideoEncoder, "add", full)
            end.say({"type": "close"})
            while host.places.taken:  # while the recording is still being written
                await asyncio.sleep(0)
            may_write.set()
            told = await end.event("recorded", "error")
            assert (told["type"], told["id"]) == ("error" if lost else "recorded", ident)
            assert await end.end() == Closing.DONE

    run(story)


def test_a_page_that_connects_again_is_told_of_the_recording_before(
    host: LiveHost, portrait_file: Path, may_write: threading.Event
) -> None:
    opening = SessionArguments(
        portrait=portrait_file, engine="talker", paced=False, visitor="ann", owner="ann"
    )

    async def story() -> None:
        async with connected(host) as first:
            first.say({"type": "open", "ticket": host.tickets.issue(opening), "picture": "none"})
            again = (await first.event("ready"))["ticket"]
            ident = await record(first)
            # The server does not know yet that the page has lost this connection.
            async with connected(host) as second:
                second.say({"type": "open", "ticket": again, "picture": "none"})
                await second.event("ready")
                may_write.set()
                assert (await second.event("recorded"))["id"] == ident
            assert await first.end() == Closing.DONE

    run(story)
