"""What the live connections of one server share: places, tickets, and how all of them end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from media.errors import JoyStudioError, LineFull, LiveError, LiveMessageError, LiveTicketError
from studio.consent import check_live_consent
from studio.live.avatar import SharedAvatar
from studio.live.frame import LiveFrame
from studio.live.marked import marks
from studio.live.places import HeldPlace, LivePlaces
from studio.live.session import LiveSession
from studio.live.socket import messages
from studio.live.socket.connection import Client, Closing, Connection
from studio.live.socket.conversation import FIRST_RATE, Conversation
from studio.live.socket.failures import SessionOver, explained
from studio.live.socket.frames import PictureEncoder
from studio.live.socket.lag import Lag
from studio.live.socket.messages import Open, parsed
from studio.live.socket.messenger import Messenger
from studio.live.socket.portraits import Deadline, received_portrait
from studio.live.socket.recorder import Recorder
from studio.live.socket.tickets import SessionArguments, Tickets
from studio.live.webrtc.carrier import described, offers_of
from studio.options import Option, list_options
from studio.settings import Settings

MOST_UNOPENED = 16
"""Connections of a server without a session yet; each may hold a message of 16 MB."""
MOST_UNOPENED_OF_ONE = 4
MOST_OPENS = 5
"""Attempts to open a session on one connection: a portrait costs time to be read."""


class LiveHost:
    """The live sessions of one server. `end` and `tickets` may be used from any thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.offers = settings, offers_of(settings)
        self.places, self.tickets = LivePlaces(settings), Tickets()
        self._avatar = SharedAvatar(settings)
        self._unopened: Counter[Hashable] = Counter()
        self._tasks: dict[asyncio.Task[Any], asyncio.AbstractEventLoop] = {}
        self._ending = False

    def end(self) -> None:
        """The server stops: end every session, with a message. No new one begins."""
        self._ending = True
        for task, loop in list(self._tasks.items()):
            loop.call_soon_threadsafe(task.cancel)

    def close(self) -> None:
        """End the threads, after all connections."""
        self.places.close()
        self.tickets.close()

    async def converse(self, connection: Connection, client: Client) -> None:
        """Hold a session on a connection that was just accepted, from its first message to its end."""
        task = asyncio.current_task()
        assert task is not None
        messenger = Messenger(connection, client, self.settings.live_unread_seconds)
        self._tasks[task] = asyncio.get_running_loop()
        try:
            over = _stopping() if self._ending else await self._converse(messenger, client)
        except asyncio.CancelledError:
            if not self._ending:
                raise
            task.uncancel()
            over = _stopping()
        finally:
            del self._tasks[task]
        await messenger.end(over)

    async def _converse(self, messenger: Messenger, client: Client) -> SessionOver:
        try:
            session, opening, message = await self._session(messenger, client)
            async with session:
                with self._ticket_again(session, opening, message, client) as again:
                    async with self._avatar.moved_by(session, opening.engine) as follow:
                        return await self._hold(
                            session, opening, message, messenger, client, again=again, follow=follow
                        )
        except SessionOver as over:
            return over
        except Exception as error:
            return SessionOver(Closing.FAILED, explained(error))

    async def _hold(
        self,
        session: LiveSession,
        opening: SessionArguments,
        message: Open,
        messenger: Messenger,
        client: Client,
        *,
        again: str | None,
        follow: Callable[[LiveFrame], None] | None,
    ) -> SessionOver:
        """Hold an open session. again: the ticket that opens it again. follow: called with each frame."""
        ready = _described(session, opening, message, messenger, self.settings)
        await messenger.tell("ready", ticket=again, **ready)
        await opening.outcomes.listen(messenger)
        recorder = Recorder(messenger, session, opening, client, self.settings)
        conversation = Conversation(
            messenger,
            session,
            PictureEncoder(message.picture, self.places.encoders),
            recorder,
            idle=self.settings.live_idle_minutes * 60,
            # Without a pace, what is behind cannot be told from what is early.
            lag=Lag(session.settings.FPS, opening.lead_ms / 1000) if opening.paced else None,
            # Browsers play what comes by WebRTC by the clock, and sound without a pace comes faster.
            offers=self.offers if opening.paced else None,
            follow=follow,
        )
        try:
            return await conversation.run()
        except asyncio.CancelledError:
            if self._ending:  # a web server that stops does not wait for a recording
                await messenger.explain(_stopping())
            raise
        finally:
            await session.shutdown()  # a recording may take longer, and needs no place
            await recorder.close()

    def _ticket_again(
        self, session: LiveSession, opening: SessionArguments, message: Open, client: Client
    ) -> AbstractContextManager[str | None]:
        """For the page's script, whose network may fail; a program has its portrait itself."""
        if message.ticket is None:
            return nullcontext()
        return self.tickets.again(
            opening,
            lambda: session.options,
            client.login,
            end=session.shutdown,
            opened_by=message.ticket,
        )

    async def _session(
        self, messenger: Messenger, client: Client
    ) -> tuple[LiveSession, SessionArguments, Open]:
        """Open the session that the other end asks for."""
        who = client.visitor
        if self._unopened.total() >= MOST_UNOPENED or self._unopened[who] >= MOST_UNOPENED_OF_ONE:
            full = LineFull("Too many live connections wait for their first message. Try again in a minute.")
            raise SessionOver(Closing.NO_PLACE, full)
        self._unopened[who] += 1
        try:
            for attempt in range(MOST_OPENS):
                message = await self._first_message(messenger, refused=attempt > 0)
                messenger.on_page = message.ticket is not None  # only the page has tickets
                try:
                    session, opening = await self._opened(message, messenger, client)
                except (LineFull, LiveTicketError) as error:
                    closing = Closing.NO_PLACE if isinstance(error, LineFull) else Closing.REFUSED
                    raise SessionOver(closing, error) from None
                except JoyStudioError as error:
                    await messenger.complain(error)
                    continue
                return session, opening, message
            raise SessionOver(
                Closing.NOT_UNDERSTOOD,
                LiveError("No session could be opened in {count} attempts.", count=MOST_OPENS),
            )
        finally:
            self._unopened[who] -= 1
            self._unopened += Counter()  # forgets those at zero

    async def _first_message(self, messenger: Messenger, *, refused: bool) -> Open:
        """The next message "open". refused: the one before was, and its portrait may still come."""
        deadline = Deadline(self.settings.live_unread_seconds)
        while True:
            message = await deadline.receive(messenger)
            if refused and isinstance(message, bytes):
                continue
            try:
                if isinstance(message, str) and isinstance(opening := parsed(message), Open):
                    return opening
                raise LiveMessageError(
                    "The first message has to be {example}, and then the portrait's file.",
                    example='{"type": "open", "consent": true}',
                )
            except LiveMessageError as error:
                await messenger.complain(error)
                refused = isinstance(message, str)

    async def _opened(
        self, message: Open, messenger: Messenger, client: Client
    ) -> tuple[LiveSession, SessionArguments]:
        if message.ticket is not None:
            opening = self.tickets.take(message.ticket, client.login)
            opening.outcomes.hold()
            await self.tickets.end_session(message.ticket)
            # A browser is another visitor in each of its private windows; its login or address stays.
            with self.places.hold(opening.visitor, *client.names, address=client.address) as place:
                return await self._open(opening, place, messenger), opening
        check_live_consent(message.consent)
        with self.places.hold(*client.names, address=client.address) as place:
            largest = self.settings.max_upload_mb * 1_000_000
            async with received_portrait(message, messenger, largest, client.upload) as portrait:
                names = set(SessionArguments.__dataclass_fields__) & set(Open.model_fields)
                chosen = {name: getattr(message, name) for name in names}
                opening = SessionArguments(portrait=portrait, visitor=client.visitor, **chosen)
                session = await self._open(opening, place, messenger)
                return session, replace(opening, portrait=b"")  # it is not needed any more

    async def _open(self, opening: SessionArguments, place: HeldPlace, messenger: Messenger) -> LiveSession:
        """Open the session, unless the other end goes away first."""
        work = asyncio.create_task(
            LiveSession.open(
                opening.portrait,
                engine=opening.engine,
                options=opening.options,
                seed=opening.seed,
                paced=opening.paced,
                look_ahead_ms=opening.look_ahead_ms,
                max_backlog_ms=opening.max_backlog_ms,
                lead_ms=opening.lead_ms,
                face_index=opening.face_index,
                anchors=opening.anchors,
                portrait_edit=opening.portrait_edit,
                marked=marks(self.settings),
                curves=self._avatar.moves_with(opening.engine),
                places=place,
                settings=self.settings,
            )
        )
        try:
            return await messenger.listening(work)
        except BaseException:
            await _give_up(work)
            raise


async def _give_up(opening: asyncio.Task[LiveSession]) -> None:
    """Nothing takes the session, which may be open already."""
    opening.cancel()
    (session,) = await asyncio.gather(opening, return_exceptions=True)
    if isinstance(session, LiveSession):
        await session.shutdown()


def _stopping() -> SessionOver:
    return SessionOver(Closing.STOPPING, LiveError("The server stops. Open the live session again later."))


def _described(
    session: LiveSession, opening: SessionArguments, message: Open, messenger: Messenger, settings: Settings
) -> dict[str, Any]:
    """The fields of "ready"."""
    height, width = session.get_first_frame().shape[:2]
    return {
        "version": messages.VERSION,
        "fps": session.settings.FPS,
        "width": width,
        "height": height,
        "picture": message.picture,
        "sample_rate": FIRST_RATE,
        "look_ahead_ms": opening.look_ahead_ms,
        "options": session.options.model_dump(mode="json"),
        "ranges": {one.name: _range(one) for one in list_options(opening.engine) if one.live},
        "webrtc": described(settings) if opening.paced else None,
        "notes": [messenger.worded(note) for note in session.notes],
    }


def _range(option: Option) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": option.kind, "default": option.default}
    if option.choices:
        found["choices"] = list(option.choices)
    numbers = {"minimum": option.minimum, "maximum": option.maximum, "step": option.step}
    return found | {name: value for name, value in numbers.items() if value is not None}
