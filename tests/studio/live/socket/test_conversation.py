"""What a program relies on that drives a live session over a connection."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from studio.live.frame import LiveFrame
from studio.live.socket import Client, LiveHost
from studio.live.socket.carrying import CarriedConversation
from studio.live.socket.connection import Closing
from studio.settings import Settings
from tests.studio.live.socket.other_end import OPEN, Frame, OtherEnd, connected, opened, run
from tests.studio.live.talker import Talk

RATE = 24000


def noise(seconds: float, rate: int = RATE) -> np.ndarray:
    return np.random.default_rng(1).integers(500, 9000, round(seconds * rate)).astype("<i2")


async def voice_of(end: OtherEnd) -> list[Frame]:
    """The frames up to the end of the voice that speaks."""
    frames: list[Frame] = []
    while not frames or not frames[-1].end_of_speech:
        frames.append(await end.frame())
    return frames


def test_a_voice_comes_back_sample_for_sample_between_its_events(host: LiveHost, portrait_file: Path) -> None:
    sound = noise(0.5)

    async def story() -> None:
        async with connected(host) as end:
            end.say(OPEN | {"paced": False, "options": {"level": 7}}, portrait_file.read_bytes())
            ready = await end.event("ready")
            assert (ready["version"], ready["fps"], ready["sample_rate"]) == (1, 25, 16000)
            assert (ready["width"], ready["height"], ready["picture"]) == (8, 8, "rgb")
            assert ready["options"]["level"] == 7
            level = {"kind": "integer", "default": 0, "minimum": 0, "maximum": 255}
            assert ready["ranges"] == {"level": level}
            end.say({"type": "audio", "sample_rate": RATE, "message_id": "m1"})
            for start in range(0, sound.nbytes, 3000):
                end.say(sound.tobytes()[start : start + 3000])
            end.say({"type": "flush"})
            assert await end.event("format") == {"type": "format", "sample_rate": RATE}
            started = await end.event("started")
            assert started == {"type": "started", "frame_index": 0, "message_id": "m1", "sample_rate": RATE}
            frames = await voice_of(end)
            assert [frame.index for frame in frames] == list(range(len(frames)))
            assert all(frame.speaking and frame.delay is not None for frame in frames)
            np.testing.assert_array_equal(
                np.concatenate([frame.samples for frame in frames])[: len(sound)], sound
            )
            # A picture comes once, as long as it stays the same.
            assert [frame.picture for frame in frames] == [bytes([7] * 192)] + [None] * (len(frames) - 1)
            finished = await end.event("finished")
            assert (finished["frame_index"], finished["message_id"]) == (frames[-1].index, "m1")
            assert finished["position"] == pytest.approx(len(frames) / 25)
            end.say({"type": "close"})
            assert await end.end() == Closing.DONE

    run(story)


def test_pictures_come_as_jpeg_or_png_or_not_at_all(host: LiveHost, portrait_file: Path) -> None:
    async def picture(kind: str) -> bytes | None:
        async with opened(host, portrait_file, picture=kind, options={"level": 90}) as end:
            return (await end.frame()).picture

    async def story() -> None:
        for kind, head in (("jpeg", b"\xff\xd8"), ("png", b"\x89PNG")):
            found = await picture(kind)
            assert found is not None
            assert found.startswith(head)
            image = cv2.imdecode(np.frombuffer(found, np.uint8), cv2.IMREAD_COLOR)
            assert image.shape == (8, 8, 3)
            assert abs(int(image[0, 0, 0]) - 90) < 3
        assert await picture("none") is None

    run(story)


def test_options_change_in_flight_and_say_so(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file) as end:
            end.say({"type": "options", "values": {"level": 200}})
            assert (await end.event("options"))["values"]["level"] == 200
            while (await end.frame()).picture != bytes([200] * 192):
                pass
            end.say({"type": "options", "values": {"fps": 30}})
            assert "fixed while a live session runs" in await end.error("bad_option")
            end.say({"type": "options", "values": {"self": 1}})
            await end.error("bad_option")

    run(story)


def test_who_is_behind_gets_the_sound_and_no_pictures_until_it_has_caught_up(
    host: LiveHost, portrait_file: Path
) -> None:
    async def until(end: OtherEnd, index: int) -> list[Frame]:
        frames = [await end.frame()]
        while frames[-1].index < index:
            frames.append(await end.frame())
        return frames

    async def story() -> None:
        async with opened(host, portrait_file) as end:
            await end.frame()
            end.say({"type": "shown", "frame_index": 0})
            await until(end, 15)  # half a second is twelve frames and a half
            end.say({"type": "options", "values": {"level": 200}})
            await end.event("options")
            behind = await until(end, 20)
            assert [frame.picture for frame in behind] == [None] * len(behind)
            assert all(len(frame.samples) for frame in behind)
            end.say({"type": "shown", "frame_index": behind[-1].index})
            caught_up = await until(end, behind[-1].index + 5)
            assert {frame.picture for frame in caught_up if frame.picture} == {bytes([200] * 192)}

    run(story)


def test_without_a_pace_nobody_is_behind(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, paced=False) as end:
            end.say({"type": "shown", "frame_index": 0})
            end.say(noise(2.0, 16000).tobytes())
            await end.event("started")
            for _ in range(25):
                await end.frame()
            end.say({"type": "options", "values": {"level": 200}}, noise(1.0, 16000).tobytes())
            end.say({"type": "flush"})
            await end.event("options")
            assert bytes([200] * 192) in {frame.picture for frame in await voice_of(end)}

    run(story)


def test_an_interruption_passes_the_sound_that_waits(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file) as end:
            end.say({"type": "audio", "sample_rate": RATE, "message_id": "long"})
            end.say(noise(30.0).tobytes(), noise(15.0).tobytes())
            await end.event("format")
            await end.event("started")
            frames = [await end.frame() for _ in range(3)]
            end.say({"type": "interrupt"})
            interrupted = await end.event("interrupted")
            heard = len(frames) + sum(frame.speaking for frame in end.frames[1:])
            assert interrupted["message_id"] == "long"
            assert interrupted["position"] + interrupted["dropped"] == pytest.approx(45.0, abs=0.002)
            assert interrupted["position"] <= heard / 25 + 0.04
            for _ in range(5):
                frame = await end.frame()
                assert not frame.speaking
                assert not frame.samples.any()
            end.say(
                {"type": "audio", "sample_rate": 16000, "message_id": "next"}, noise(0.2, 16000).tobytes()
            )
            end.say({"type": "flush"})
            await end.event("format")
            assert (await end.event("started"))["message_id"] == "next"
            assert (await end.event("finished"))["message_id"] == "next"

    run(story)


def test_more_sound_than_can_wait_is_refused_and_an_interruption_behind_it_is_heard(
    host: LiveHost, portrait_file: Path
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file) as end:
            minute = bytes(2 * 48000 * 60)
            end.say({"type": "audio", "sample_rate": 48000}, *[minute] * 3, {"type": "interrupt"})
            events = [await end.event("format", "started", "error", "interrupted") for _ in range(2)]
            while events[-1]["type"] != "interrupted":
                events.append(await end.event("started", "error", "interrupted"))
            (error,) = [one for one in events if one["type"] == "error"]
            assert error["code"] == "bad_sound"
            assert "no more than 16 MB" in error["message"]
            interrupted = events[-1]
            assert interrupted["position"] + interrupted["dropped"] == pytest.approx(120.0, abs=0.01)

    run(story)


@pytest.mark.parametrize(
    ("message", "code", "says"),
    [
        ("{", "bad_message", "not JSON"),
        ("[1]", "bad_message", "no type"),
        ('{"type": "sing"}', "bad_message", "unknown type sing"),
        ('{"type": "flush", "now": true}', "bad_message", "no field now"),
        ('{"type": "options"}', "bad_message", "needs the field values"),
        ('{"type": "audio", "sample_rate": "fast"}', "bad_sound", "sample rate of 'fast'"),
        ('{"type": "audio", "sample_rate": 4000}', "bad_sound", "sample rate of 4000"),
        ('{"type": "audio", "sample_rate": 16000, "message_id": 1}', "bad_message", "message_id"),
        ('{"type": "offer", "sdp": "v=0"}', "bad_message", "no pace"),
        ("[" * 60_000, "bad_message", "levels"),
        ('{"type": "' + "x" * 200_000 + '"}', "bad_message", "at most"),
        (b"\0", "bad_sound", "odd number"),
    ],
)
def test_what_cannot_be_used_is_refused_and_the_session_goes_on(
    host: LiveHost, portrait_file: Path, message: Any, code: str, says: str
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, paced=False) as end:
            end.say(message)
            assert says in await end.error(code)
            end.say(noise(0.2, 16000).tobytes(), {"type": "flush"})
            await end.event("started")
            await end.event("finished")

    run(story)


def test_a_second_open_is_refused_and_its_portrait_is_not_heard(host: LiveHost, portrait_file: Path) -> None:
    data = portrait_file.read_bytes()

    async def story() -> None:
        async with opened(host, portrait_file, paced=False) as end:
            end.say(OPEN, data, OPEN | {"portrait_bytes": len(data)}, data[:100], data[100:])
            for _ in range(2):
                assert "a session already" in await end.error("bad_message")
            end.say(noise(0.2, 16000).tobytes(), {"type": "flush"})
            await end.event("started")
            frames = await voice_of(end)
            assert len(frames) == 5

    run(story)


def test_endless_nonsense_ends_the_connection(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, paced=False) as end:
            end.say(*["nonsense"] * 51)
            for _ in range(50):
                await end.error("bad_message")
            assert "51 messages" in await end.error("bad_message", fatal=True)
            assert await end.end() == Closing.NOT_UNDERSTOOD

    run(story)


def test_who_does_not_read_is_ended(portrait_file: Path) -> None:
    async def story() -> None:
        host = LiveHost(Settings(live_unread_seconds=0.5))
        async with opened(host, portrait_file) as end:
            end.reads.clear()
            while host.places.taken:
                await asyncio.sleep(0.01)
        host.close()

    run(story)


def test_who_sends_nothing_is_ended(portrait_file: Path) -> None:
    async def story() -> None:
        host = LiveHost(Settings(live_unread_seconds=0.5, live_idle_minutes=0.3 / 60))
        async with connected(host) as end:
            assert "within 0.5 s" in await end.error("ended", fatal=True)
            assert await end.end() == Closing.UNUSED
        async with opened(host, portrait_file) as end:
            await end.error("ended", fatal=True)
            assert await end.end() == Closing.UNUSED
        host.close()

    run(story)


def test_sound_that_comes_by_webrtc_counts_as_something_that_comes(portrait_file: Path) -> None:
    class Microphone:
        """Sends silence with every frame, past the connection."""

        def __init__(self, conversation: CarriedConversation) -> None:
            self._conversation = conversation
            self._sending: list[asyncio.Task[None]] = []

        async def answer(self, sdp: str) -> str:
            self._conversation.carry(self._hear)
            return sdp

        def _hear(self, frame: LiveFrame) -> None:
            adding = self._conversation.sound.add(bytes(640), 16000, None)
            self._sending.append(asyncio.ensure_future(adding))

        async def close(self) -> None:
            await asyncio.gather(*self._sending)

    async def story() -> None:
        host = LiveHost(Settings(live_idle_minutes=0.4 / 60))
        host.offers = Microphone
        async with opened(host, portrait_file) as end:
            end.say({"type": "offer", "sdp": "v=0"})
            await end.event("answer")
            await end.event("started")
            while (await end.frame()).index < 20:  # twice as long as nothing may come
                pass
        host.close()

    run(story)


def test_a_microphone_that_sends_only_bytes_counts_as_something_that_comes(portrait_file: Path) -> None:
    async def story() -> None:
        host = LiveHost(Settings(live_idle_minutes=0.4 / 60))
        async with opened(host, portrait_file, picture="none") as end:
            frames = 0
            while frames < 20:  # twice as long as nothing may come
                end.say(bytes(1280))  # as long as a frame
                frames += isinstance(await end.next(), Frame)
            end.say({"type": "interrupt"})
            await end.event("interrupted")
            await end.error("ended", fatal=True)  # a session without news still ends
        host.close()

    run(story)


def test_a_picture_that_takes_long_to_encode_holds_up_no_other_portrait(
    portrait_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_encode, encoding = threading.Event(), threading.Event()

    def slowly(image: np.ndarray, kind: str) -> bytes:
        encoding.set()
        assert may_encode.wait(30)
        return image.tobytes()

    monkeypatch.setattr("studio.live.places.usable_cores", lambda: 2)  # one thread of each kind
    monkeypatch.setattr("studio.live.socket.frames.encoded", slowly)

    async def story() -> None:
        host = LiveHost(Settings(live_sessions=2))
        async with opened(host, portrait_file) as slow, opened(host, portrait_file, picture="none") as quick:
            assert await asyncio.to_thread(encoding.wait, 20)
            try:
                frames = [await quick.frame() for _ in range(10)]
            finally:
                may_encode.set()
            assert frames[-1].index == 9
            assert (await slow.frame()).picture
        host.close()

    run(story)


def test_an_engine_that_fails_ends_the_session_and_says_so(
    host: LiveHost, portrait_file: Path, talk: Talk
) -> None:
    async def story() -> None:
        async with opened(host, portrait_file) as end:
            talk.failure = ValueError("a bad day")
            assert "a bad day" in await end.error("ended", fatal=True)
            assert await end.end() == Closing.FAILED

    run(story)


def test_a_server_that_stops_says_so_to_all(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with connected(host, Client("ann")) as waiting, opened(host, portrait_file) as end:
            await asyncio.to_thread(host.end)
            for one in (waiting, end):
                assert "server stops" in await one.error("failed", fatal=True)
                assert await one.end() == Closing.STOPPING
        async with connected(host) as late:
            await late.error("failed", fatal=True)
            assert await late.end() == Closing.STOPPING

    run(story)
