"""Has a live face painted by another process."""

from __future__ import annotations

import asyncio
import pickle
import socket
from collections.abc import Callable

from studio.live.face_worker import FrameWork, MadeFrame
from studio.live.painters.messages import (
    CHANGED,
    FAILED,
    LENGTH,
    SAME,
    failed,
    packed,
    unpacked_curves,
)
from studio.live.painters.process import PaintedSession
from studio.live.painting import Painting


class _Answers(asyncio.Protocol):
    """Puts a painter's answers together. ended: called when it closes the connection."""

    def __init__(self, answered: Callable[[bytes], None], ended: Callable[[], None]) -> None:
        self._answered, self._ended = answered, ended
        self._came = bytearray()

    def data_received(self, data: bytes) -> None:
        self._came += data
        while len(self._came) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._came)[0]
            if len(self._came) < end:
                break
            answer = bytes(self._came[LENGTH.size : end])
            del self._came[:end]
            self._answered(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self._ended()


class ProcessPainting(Painting):
    """Paints in another process. The event loop only sends sound, and hands out pictures.

    Make one with `connect`.
    """

    def __init__(self, painted: PaintedSession, closed: Callable[[], None]) -> None:
        self._painted, self._pictures, self._closed = painted, painted.pictures, closed
        self._pictures.begin()
        self._picture = self._pictures.take()
        """The last one."""
        super().__init__(self._picture, painted.opened.fps, painted.opened.look_ahead)
        self._transport: asyncio.WriteTransport | None = None
        self._asked: asyncio.Future[MadeFrame] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        """Of that answer."""
        self._over = self._is_closed = False

    @classmethod
    async def connect(cls, painted: PaintedSession, closed: Callable[[], None]) -> ProcessPainting:
        """closed: called when it is closed."""
        painting = cls(painted, closed)
        try:
            await painting._listen(painted.channel)
        except BaseException:
            painted.close()
            closed()
            raise
        return painting

    async def _listen(self, channel: socket.socket) -> None:
        channel.setblocking(False)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_unix_connection(
            lambda: _Answers(self._answered, self._ended), sock=channel
        )

    def _make(self, work: FrameWork) -> asyncio.Future[MadeFrame]:
        loop = asyncio.get_running_loop()
        asked: asyncio.Future[MadeFrame] = loop.create_future()
        if self._over or self._transport is None:
            asked.set_exception(self._painted.painter.gone())
            return asked
        self._asked = asked
        self._deadline = loop.call_later(self._painted.painter.deadlines.frame, self._hung)
        self._transport.write(packed(pickle.dumps((self._pictures.begin(), work))))
        return asked

    def _hung(self) -> None:
        """No answer came in time: end the process, and with it this session and the others that it has."""
        self._painted.painter.give_up(self._painted.painter.deadlines.frame)
        if self._transport is not None:
            self._transport.abort()

    def _take_asked(self) -> asyncio.Future[MadeFrame] | None:
        """What an answer is for. Nothing is asked any more, and no answer is due."""
        if self._deadline is not None:
            self._deadline.cancel()
        asked, self._asked, self._deadline = self._asked, None, None
        return asked

    def _answered(self, answer: bytes) -> None:
        asked = self._take_asked()
        if asked is None or asked.done():
            return
        kind = answer[:1]
        if kind == FAILED:
            asked.set_exception(failed(answer))
            return
        if kind == CHANGED:
            self._picture = self._pictures.take()
        picture = self._picture if kind in (CHANGED, SAME) else None
        asked.set_result(MadeFrame(picture, unpacked_curves(answer[1:])))

    def _ended(self) -> None:
        """The connection is closed, by this side or because the process ended."""
        lost, self._over, self._transport = not self._over, True, None
        asked = self._take_asked()
        if asked is not None and not asked.done():
            asked.set_exception(self._painted.painter.gone())
        if lost:
            self.lost(self._painted.painter.gone())

    def _close(self) -> None:
        if self._is_closed:
            return
        self._over = self._is_closed = True
        if self._transport is not None:
            # Also where a process that was forked in the meantime has a copy of the connection.
            self._transport.write_eof()
            self._transport.close()
            self._transport = None
        self._painted.left()
        self._closed()
