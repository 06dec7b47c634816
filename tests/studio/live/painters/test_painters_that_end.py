"""Processes that paint, and die."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engines.preview.options import PreviewOptions
from media.errors import EngineError, LineFull, LiveEnded, NoFaceError
from media.portrait import Portrait
from studio.live import LivePlaces, LiveSession
from studio.live.painters.messages import (
    FAILED,
    FaceOpened,
    failed,
    failure,
    packed,
    receive,
    unpacked_curves,
)
from studio.live.painters.pool import Painters
from studio.live.painters.process import Deadlines
from studio.settings import Settings
from tests.studio.live.painters.processes import DeadlySetup, HangingSetup, Watched
from tests.studio.live.sessions import RATE, opened, run

SERVER = """
import asyncio, sys
from studio.live import LivePlaces, LiveSession
from studio.settings import Settings

async def serve():
    places = LivePlaces(Settings(live_painters=1))
    session = await LiveSession.open(sys.argv[1], places=places)
    async for frame in session.run():
        if frame.frame_index == 0:
            print(places.processes.pids[0], flush=True)

asyncio.run(serve())
"""


def pid_of(places: LivePlaces) -> int:
    assert places.processes is not None
    (pid,) = places.processes.pids
    return pid


def test_a_process_that_dies_ends_its_sessions_and_the_next_gets_another(
    portrait: Portrait, pcm: bytes, places: LivePlaces
) -> None:
    async def story() -> None:
        async with (
            opened(portrait, paced=False, places=places) as (read, _),
            opened(portrait, paced=False, places=places) as (unread, _),
        ):
            waiting = asyncio.ensure_future(anext(read.run()))
            await asyncio.sleep(0)
            killed = pid_of(places)
            os.kill(killed, signal.SIGKILL)
            with pytest.raises(LiveEnded, match="process that paints the session has ended") as told:
                await waiting
            assert isinstance(told.value.__cause__, EngineError)
            while places.taken:
                await asyncio.sleep(0)
            with pytest.raises(LiveEnded, match="process that paints the session has ended"):
                await unread.push_audio(pcm, RATE)
            async with opened(portrait, places=places) as (session, _):
                assert (await anext(session.run())).has_image
                assert pid_of(places) != killed

    run(story)


def test_a_process_that_died_between_sessions_is_replaced(
    portrait: Portrait, places: LivePlaces, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with opened(portrait, places=places):
            process = Watched(pid_of(places))
        os.kill(pid_of(places), signal.SIGKILL)
        assert process.ended()
        process.close()
        async with opened(portrait, places=places) as (session, _):
            assert (await anext(session.run())).has_image

    with caplog.at_level(logging.WARNING, "joystudio.live"):
        run(story)
    assert "ended with exit code -9" in caplog.text


def test_a_portrait_that_ends_a_process_is_not_given_to_another(portrait: Portrait) -> None:
    painters = Painters(2)
    deadly = DeadlySetup(portrait, "preview", PreviewOptions(), 0, 0.08, "cpu")
    with pytest.raises(EngineError, match="ended while it opened the portrait"):
        painters.open(deadly)
    while painters.pids:  # it is gone a moment later, and there was no other
        os.sched_yield()
    painters.close()


def test_a_process_that_hangs_as_it_opens_a_portrait_is_ended(portrait: Portrait) -> None:
    painters = Painters(1, Deadlines(opening=0.5))
    painters.start()
    process = Watched(painters.pids[0])
    hanging = HangingSetup(portrait, "preview", PreviewOptions(), 0, 0.08, "cpu")
    with pytest.raises(EngineError, match=r"did not answer for 0\.5 s"):
        painters.open(hanging)
    assert painters.pids == []
    assert process.ended(0.0), "it is awaited"
    process.close()
    painters.close()


def test_a_process_that_hangs_as_it_paints_ends_its_sessions_and_the_next_gets_another(
    portrait: Portrait, pcm: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        places = LivePlaces(Settings(live_sessions=8, live_painters=1), Deadlines(frame=0.5))
        async with (
            opened(portrait, paced=False, places=places) as (read, _),
            opened(portrait, paced=False, places=places) as (unread, _),
        ):
            stopped = pid_of(places)
            process = Watched(stopped)
            os.kill(stopped, signal.SIGSTOP)
            await read.push_audio(pcm, RATE)
            with pytest.raises(LiveEnded, match=r"did not answer for 0\.5 s") as told:
                await anext(read.run())
            assert isinstance(told.value.__cause__, EngineError)
            while places.taken:
                await asyncio.sleep(0)
            with pytest.raises(LiveEnded, match=r"did not answer for 0\.5 s"):
                await unread.push_audio(pcm, RATE)
            assert process.ended()
            process.close()
            async with opened(portrait, places=places) as (session, _):
                assert session.get_first_frame().any()
                assert pid_of(places) != stopped
        places.close()

    with caplog.at_level(logging.WARNING, "joystudio.live"):
        run(story)
    assert caplog.text.count("did not answer for 0.5 s; it is killed") == 1


def test_a_server_that_ends_ends_its_processes_and_sessions(portrait: Portrait) -> None:
    async def story() -> None:
        places = LivePlaces(Settings(live_painters=1))
        async with opened(portrait, places=places) as (session, _):
            process = Watched(pid_of(places))
            reader = session.run()
            await anext(reader)
            places.close()
            places.close()
            assert process.ended(0.0), "it is awaited"
            process.close()
            while places.taken:
                await asyncio.sleep(0)
            with pytest.raises(LiveEnded, match="has ended"):
                await anext(reader)
            with pytest.raises(LineFull, match="shutting down"):
                await LiveSession.open(portrait, places=places)

    run(story)


def test_no_process_outlives_a_server_that_is_killed(portrait_file: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(portrait_file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with server:
        assert server.stdout is not None
        process = Watched(int(server.stdout.readline()))
        server.kill()
        server.wait(30)
    assert process.ended()
    process.close()


def test_an_opening_that_is_given_up_takes_no_place(portrait: Portrait, places: LivePlaces) -> None:
    async def story() -> None:
        for steps in range(1, 6):
            opening = asyncio.create_task(LiveSession.open(portrait, places=places))
            for _ in range(steps):
                await asyncio.sleep(0)
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
        while places.taken:
            await asyncio.sleep(0)

    run(story)


def test_an_error_keeps_its_kind_its_template_and_its_place() -> None:
    def unreadable() -> Exception:
        class Local(ValueError):
            pass

        return Local("odd")

    try:
        raise NoFaceError("No face in {name}.", name="a.png")
    except NoFaceError as error:
        there = failed(failure(error))
    assert isinstance(there, NoFaceError)
    assert there.message.template == "No face in …."
    assert "test_painters_that_end" in "".join(there.__notes__)
    other = failed(failure(unreadable()))
    assert isinstance(other, EngineError)
    assert str(other) == "Local: odd"


def test_an_answer_of_a_painter_is_checked() -> None:
    face = FaceOpened(25, 1280, (512, 640, 3))
    assert FaceOpened.of(face.body).shape == face.shape
    for odd in (b"", b"[25, 1280]", b'[25, 1280, [512, "x", 3]]', b"\x80\x04N."):
        with pytest.raises(EngineError, match="unexpected answer"):
            FaceOpened.of(odd)
    for odd in (b"", b"{}", b'{"error": "said", "text": "", "trace": ""}', b"\x80\x04N."):
        assert "unexpected answer" in str(failed(FAILED + odd))
    for odd in (b"", b"\0" * 243, b"\0" * 248):
        assert unpacked_curves(odd) is None
    values, angles = unpacked_curves(np.full(61, np.nan, "<f4").tobytes()) or pytest.fail("no curves")
    assert not values.any()
    assert not angles.any()


def test_a_proposal_for_an_animal_comes_along() -> None:
    error = NoFaceError("No face.")
    error.proposals = (((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)),)
    there = failed(failure(error))
    assert isinstance(there, NoFaceError)
    assert there.proposals == error.proposals


def test_a_message_may_come_in_parts_and_a_connection_may_end() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        for part in (packed(b"whole"), packed(b"ha")[:-1]):
            ours.sendall(part)
        assert receive(theirs) == b"whole"
        ours.close()
        assert receive(theirs) == b""
