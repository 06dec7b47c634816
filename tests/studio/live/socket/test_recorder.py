"""Recordings that a program asks for over a connection."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media.sound_stream import open_sound
from media.video import VideoReader
from media.video_encoder import VideoEncoder
from media.yuv_converter import Piece
from studio.events import Result
from studio.gallery.history import History
from studio.live.recorded_frames import RecordedFrames
from studio.live.socket import Client, LiveHost, Opening
from studio.live.socket.connection import Closing
from studio.settings import Settings
from tests.studio.live.socket.other_end import OtherEnd, connected, opened, run
from tests.studio.live.talker import Talk, TalkerFace

RATE = 24000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(outputs=tmp_path / "outputs", history=tmp_path / "history.sqlite", sign=False)


@pytest.fixture
def host(settings: Settings) -> Iterator[LiveHost]:
    host = LiveHost(settings)
    yield host
    assert host.places.taken == 0
    host.close()


def owned(result: Result, owner: str) -> dict[str, Any]:
    return {"address": f"of {owner}"}


PROGRAM = Client("ann", owner_of=lambda token: (f"owner of {token}", f"new for {token}"), described=owned)


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return np.rint(12000 * np.sin(2 * np.pi * 440 * t)).astype("<i2")


async def speak(end: OtherEnd, sound: np.ndarray, rate: int) -> None:
    """Say it, and read up to its end."""
    end.say({"type": "audio", "sample_rate": rate}, sound.tobytes(), {"type": "flush"})
    await end.event("format")
    await end.event("started")
    await end.event("finished")


def sound_of(path: Path) -> np.ndarray:
    form, blocks = open_sound(path)
    assert (form.rate, form.channels) == (48000, 1)
    return np.concatenate(list(blocks))[:, 0]


def test_a_recording_has_the_frames_and_their_own_sound(
    host: LiveHost, settings: Settings, portrait_file: Path
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False, options={"level": 9}) as end:
            end.say({"type": "record", "owner_token": "t"})
            assert (await end.event("recording"))["seconds"] == 600
            await speak(end, tone(1.0), RATE)
            await speak(end, tone(0.5, 8000), 8000)  # another rate in the same recording
            end.say({"type": "record"})
            assert "already" in await end.error("bad_message")
            end.say({"type": "stop_recording"})
            recorded = await end.event("recorded")
            assert (recorded["frames"], recorded["seconds"]) == (38, 1.52)
            assert (recorded["address"], recorded["owner_token"]) == ("of owner of t", "new for t")
            entry, owner = History(settings.history).find(recorded["id"]) or (None, "")
            assert entry is not None
            assert owner == "owner of t"
            result = entry.result
            assert (result.frames, result.engine, result.options["level"]) == (38, "talker", 9)
            reader = VideoReader(result.path)
            pictures = list(reader)
            assert len(pictures) == 38
            assert all(abs(int(one[4, 4, 0]) - 9) < 6 for one in pictures)
            heard = sound_of(result.path)
            assert abs(len(heard) / 48000 - 1.52) < 0.03
            # Both parts are there, at their place, and as loud as they were pushed.
            for start, stop in ((0.1, 0.9), (1.05, 1.45)):
                part = heard[round(start * 48000) : round(stop * 48000)]
                spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
                assert abs(spectrum.argmax() * 48000 / len(part) - 440) < 4
                assert np.sqrt(np.mean(part**2)) == pytest.approx(12000 / 32768 / np.sqrt(2), rel=0.05)
            end.say({"type": "stop_recording"})
            assert "not being recorded" in await end.error("bad_message")

    run(story)


def test_each_recording_goes_to_the_owner_who_began_it(
    host: LiveHost, settings: Settings, portrait_file: Path
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            end.say({"type": "record", "owner_token": "a"})
            await end.event("recording")
            await speak(end, tone(0.4), RATE)
            end.say({"type": "stop_recording"}, {"type": "record", "owner_token": "b"})
            events = [await end.event("recorded", "recording") for _ in range(2)]
            end.say({"type": "audio", "sample_rate": RATE}, tone(0.2).tobytes(), {"type": "flush"})
            await end.event("started")
            await end.event("finished")
            end.say({"type": "stop_recording"})
            events.append(await end.event("recorded"))
            told = [(one["address"], one["owner_token"]) for one in events if one["type"] == "recorded"]
            assert told == [("of owner of a", "new for a"), ("of owner of b", "new for b")]

    run(story)
    for owner, frames in (("owner of a", 10), ("owner of b", 5)):
        (entry,) = History(settings.history).list(owner=owner)
        assert entry.result.frames == frames


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


@pytest.fixture
def may_write(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Cleared, the encoder of recordings waits."""
    may_write, add = threading.Event(), VideoEncoder.add

    def slowly(encoder: VideoEncoder, piece: Piece) -> None:
        assert may_write.wait(30)
        add(encoder, piece)

    monkeypatch.setattr(VideoEncoder, "add", slowly)
    yield may_write
    may_write.set()


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each frame has another picture."""
    levels = iter(range(1000))

    def paint(_: object) -> np.ndarray:
        return np.full((8, 8, 3), next(levels) % 256, np.uint8)

    monkeypatch.setattr(TalkerFace, "paint", paint)


@pytest.mark.usefixtures("moving")
def test_a_recording_that_is_behind_says_for_how_long_it_stands_still(
    host: LiveHost, portrait_file: Path, may_write: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room(_: object) -> None:
        """As in a session with a pace, which cannot wait."""

    monkeypatch.setattr(RecordedFrames, "room", no_room)

    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False, picture="none") as end:
            end.say({"type": "record"})
            await end.event("recording")
            await speak(end, tone(8.0, 8000), 8000)
            may_write.set()
            end.say({"type": "stop_recording"})
            recorded = await end.event("recorded")
            assert recorded["frames"] == 200
            (note,) = recorded["notes"]
            said = re.search(r"too slow to write this recording: .* still for (\d\.\d) s", note["message"])
            assert said is not None
            # 32 frames and 2 s wait with their pictures.
            assert 4.5 <= float(said[1]) <= 4.8

    run(story)


@pytest.mark.usefixtures("moving")
def test_without_a_pace_the_session_waits_for_its_recording(
    host: LiveHost, portrait_file: Path, may_write: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_room = RecordedFrames.room

    async def room(frames: RecordedFrames) -> None:
        if frames.is_late:
            may_write.set()
        await wait_for_room(frames)

    monkeypatch.setattr(RecordedFrames, "room", room)

    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False, picture="none") as end:
            end.say({"type": "record"})
            await end.event("recording")
            await speak(end, tone(8.0, 8000), 8000)
            assert may_write.is_set()
            end.say({"type": "stop_recording"})
            recorded = await end.event("recorded")
            assert (recorded["frames"], recorded["notes"]) == (200, [])

    run(story)


def test_a_session_that_ends_keeps_its_recording(
    host: LiveHost, settings: Settings, portrait_file: Path
) -> None:
    opening = Opening(portrait=portrait_file, engine="talker", paced=False, visitor="ann", owner="ann")

    async def story() -> None:
        async with connected(host) as end:
            end.say({"type": "open", "ticket": host.tickets.issue(opening), "picture": "none"})
            await end.event("ready")
            end.say({"type": "record"})
            await end.event("recording")
            await speak(end, tone(0.4), RATE)
        (entry,) = History(settings.history).list(owner="ann")
        assert (entry.result.frames, entry.result.portrait) == (10, portrait_file.name)
        assert len(list(VideoReader(entry.result.path))) == 10

    run(story)


def test_a_server_that_stops_says_so_before_it_finishes_a_recording(
    host: LiveHost, settings: Settings, portrait_file: Path
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            end.say({"type": "record"})
            await end.event("recording")
            await speak(end, tone(0.4), RATE)
            host.end()
            assert "server stops" in await end.error("failed", fatal=True)
            await end.event("recorded")
            assert await end.end() == Closing.STOPPING

    run(story)
    assert len(History(settings.history).list()) == 1


def test_a_recording_ends_at_the_limit_of_the_setting(settings: Settings, portrait_file: Path) -> None:
    async def story() -> None:
        host = LiveHost(settings.model_copy(update={"live_record_minutes": 0.2 / 60}))
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            end.say({"type": "record"})
            await end.event("recording")
            end.say({"type": "audio", "sample_rate": 16000}, tone(1.0, 16000).tobytes(), {"type": "flush"})
            await end.event("started")
            kinds = {(await end.event("recorded", "finished"))["type"] for _ in range(2)}
            assert kinds == {"recorded", "finished"}
        host.close()
        (entry,) = History(settings.history).list()
        assert entry.result.frames == 5

    run(story)


def test_a_full_disk_costs_the_recording_and_nothing_else(
    host: LiveHost, settings: Settings, portrait_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            monkeypatch.setattr(VideoEncoder, "add", full)
            end.say({"type": "record"})
            await end.event("recording")
            end.say({"type": "audio", "sample_rate": 16000}, tone(1.0, 16000).tobytes(), {"type": "flush"})
            events = [await end.event("started", "finished", "error") for _ in range(3)]
            (error,) = [one for one in events if one["type"] == "error"]
            assert (error["code"], error["fatal"]) == ("not_written", False)
            assert "not enough disk space" in error["message"]
            assert list(settings.outputs.glob("**/*.mp4")) == []
            assert list(settings.outputs.glob("**/.joystudio-*")) == []
            monkeypatch.undo()
            end.say({"type": "record"})
            await end.event("recording")
            await speak(end, tone(0.2), RATE)

    run(story)
    assert len(History(settings.history).list()) == 1


def test_what_cannot_be_recorded_says_so(settings: Settings, portrait_file: Path) -> None:
    async def story() -> None:
        host = LiveHost(settings.model_copy(update={"live_record_minutes": 0}))
        async with opened(host, portrait_file) as end:
            end.say({"type": "record"})
            assert "records no" in await end.error("bad_message")
        host.close()
        blocked = settings.outputs
        blocked.write_text("a file where the folder should be")
        host = LiveHost(settings)
        async with opened(host, portrait_file, paced=False) as end:
            end.say({"type": "record"})
            await end.error("not_written")
            end.say({"type": "close"})
            assert await end.end() == Closing.DONE
        host.close()

    run(story)


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("lost", [False, True])
def test_an_error_that_ends_a_session_comes_after_what_became_of_its_recording(
    host: LiveHost, portrait_file: Path, talk: Talk, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            end.say({"type": "record"})
            ident = (await end.event("recording"))["id"]
            await speak(end, tone(0.4), RATE)
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
            end.say({"type": "record"})
            ident = (await end.event("recording"))["id"]
            await speak(end, tone(0.4), RATE)
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
    opening = Opening(portrait=portrait_file, engine="talker", paced=False, visitor="ann", owner="ann")

    async def story() -> None:
        async with connected(host) as first:
            first.say({"type": "open", "ticket": host.tickets.issue(opening), "picture": "none"})
            again = (await first.event("ready"))["ticket"]
            first.say({"type": "record"})
            ident = (await first.event("recording"))["id"]
            await speak(first, tone(0.4), RATE)
            # The server does not know yet that the page has lost this connection.
            async with connected(host) as second:
                second.say({"type": "open", "ticket": again, "picture": "none"})
                await second.event("ready")
                may_write.set()
                assert (await second.event("recorded"))["id"] == ident
            assert await first.end() == Closing.DONE

    run(story)


def test_a_recording_without_a_picture_is_none(
    host: LiveHost, settings: Settings, portrait_file: Path
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, PROGRAM, paced=False) as end:
            end.say({"type": "record"}, {"type": "stop_recording"})
            await end.event("recording")
            assert "before its first picture" in await end.error("not_written")
        assert list(settings.outputs.glob("*.mp4")) == []

    run(story)
