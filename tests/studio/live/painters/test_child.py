"""What a process that paints answers; here, in this process."""

from __future__ import annotations

import asyncio
import mmap
import os
import pickle
import socket
from collections.abc import Iterator

import pytest

from studio.live.face_worker import FaceWorker, FrameWork
from studio.live.painters.child import Session
from studio.live.painters.messages import CHANGED, LEFT_OUT, SAME, failed, packed, receive
from studio.live.painters.pictures import Slots, anonymous_file
from tests.studio.live.talker import Talk, TalkerFace, TalkerOptions


@pytest.fixture
def asked(talk: Talk) -> Iterator[tuple[Session, socket.socket]]:
    """A session, and the server's end of its connection."""
    ours, theirs = socket.socketpair()
    slots = Slots((8, 8, 3))
    file = anonymous_file(slots.size)
    memory = mmap.mmap(file, slots.size)
    os.close(file)
    with ours, theirs:
        yield Session(theirs, FaceWorker(TalkerFace(talk, TalkerOptions(), 0.08)), slots, memory), ours


def test_a_frame_is_new_or_the_same_or_left_out(asked: tuple[Session, socket.socket]) -> None:
    session, server = asked
    found = []
    for work in (
        FrameWork(None, 640),
        FrameWork(None, 640),
        FrameWork(None, 640, options=TalkerOptions(level=9), paint=False),
        FrameWork(None, 640),
    ):
        server.sendall(packed(pickle.dumps((0, work))))
        assert session.answer()
        found.append(receive(server))
    assert found == [CHANGED, SAME, LEFT_OUT, CHANGED]
    server.close()
    assert not session.answer()


def test_an_error_is_an_answer(asked: tuple[Session, socket.socket], talk: Talk) -> None:
    session, server = asked
    talk.failure = MemoryError("too large")
    server.sendall(packed(pickle.dumps((0, FrameWork(None, 640)))))
    assert session.answer()
    error = failed(receive(server))
    assert isinstance(error, MemoryError)
    assert asyncio.run(_as_raised(error)) == "too large"


async def _as_raised(error: Exception) -> str:
    """What a reader in an event loop gets of it."""
    future = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    with pytest.raises(MemoryError) as told:
        await future
    return str(told.value)
