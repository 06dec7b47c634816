from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import LiveEnded, LiveError, OptionError, PortraitError, SpeechError
from media.portrait import Portrait
from studio.live import LiveFrame, LivePlaces, LiveSession
from studio.settings import Settings
from tests.studio.live.virtual_clock import VirtualClock

RATE = 16000


@asynccontextmanager
async def opened(portrait: Portrait, **how: Any) -> AsyncIterator[tuple[LiveSession, VirtualClock]]:
    clock = VirtualClock()
    async with await LiveSession.open(portrait, clock=clock, **how) as session:
        yield session, clock


async def frames_of(session: LiveSession, count: int) -> list[LiveFrame]:
    """The next frames; the session can be read on after them."""
    found: list[LiveFrame] = []
    reader = session.run()
    async for frame in reader:
        found.append(frame)
        if len(found) == count:
            break
    await reader.aclose()  # type: ignore[attr-defined]
    return found


async def spoken(
    portrait: Portrait, pcm: bytes, sizes: Sequence[int], *, rate: int = RATE, **how: Any
) -> list[LiveFrame]:
    """The frames of one voice without a pace, pushed in pieces of these sizes in bytes, again and again."""
    async with opened(portrait, paced=False, **how) as (session, _):

        async def push() -> None:
            start = number = 0
            while start < len(pcm):
                size = sizes[number % len(sizes)]
                await session.push_audio(pcm[start : start + size], rate)
                await asyncio.sleep(0)
                start, number = start + size, number + 1
            await session.flush()

        pushing = asyncio.create_task(push())
        frames = []
        async for frame in session.run():
            frames.append(frame)
            if frame.end_of_speech:
                break
        await pushing
        return frames


def picture(frame: LiveFrame) -> np.ndarray:
    assert frame.rgb_image is not None
    return frame.rgb_image


def sound_of(frames: Sequence[LiveFrame]) -> np.ndarray:
    return np.concatenate([frame.samples for frame in frames])


def voice_of(frames: Sequence[LiveFrame]) -> bytes:
    return b"".join(frame.audio_chunk.bytes for frame in frames if frame.audio_chunk)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


# The same sound, the same frames


@settings(max_examples=6, deadline=None)
@given(sizes=st.lists(st.integers(1, 4000).map(lambda n: 2 * n), min_size=1, max_size=12))
def test_frames_do_not_depend_on_how_the_sound_is_cut(
    portrait: Portrait, pcm: bytes, sizes: list[int]
) -> None:
    part = pcm[:12000]
    whole = asyncio.run(spoken(portrait, part, [len(part)]))
    cut = asyncio.run(spoken(portrait, part, sizes))
    assert len(cut) == len(whole) == 10
    for one, other in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(picture(one), picture(other))
        assert one.changed == other.changed


@pytest.mark.parametrize("milliseconds", [1, 20, 40, 100, 1000])
@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000])
def test_every_rate_in_every_usual_piece_comes_back_sample_for_sample(
    portrait: Portrait, pcm: bytes, rate: int, milliseconds: int
) -> None:
    part = pcm[: 2000 if milliseconds == 1 else 9000]
    frames = asyncio.run(spoken(portrait, part, [2 * (rate * milliseconds // 1000)], rate=rate))
    assert voice_of(frames)[: len(part)] == part
    assert not any(voice_of(frames)[len(part) :])
    assert {frame.sample_rate for frame in frames} == {rate}
    assert {len(frame.samples) for frame in frames} == {rate // 25}
    assert [frame.frame_index for frame in frames] == list(range(len(frames)))


def test_lips_move_with_the_voice(portrait: Portrait, pcm: bytes) -> None:
    frames = asyncio.run(spoken(portrait, pcm, [640]))
    still = asyncio.run(spoken(portrait, bytes(len(pcm)), [640]))
    mouth = (slice(80, 120), slice(40, 90))
    moved = [
        np.abs(picture(a)[mouth].astype(int) - picture(b)[mouth]).mean()
        for a, b in zip(frames, still, strict=True)
    ]
    assert max(moved) > 3.0
    assert frames[0].bgr_image is not None
    np.testing.assert_array_equal(frames[0].bgr_image[..., ::-1], picture(frames[0]))


# Pace


def test_a_paced_session_is_never_still_and_keeps_time(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            begun = clock.now()
            frames = await frames_of(session, 100)
            assert abs(clock.now() - begun - 99 / session.settings.FPS) < 1e-6
            assert not sound_of(frames).any()
            assert all(frame.audio_chunk is None for frame in frames)
            assert 3 < sum(frame.changed for frame in frames) < 90
            np.testing.assert_array_equal(session.get_first_frame().shape, (128, 128, 3))

    run(story)


def test_a_voice_waits_for_the_sound_ahead_and_begins_as_soon_as_it_is_there(
    portrait: Portrait, pcm: bytes
) -> None:
    async def story() -> None:
        async with opened(portrait, look_ahead_ms=80) as (session, clock):
            reader = session.run()
            await session.push_audio(pcm[: 2 * 119 * 16], RATE)
            assert not (await anext(reader)).speaking, "119 ms are one too few for 40 ms and 80 ms ahead"
            clock.pass_time(0.03)
            await session.push_audio(pcm[2 * 119 * 16 : 2 * 120 * 16], RATE)
            before = clock.now()
            frame = await anext(reader)
            assert frame.speaking
            assert clock.now() == before, "no wait for the next frame of the grid"
            assert frame.delay == 0.0

    run(story)


def test_sound_that_comes_too_slowly_leaves_gaps_and_is_not_lost(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            frames = []
            for start in range(0, len(pcm), 960):  # 30 ms in every 40 ms
                await session.push_audio(pcm[start : start + 960], RATE)
                frames.append(await anext(reader))
            await session.flush()
            while not frames[-1].end_of_speech:
                frames.append(await anext(reader))
            assert voice_of(frames)[: len(pcm)] == pcm
            assert any(not frame.speaking for frame in frames[10:-2])
            assert session.dropped_pictures == 0

    run(story)


def test_sound_that_comes_faster_is_spoken_in_real_time(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            await session.push_audio(pcm, RATE, last_chunk=True)
            begun = clock.now()
            frames = await frames_of(session, 40)
            assert abs(clock.now() - begun - 39 * 0.04) < 0.041
            assert voice_of(frames)[: len(pcm)] == pcm
            assert [frame.end_of_speech for frame in frames].index(True) == 32

    run(story)


def test_a_slow_reader_gets_all_sound_and_fewer_pictures(
    portrait: Portrait, pcm: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            await session.push_audio(pcm, RATE, last_chunk=True)
            frames: list[LiveFrame] = []
            async for frame in session.run():
                frames.append(frame)
                if frame.end_of_speech:
                    break
                clock.pass_time(0.05)
            assert voice_of(frames)[: len(pcm)] == pcm
            without = [frame for frame in frames if not frame.has_image]
            assert 3 < len(without) < len(frames)
            assert session.dropped_pictures == len(without)

    with caplog.at_level(logging.WARNING, "joystudio.live"):
        run(story)
    assert len([one for one in caplog.records if one.name == "joystudio.live"]) == 1


def test_a_session_that_stood_still_in_silence_goes_on_from_now(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            reader = session.run()
            await anext(reader)
            clock.pass_time(5.0)
            await anext(reader)
            before = clock.now()
            for _ in range(10):
                await anext(reader)
            assert abs(clock.now() - before - 0.4) < 1e-6

    run(story)


# Interruptions


def test_an_interruption_drops_the_sound_at_once_and_says_where(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            await session.push_audio(pcm, RATE, message_id="first")
            frames = [await anext(reader) for _ in range(12)]
            played = sum(frame.speaking for frame in frames)
            told = session.interrupt()
            assert told.position == played / 25
            assert told.source_message_id == "first"
            assert told.dropped == pytest.approx(len(pcm) / 2 / RATE - told.position)
            after = [await anext(reader) for _ in range(10)]
            assert not sound_of(after).any()
            assert session.waiting_seconds == 0.0

    run(story)


def test_a_frame_that_is_being_painted_is_handed_out_in_silence(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, _):
            await session.push_audio(pcm, RATE)
            reader = session.run()
            await anext(reader)
            painting = asyncio.ensure_future(anext(reader))
            await asyncio.sleep(0)
            told = session.interrupt()
            frame = await painting
            assert told.position == 1 / 25
            assert not frame.speaking
            assert not frame.samples.any()

    run(story)


def test_replies_are_clean_however_often_one_is_interrupted(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            for number in range(20):
                await session.push_audio(pcm, RATE, message_id=str(number))
                frames: list[LiveFrame] = []
                while sum(frame.speaking for frame in frames) < 3:
                    frames.append(await anext(reader))
                said = [frame for frame in frames if frame.speaking]
                assert {frame.source_message_id for frame in said} == {str(number)}
                assert voice_of(said) == pcm[: 3 * 1280]
                assert session.interrupt().position == 3 / 25

    run(story)


def test_what_waits_to_be_pushed_is_dropped_too(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            pushing = asyncio.create_task(session.push_audio(b"\1\0" * RATE * 30, RATE))
            for _ in range(60):
                await asyncio.sleep(0)
            assert not pushing.done(), "push_audio waits while 20 s wait"
            assert 20 < session.waiting_seconds < 22
            session.interrupt()
            await pushing
            assert session.waiting_seconds == 0.0

    run(story)


# Several voices


def test_another_rate_or_message_begins_another_voice(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, _):
            await session.push_audio(pcm[:5000], 16000, message_id="a")
            await session.push_audio(pcm[:5000], 24000, message_id="a")
            await session.push_audio(pcm[:5000], 24000, last_chunk=True, message_id="b")
            frames = []
            async for frame in session.run():
                frames.append(frame)
                if frame.end_of_speech and frame.source_message_id == "b":
                    break
            ends = [(f.sample_rate, f.source_message_id) for f in frames if f.end_of_speech]
            assert ends == [(16000, "a"), (24000, "a"), (24000, "b")]
            assert [f.position for f in frames if f.position == 0.0] == [0.0] * 3

    run(story)


def test_an_end_without_sound_is_no_fault(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            await session.flush()
            await session.push_audio(b"", RATE, last_chunk=True)
            frames = await frames_of(session, 5)
            assert not sound_of(frames).any()

    run(story)


# Options in flight


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


# Bad input


def test_sound_that_cannot_be_used_is_refused_and_the_session_goes_on(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, _):
            for rate in (7999, 48001, 16000.5, "16000", None, True, -1):
                with pytest.raises(SpeechError, match="8000 to 48000"):
                    await session.push_audio(pcm, rate)  # type: ignore[arg-type]
            with pytest.raises(SpeechError, match="3 bytes, an odd number"):
                await session.push_audio(b"abc", RATE)
            with pytest.raises(SpeechError, match="type list"):
                await session.push_audio([1, 2], RATE)  # type: ignore[arg-type]
            await session.push_audio(pcm, RATE, last_chunk=True)
            assert voice_of(await frames_of(session, 33))[: len(pcm)] == pcm

    run(story)


def test_one_reader_at_a_time(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            await anext(reader)
            with pytest.raises(LiveError, match="One reader"):
                await anext(session.run())
            assert (await anext(reader)).frame_index == 1

    run(story)


def test_a_session_that_is_never_read_ends(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        places = LivePlaces(Settings())
        async with opened(portrait, places=places) as (session, clock):
            await session.push_audio(pcm, RATE)
            for _ in range(5):
                clock.pass_time(2.6)
                for _ in range(10):
                    await asyncio.sleep(0)
            assert places.taken == 0
            with pytest.raises(LiveEnded, match="nothing read its frames"):
                await session.push_audio(pcm, RATE)
            with pytest.raises(LiveEnded, match="nothing read its frames"):
                await anext(session.run())

    run(story)


def test_a_reader_that_waits_for_sound_is_not_ended(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, clock):
            waiting = asyncio.ensure_future(anext(session.run()))
            for _ in range(10):
                clock.pass_time(10.0)
                await asyncio.sleep(0)
            await session.push_audio(pcm, RATE)
            assert (await waiting).speaking

    run(story)


def test_after_its_end_a_session_says_so(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            await anext(reader)
            await session.shutdown()
            await session.shutdown()
            assert [frame async for frame in reader] == []
            for call in (session.interrupt, session.set_options):
                with pytest.raises(LiveEnded, match="shut down"):
                    call()
            with pytest.raises(LiveEnded, match="shut down"):
                await session.flush()

    run(story)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"engine": "joyvasa"}, "choose preview"),
        ({"engine": "nothing"}, "nothing"),
        ({"look_ahead_ms": -1}, "0 to 1000"),
        ({"look_ahead_ms": "80"}, "0 to 1000"),
        ({"look_ahead_ms": float("nan")}, "0 to 1000"),
        ({"seed": -1}, "seed"),
        ({"options": {"mouth_opening": 9}}, "mouth_opening"),
    ],
)
def test_a_session_that_cannot_begin_says_why(portrait: Portrait, how: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        asyncio.run(LiveSession.open(portrait, **how))


def test_a_portrait_without_a_face_takes_no_place(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "grey.png"
    Image.new("RGB", (128, 128), "grey").save(path)
    places = LivePlaces(Settings())
    with pytest.raises(PortraitError):
        asyncio.run(LiveSession.open(path, places=places))
    assert places.taken == 0
