"""How a session is opened over a connection, and who is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from media.errors import LineFull
from studio.live.socket import Client, LiveHost
from studio.live.socket.connection import Closing
from studio.settings import Settings
from tests.studio.live.socket.other_end import OPEN, OtherEnd, connected, opened, run
from tests.studio.live.talker import Talk


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"consent": False}, "no_consent", 'Send "consent": true'),
        ({"consent": "yes"}, "bad_message", "consent"),
        ({"consent": 1}, "bad_message", "consent"),
        ({"engine": "nothing"}, "bad_option", "nothing"),
        ({"engine": "joyhallo"}, "bad_option", "complete recordings only"),
        ({"options": {"level": 300}}, "bad_option", "300"),
        ({"options": {"tempo": 1}}, "bad_option", "tempo"),
        ({"look_ahead_ms": -1}, "bad_option", "look-ahead"),
        ({"look_ahead_ms": "80"}, "bad_option", "look-ahead"),
        ({"max_backlog_ms": 1}, "bad_option", "backlog"),
        ({"seed": -1}, "bad_option", "seed"),
        ({"face_index": 3}, "bad_portrait", "face"),
        ({"picture": "gif"}, "bad_message", "picture"),
        ({"portrait": "/etc/passwd"}, "bad_message", "no field portrait"),
    ],
)
def test_a_refused_opening_can_be_corrected(
    host: LiveHost, portrait_file: Path, changes: dict[str, Any], code: str, says: str
) -> None:
    async def story() -> None:
        async with connected(host) as end:
            end.say(OPEN | changes, portrait_file.read_bytes())
            assert says in await end.error(code)
            assert host.places.taken == 0
            end.say(OPEN, portrait_file.read_bytes())
            await end.event("ready")

    run(story)


def test_a_portrait_that_cannot_be_used_is_refused(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with connected(host) as end:
            end.say(portrait_file.read_bytes())
            assert "first message" in await end.error("bad_message")
            end.say(OPEN, b"no picture at all")
            await end.error("bad_portrait")
            end.say(OPEN, b"")
            assert "empty" in await end.error("bad_portrait")
            end.say(OPEN, "{}")
            assert "in place of the portrait" in await end.error("bad_message")
            end.say({"type": "flush"})
            assert "first message" in await end.error("bad_message")
            end.say(OPEN, portrait_file.read_bytes())
            await end.event("ready")

    run(story)


def test_a_portrait_comes_in_pieces_if_the_other_end_says_how_many_bytes(
    host: LiveHost, portrait_file: Path
) -> None:
    data = portrait_file.read_bytes()

    async def story() -> None:
        async with connected(host) as end:
            end.say(OPEN | {"portrait_bytes": len(data)})
            end.say(*(data[start : start + 1000] for start in range(0, len(data), 1000)))
            await end.event("ready")

    run(story)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where every portrait in pieces is stored until its session is open."""
    monkeypatch.setattr("studio.live.socket.portraits.MOST_IN_MEMORY", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_large_portrait_is_a_file_until_its_session_is_open(
    host: LiveHost, portrait_file: Path, stored: Path, talk: Talk
) -> None:
    data = portrait_file.read_bytes()

    async def story() -> None:
        talk.may_open.clear()
        async with connected(host) as end:
            end.say(OPEN | {"portrait_bytes": len(data)}, data[:1000], "{}")
            await end.error("bad_message")
            assert not list(stored.glob("joystudio-*"))
            end.say(OPEN | {"portrait_bytes": len(data)}, data[:1000], data[1000:])
            await asyncio.to_thread(talk.opening.wait)
            (file,) = stored.glob("joystudio-portrait-*/uploaded")
            assert file.read_bytes() == data
            talk.may_open.set()
            await end.event("ready")
            assert not list(stored.glob("joystudio-*"))

    run(story)


def test_a_portrait_that_cannot_be_stored_is_refused(
    host: LiveHost, portrait_file: Path, stored: Path
) -> None:
    data = portrait_file.read_bytes()
    stored.rmdir()

    async def story() -> None:
        async with connected(host) as end:
            end.say(OPEN | {"portrait_bytes": len(data)})
            assert "temporary folder cannot be written" in await end.error("not_written")
            assert host.places.taken == 0
            stored.mkdir()
            end.say(OPEN | {"portrait_bytes": len(data)}, data)
            await end.event("ready")

    run(story)


@pytest.mark.parametrize(("declared", "sent"), [(1_000_001, 0), (None, 1_000_001), (10, 11)])
def test_a_portrait_above_the_limit_ends_the_connection(
    host: LiveHost, declared: int | None, sent: int
) -> None:
    async def story() -> None:
        async with connected(host) as end:
            end.say(OPEN | {"portrait_bytes": declared}, bytes(sent))
            await end.error("bad_portrait", fatal=True)
            assert await end.end() == Closing.TOO_LARGE

    run(story)


def test_after_five_failed_attempts_the_connection_is_closed(host: LiveHost) -> None:
    async def story() -> None:
        async with connected(host) as end:
            for _ in range(5):
                end.say(OPEN, b"no picture")
                await end.error("bad_portrait")
            await end.error("failed", fatal=True)
            assert await end.end() == Closing.NOT_UNDERSTOOD

    run(story)


def test_places_are_limited_for_all_and_for_one(host: LiveHost, portrait_file: Path) -> None:
    ann, ben = Client("ann"), Client("ben")

    async def refused(says: str) -> None:
        async with connected(host, ann) as end:
            end.say(OPEN)  # without the portrait, which need not be sent
            assert says in await end.error("no_place", fatal=True)
            assert await end.end() == Closing.NO_PLACE

    async def story() -> None:
        async with opened(host, portrait_file, ann):
            await refused("another window or program")
            async with opened(host, portrait_file, ben):
                await refused("limit of this server")

    run(story)


def test_the_limit_of_uploads_counts_portraits(host: LiveHost, portrait_file: Path) -> None:
    def upload(size: int) -> None:
        assert size == len(portrait_file.read_bytes())
        raise LineFull("You have uploaded enough.")

    async def refused(how: dict[str, Any], *parts: bytes) -> None:
        async with connected(host, Client(upload=upload)) as end:
            end.say(OPEN | how, *parts)
            assert await end.error("no_place", fatal=True) == "You have uploaded enough."

    async def story() -> None:
        data = portrait_file.read_bytes()
        await refused({}, data)
        await refused({"portrait_bytes": len(data)})  # before the first of them comes

    run(story)


def test_a_portrait_in_pieces_is_one_upload(host: LiveHost, portrait_file: Path) -> None:
    data, uploads = portrait_file.read_bytes(), list[int]()

    async def story() -> None:
        async with connected(host, Client(upload=uploads.append)) as end:
            end.say(OPEN | {"portrait_bytes": len(data)}, data[:100], data[100:])
            await end.event("ready")
        assert uploads == [len(data)]

    run(story)


def test_a_session_is_given_up_whose_other_end_goes_while_it_is_opened(
    host: LiveHost, portrait_file: Path, talk: Talk
) -> None:
    async def story() -> None:
        talk.may_open.clear()
        async with connected(host) as end:
            end.say(OPEN | {"paced": False}, portrait_file.read_bytes())
            await asyncio.to_thread(talk.opening.wait)
        # The conversation has ended although the portrait is still being read, which keeps the place.
        assert host.places.taken == 1
        talk.may_open.set()
        while host.places.taken:
            await asyncio.sleep(0.01)

    run(story)


def test_what_comes_while_a_session_is_opened_waits_for_it(
    host: LiveHost, portrait_file: Path, talk: Talk
) -> None:
    async def story() -> None:
        talk.may_open.clear()
        async with connected(host) as end:
            end.say(OPEN | {"paced": False}, portrait_file.read_bytes())
            end.say({"type": "audio", "sample_rate": 16000}, bytes(6400), {"type": "flush"})
            await asyncio.to_thread(talk.opening.wait)
            await end.all_read()
            talk.may_open.set()
            for kind in ("ready", "started", "finished"):
                await end.event(kind)
            assert len(end.frames) == 5

    run(story)


def test_too_much_while_a_session_is_opened_ends_the_connection(
    host: LiveHost, portrait_file: Path, talk: Talk
) -> None:
    async def story() -> None:
        talk.may_open.clear()
        async with connected(host) as end:
            end.say(OPEN, portrait_file.read_bytes(), *[bytes(6_000_000)] * 3)
            assert "More than 16 MB" in await end.error("bad_message", fatal=True)
            assert await end.end() == Closing.TOO_LARGE
        talk.may_open.set()
        while host.places.taken:
            await asyncio.sleep(0.01)

    run(story)


def test_a_connection_that_opens_no_session_does_not_last_however_much_comes(portrait_file: Path) -> None:
    async def chatter(end: OtherEnd) -> None:
        while True:
            end.say(b"a part of a portrait")
            await end.all_read()

    async def story() -> None:
        host = LiveHost(Settings(live_unread_seconds=0.5))
        async with connected(host) as end:
            end.say(OPEN, b"no picture at all")
            await end.error("bad_portrait")
            chattering = asyncio.create_task(chatter(end))
            assert "within 0.5 s" in await end.error("ended", fatal=True)
            assert await end.end() == Closing.UNUSED
            chattering.cancel()
        host.close()

    run(story)
