"""Recordings that a program asks for over a connection."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import numpy as np
import pytest

from media.sound_stream import open_sound
from media.video import VideoReader
from media.video_encoder import VideoEncoder
from studio.gallery.history import History
from studio.live.recorded_frames import RecordedFrames
from studio.live.socket import LiveHost
from studio.live.socket.connection import Closing
from studio.settings import Settings
from tests.studio.live.socket.other_end import opened, run
from tests.studio.live.socket.recorder.program import PROGRAM, RATE, full, speak, tone
from tests.studio.live.talker import TalkerFace


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
