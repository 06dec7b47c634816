"""A live session on a JoyStudio server, in the shape of `studio.live.LiveSession`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from joystudio_live.answers import Answers
from joystudio_live.errors import LiveEnded, LiveError
from joystudio_live.frame import Interruption, LiveFrame, LiveSettings
from joystudio_live.inbox import Inbox
from joystudio_live.opening import connected, ended, portrait_bytes
from joystudio_live.outbox import Outbox
from joystudio_live.pictures import decoder
from joystudio_live.reader import FrameReader
from joystudio_live.sound import checked_message_id, checked_sound, pieces
from joystudio_live.wire import event, message, sentence, socket_address, unpacked

MOST_WAITING = 15.0
"""Seconds of sound that the server may have; `push_audio` waits while there are more."""
SIGN_OF_LIFE = 20.0
"""Seconds after which a session says that it is still there."""
REFUSES_OPTIONS = ("bad_option", "bad_message")
"""Codes with which the server refuses a change of options, and nothing else that a session sends."""
_log = logging.getLogger("joystudio_live")


class LiveSession:
    """A portrait on a JoyStudio server that speaks while its voice is still arriving.

    Open one with `LiveSession.open`. It belongs to the event loop that opened it.
    """

    def __init__(
        self, socket: ClientConnection, ready: dict[str, Any], inbox: Inbox, *, limited: bool
    ) -> None:
        """See `open`."""
        self.settings = LiveSettings(int(ready["fps"]))
        self.width, self.height = int(ready["width"]), int(ready["height"])
        self.options: dict[str, Any] = dict(ready.get("options", {}))
        """The options in use."""
        self.ranges: dict[str, Any] = dict(ready.get("ranges", {}))
        """The options that can change in flight, with what they take."""
        self.notes: tuple[str, ...] = tuple(map(sentence, ready.get("notes", ())))
        """Notes about the portrait, for the user."""
        self._socket, self._inbox, self._outbox, self._limited = socket, inbox, Outbox(), limited
        self._pushing = asyncio.Lock()
        self._interruptions = 0
        self._reason: LiveError | None = None
        self._answers = Answers()
        self._tasks = [asyncio.create_task(each) for each in (self._receive(), self._send(), self._live_on())]

    @classmethod
    async def open(
        cls,
        address: str,
        portrait: Path | str | bytes,
        *,
        consent: bool,
        engine: str = "preview",
        options: Mapping[str, Any] | None = None,
        seed: int = 0,
        paced: bool = True,
        look_ahead_ms: float = 80,
        max_backlog_ms: float | None = None,
        lead_ms: float = 0,
        face_index: int = 0,
        picture: str = "rgb",
        headers: Mapping[str, str] | None = None,
        open_seconds: float = 60,
    ) -> LiveSession:
        """Open a portrait on a server for a voice that is still arriving.

        address: of the page, such as http://127.0.0.1:7860, or http://ann:secret@127.0.0.1:7860 with a login.
        portrait: a file, or its bytes. consent: that the person in the portrait agrees to be animated, or
        that you are that person; False is refused. lead_ms: 120 or so for a transport that plays the sound by
        a clock of its own. picture: how the pictures travel: "rgb" inside one computer, "jpeg" or "png" over
        a network, "none" for no pictures. headers: of the request that opens the socket. open_seconds: how
        long the server may take to be ready. The other arguments are those of `studio.live.LiveSession.open`.

        Raises LiveError if the server does not answer or refuses; its message says why.
        """
        data = await asyncio.to_thread(portrait_bytes, portrait)
        decoder(picture, 1, 1)  # what cannot be read is refused before the server works
        opening = {
            "engine": engine,
            "options": dict(options or {}),
            "seed": seed,
            "paced": paced,
            "look_ahead_ms": look_ahead_ms,
            "max_backlog_ms": max_backlog_ms,
            "lead_ms": lead_ms,
            "face_index": face_index,
            "picture": picture,
            "consent": consent,
        }
        socket, ready = await connected(socket_address(address), opening, data, headers, open_seconds)
        decode = decoder(picture, int(ready["width"]), int(ready["height"]))
        inbox = Inbox(decode, int(ready.get("sample_rate", 16000)), keep_silenced=paced)
        return cls(socket, ready, inbox, limited=max_backlog_ms is None)

    @property
    def waiting_seconds(self) -> float:
        """Seconds of sound that were pushed and have not been read with frames."""
        return self._inbox.waiting_seconds

    async def push_audio(
        self, pcm16: bytes, sample_rate: int, last_chunk: bool = False, *, message_id: str | None = None
    ) -> None:
        """Add sound to the voice that speaks, or begin one.

        pcm16: mono, little-endian int16, of any length. sample_rate: 8000 to 48000; a rate other than before
        begins a new voice. last_chunk: the voice is complete, as after `flush`. message_id: comes back with
        the voice's frames; 200 characters at most. Waits while more than 15 s of sound wait; sound that waits
        here when `interrupt` is called is dropped, too. Raises LiveError for sound that cannot be used,
        LiveEnded after the end.
        """
        data, before = checked_sound(pcm16, sample_rate), self._interruptions
        checked_message_id(message_id)
        async with self._pushing:
            for piece in pieces(data, sample_rate):
                await self._room()
                if self._interruptions != before:
                    return
                self._inbox.pushed(len(piece) / 2 / sample_rate)
                self._outbox.put_sound(piece, sample_rate, message_id)
            self._check_open()
            if last_chunk and self._interruptions == before:
                self._outbox.put_flush()

    async def _room(self) -> None:
        self._check_open()
        await self._outbox.room()
        inbox = self._inbox
        while self._limited and inbox.waiting_seconds > MOST_WAITING and not inbox.over:
            inbox.sound_was_read.clear()
            await inbox.sound_was_read.wait()
        self._check_open()

    async def flush(self) -> None:
        """The voice is complete: speak all of it without waiting for more. Raises LiveEnded after the end."""
        before = self._interruptions
        async with self._pushing:
            self._check_open()
            if self._interruptions == before:
                self._outbox.put_flush()

    def interrupt(self) -> Interruption:
        """Stop speaking: drop all sound that waits and close the mouth. Head and eyes go on moving.

        No frame that is read after this carries sound that was pushed before it. Raises LiveEnded after the
        end; the frames that can still be read are silent then, too.
        """
        interruption = self._inbox.interrupt()
        self._check_open()
        self._interruptions += 1
        self._outbox.interrupt()
        return interruption

    async def set_options(self, /, **changes: Any) -> dict[str, Any]:
        """Change options from now on, and return all of them. Numbers glide to their new value.

        The answer comes after frames, so read the frames in another task. Raises LiveError for a value out of
        range, or an option that is fixed while the session runs; LiveEnded after the end.
        """
        self._check_open()
        self._outbox.put(message("options", values=changes))
        return await self._answers.expect()

    def run(self) -> AsyncIterator[LiveFrame]:
        """The session's frames, in order, for `async for`; read them in one task. They end after `shutdown`.

        You may stop waiting for a frame and read on: none is lost. Raises LiveEnded if the session ended for
        a reason other than `shutdown`.
        """
        return FrameReader(self.next_frame)

    async def next_frame(self) -> LiveFrame | None:
        """The next frame; None after `shutdown`. Raises LiveEnded if the session ended for another reason."""
        frame = await self._inbox.next()
        if frame is None and self._reason is not None:
            raise LiveEnded(str(self._reason), self._reason.code) from self._reason
        return frame

    async def shutdown(self) -> None:
        """End the session and close the socket. A second call does nothing."""
        if not self._inbox.over:
            self._end(None)
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(message("close"))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()

    async def __aenter__(self) -> LiveSession:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()

    def _check_open(self) -> None:
        if self._inbox.over:
            if self._reason is not None:
                raise LiveEnded(str(self._reason), self._reason.code) from self._reason
            raise LiveEnded("The live session was shut down. Open a new one.")

    def _end(self, reason: LiveError | None) -> None:
        """End the session, unless it has ended."""
        if self._inbox.over:
            return
        self._reason = reason
        self._inbox.end(drop=reason is None)
        self._outbox.close()
        self._answers.end(LiveEnded(str(reason or "The live session was shut down.")))

    async def _receive(self) -> None:
        try:
            async for come in self._socket:
                if isinstance(come, bytes):
                    await self._inbox.put(unpacked(come))
                else:
                    self._hear(event(come))
            self._end(LiveEnded("JoyStudio has ended the session. Open a new one."))
        except ConnectionClosed as error:
            self._end(ended(error))
        except LiveError as error:
            self._end(error)

    def _hear(self, said: dict[str, Any]) -> None:
        self._inbox.event(said)
        match said["type"]:
            case "options":
                self.options = dict(said["values"])
                self._answers.accept(self.options)
            case "note":
                _log.warning("%s", sentence(said))
            case "error":
                self._fail(LiveError(sentence(said), str(said.get("code", ""))), said)

    def _fail(self, error: LiveError, said: dict[str, Any]) -> None:
        if said.get("fatal"):
            self._end(error)
        elif error.code not in REFUSES_OPTIONS or not self._answers.refuse(error):
            _log.warning("%s", error)

    async def _send(self) -> None:
        with contextlib.suppress(ConnectionClosed):  # the reader says so
            await self._outbox.send_all(self._socket.send)

    async def _live_on(self) -> None:
        """A server ends sessions from which nothing comes; a bot that listens sends nothing for long."""
        while True:
            await asyncio.sleep(SIGN_OF_LIFE)
            self._outbox.put(message("options", values={}))
            self._answers.expect_unheard()
