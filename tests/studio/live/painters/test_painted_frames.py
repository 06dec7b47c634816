"""What a process paints is what a thread paints."""

from __future__ import annotations

import asyncio
import gc
import math
import os
from pathlib import Path

import numpy as np
import pytest

from media.errors import EngineError, OptionError
from media.performance.blendshapes import BLENDSHAPES
from media.portrait import Portrait
from studio.live import LiveFrame, LivePlaces, LiveSession
from studio.live.painters.pictures import SLOTS, SharedPictures, Slots, anonymous_file, keeps_its_size
from studio.settings import Settings
from tests.studio.live.sessions import RATE, opened, run


async def conversation(portrait: Portrait, pcm: bytes, places: LivePlaces | None) -> list[LiveFrame]:
    """Two voices of other rates, an interruption, a pause that is cut and other options."""
    async with opened(portrait, paced=False, seed=3, places=places, curves=True) as (session, _):
        reader = session.run()
        await session.push_audio(pcm, RATE)
        frames = [await anext(reader) for _ in range(12)]
        session.interrupt()
        session.set_options(mouth_opening=1.6, head_motion=0.5)
        frames += [await anext(reader) for _ in range(5)]
        for start in range(0, 30000, 3000):
            await session.push_audio(pcm[start : start + 3000], 44100, message_id="second")
        await session.flush()
        while not frames[-1].end_of_speech:
            frames.append(await anext(reader))
        return frames


def test_a_process_paints_the_frames_of_a_thread(portrait: Portrait, pcm: bytes, places: LivePlaces) -> None:
    in_thread = asyncio.run(conversation(portrait, pcm, None))
    in_process = asyncio.run(conversation(portrait, pcm, places))
    assert len(in_process) == len(in_thread) > 20
    for one, other in zip(in_thread, in_process, strict=True):
        assert one.rgb_image is not None
        assert other.rgb_image is not None
        np.testing.assert_array_equal(one.rgb_image, other.rgb_image)
        assert one.changed == other.changed
        assert one.audio_chunk is None or one.samples.tobytes() == other.samples.tobytes()
        assert (one.speaking, one.position) == (other.speaking, other.position)
        assert one.curves is not None
        assert other.curves is not None
        for curve, same in zip(one.curves, other.curves, strict=True):
            np.testing.assert_array_equal(curve, same)
    opened = [one.curves.blendshapes[BLENDSHAPES.index("jawOpen")] for one in in_thread if one.curves]
    assert max(opened) > 0.1


def test_a_picture_that_was_handed_out_never_changes(
    portrait: Portrait, pcm: bytes, places: LivePlaces
) -> None:
    async def story() -> None:
        held, copies = [], []
        async with opened(portrait, paced=False, places=places) as (session, _):
            held.append(session.get_first_frame())
            await session.push_audio(pcm, RATE, last_chunk=True)
            async for frame in session.run():
                assert frame.rgb_image is not None
                if len(held) < 2 * SLOTS:
                    held.append(frame.rgb_image[10:100])  # a part holds the whole
                    copies.append(held[-1].copy())
                if frame.end_of_speech:
                    break
        assert len(held) == 2 * SLOTS
        for part, copy in zip(held[1:], copies, strict=True):
            np.testing.assert_array_equal(part, copy)
            assert not part.flags.writeable
            with pytest.raises(ValueError, match="WRITEABLE"):
                part.flags.writeable = True

    run(story)


def test_a_slot_is_used_again_once_its_picture_is_gone() -> None:
    slots = Slots((2, 2, 3))
    file = anonymous_file(slots.size)
    pictures = SharedPictures(slots, file)
    os.close(file)
    held, used = [], []
    for _ in range(SLOTS + 2):
        used.append(pictures.begin())
        held.append(pictures.take())
    assert used == [*range(SLOTS), SLOTS, SLOTS], "the last ones are copied through the same slot"
    part = held[3][0]
    held.clear()
    assert pictures.begin() != 3
    del part
    assert pictures.begin() == 3


def test_shared_memory_keeps_its_size(tmp_path: Path) -> None:
    size = Slots((2, 2, 3)).size
    file = anonymous_file(size)
    assert keeps_its_size(file, size)
    assert not keeps_its_size(file, size + 1)
    with pytest.raises(PermissionError):
        os.ftruncate(file, 0)
    os.close(file)
    (tmp_path / "file").write_bytes(bytes(size))
    with (tmp_path / "file").open("rb") as on_disk:
        assert not keeps_its_size(on_disk.fileno(), size)


def test_memory_that_a_painter_could_cut_off_is_refused() -> None:
    """To read what was cut off would end the server."""
    slots = Slots((2, 2, 3))
    file = os.memfd_create("unsealed", os.MFD_CLOEXEC)
    os.ftruncate(file, slots.size)
    with pytest.raises(EngineError, match="unexpected answer"):
        SharedPictures(slots, file)
    os.close(file)


def test_sessions_leave_nothing_in_the_process(portrait: Portrait, places: LivePlaces) -> None:
    async def story() -> None:
        def open_files(pid: int | str) -> int:
            return len(list(Path(f"/proc/{pid}/fd").iterdir()))

        def pictures(pid: int | str) -> int:
            return Path(f"/proc/{pid}/maps").read_text().count("joystudio-live")

        async def come_and_go() -> None:
            async with await LiveSession.open(portrait, places=places) as session:
                await anext(session.run())

        gc.collect()  # errors of earlier tests still hold their sessions
        await come_and_go()
        assert places.processes is not None
        (pid,) = places.processes.pids
        async with await LiveSession.open(portrait, places=places) as session:
            await anext(session.run())
            files = open_files(pid)
            for _ in range(5):
                await come_and_go()
            assert places.processes.pids == [pid]
            while open_files(pid) > files or pictures(pid) > 1 or pictures("self") > 1:
                await asyncio.sleep(0)
        assert places.taken == 0

    run(story)


def test_sessions_share_the_processes_evenly(portrait: Portrait) -> None:
    async def story() -> None:
        places = LivePlaces(Settings(live_painters=2))
        assert places.processes is not None
        assert places.processes.pids == []
        sessions = []
        for most in (1, 2, 2):
            sessions.append(await LiveSession.open(portrait, places=places, unread_seconds=math.inf))
            assert len(places.processes.pids) == most
        assert (await asyncio.gather(*(anext(session.run()) for session in sessions)))[2].has_image
        for session in sessions:
            await session.shutdown()
        places.close()

    run(story)


def test_zero_processes_are_threads(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        places = LivePlaces(Settings(live_painters=0))
        assert places.processes is None
        async with opened(portrait, places=places) as (session, _):
            assert (await anext(session.run())).has_image
        places.close()

    run(story)
    with pytest.raises(OptionError, match="JOYSTUDIO_LIVE_PAINTERS"):
        Settings(live_painters=-1)
