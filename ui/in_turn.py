"""Queues a job of the page, and runs it in its own thread when its turn comes."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import gradio as gr

from media.errors import LineFull
from studio.admission import Line
from studio.client_address import address_of
from studio.fair_turns import Visitor
from studio.settings import Settings
from studio.stopping import stoppable
from studio.waiting_folders import ClaimedFolder
from ui.components.progress import NOT_FINISHED, message_bar, waiting_bar
from ui.errors import as_toast

SECONDS_BETWEEN_SIGNS = 2.0
"""Seconds between two reports of a waiting job; the queue drops a closed page at the next report."""

Update = TypeVar("Update")


@dataclass(frozen=True)
class LastValue(Generic[Update]):
    """The last value of a job, before it ends or raises: after it, the job neither waits nor pauses.

    A pause after it would say "waiting" in place of the video.
    """

    update: Update


async def in_turn(
    line: Line,
    visitor: Visitor,
    waiting: Callable[[int], Update],
    work: Generator[Update | LastValue[Update], None, None],
    *,
    prepared: bool = False,
    full: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Update, None]:
    """The job's values, once it is its turn; before that, `waiting(number of jobs ahead)`.

    work: its first value, with `prepared`, is taken before the turn, when the work has been checked but not
    begun. full: called before the work is closed because its place is gone. Waiting jobs use no thread.
    Closing this closes the work and then gives up the place. Raises LineFull, and the errors of the work.
    """
    ticket = line.enter(visitor)
    loop, (context, stop) = asyncio.get_running_loop(), stoppable()
    # One thread: closing the work waits until the step before has ended.
    pool = ThreadPoolExecutor(1, thread_name_prefix="job")

    async def step() -> Update | LastValue[Update] | None:
        return await loop.run_in_executor(pool, lambda: context.run(next, work, None))

    try:
        piece = await step() if prepared else None
        if not isinstance(piece, LastValue):
            async with aclosing(ticket.turn(SECONDS_BETWEEN_SIGNS)) as places:
                async for ahead in places:
                    yield waiting(ahead)
            piece = piece or await step()
        while piece is not None:
            if isinstance(piece, LastValue):
                yield piece.update
            else:
                yield piece
                async with aclosing(ticket.turn(SECONDS_BETWEEN_SIGNS)) as places:
                    async for ahead in places:  # it pauses for another job
                        yield waiting(ahead)
            piece = await step()
    except LineFull:
        full()
        raise
    finally:
        stop.set()  # for the step before: the last one ends with a video
        closed = loop.run_in_executor(pool, context.run, work.close)
        closed.add_done_callback(lambda _: ticket.leave())
        pool.shutdown(wait=False)
        await asyncio.shield(closed)


def taking_turns(
    function: Callable[..., Generator[Update | LastValue[Update], None, None]],
    line: Line,
    settings: Settings,
    moved: Callable[[Any], Update],
) -> Callable[..., AsyncGenerator[Update, None]]:
    """The page's function, whose work begins when it is its turn.

    function: takes `owner` and `request` among others, and only checks its arguments before its first value.
    moved: the update that changes only the progress bar.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    async def queued(*args: Any, **options: Any) -> AsyncGenerator[Update, None]:
        given = signature.bind(*args, **options).arguments
        visitor = visitor_of(given["request"], given["owner"], settings)
        async with aclosing(shown_in_turn(line, visitor, function(*args, **options), moved)) as updates:
            async for update in updates:
                yield update

    return queued


async def shown_in_turn(
    line: Line,
    visitor: Visitor,
    work: Generator[Update | LastValue[Update], None, None],
    moved: Callable[[Any], Update],
    full: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Update, None]:
    """A job's updates in its turn, with the place in the queue on its bar, and the toast for a full queue.

    work: only checks its arguments before its first value. moved: as for `taking_turns`. full: as for
    `in_turn`.
    """
    updates = in_turn(line, visitor, lambda ahead: moved(waiting_bar(ahead)), work, prepared=True, full=full)
    try:
        async with aclosing(updates):
            async for update in updates:
                yield update
    except LineFull as error:
        yield moved(message_bar(NOT_FINISHED, "failed"))
        raise as_toast(error) from None


async def taken_up(
    kept: ClaimedFolder, updates: AsyncGenerator[Update, None]
) -> AsyncGenerator[Update, None]:
    """The updates of interrupted work. Without a place in the queue, the work stays interrupted."""
    try:
        async with aclosing(updates):
            async for update in updates:
                yield update
    finally:
        kept.release()


def visitor_of(request: gr.Request | None, owner: str | None, settings: Settings) -> Visitor:
    """The visitor of a job: by the browser's owner, the name of the login, or the program's session.

    Calls without a session, as `curl` makes them, are one visitor for each address.
    """
    if request is None:
        return Visitor("", owner or "")
    address = address_of(request.request.scope, settings) if request.request else ""
    if not owner and request.username:
        owner = f"login {request.username}"
    if not owner and request.request and "/call/" not in request.request.url.path:
        owner = f"session {request.session_hash}"
    return Visitor(address, owner or "")
