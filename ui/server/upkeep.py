"""Removes files that are too old or take too much space, while the server runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from media.errors import JoyStudioError
from studio.clock import MARGIN, SureClock
from studio.gallery.sharing import forget_expired
from studio.retention import sweep_finished
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs
from studio.waiting_tasks import WaitingTasks
from ui.uploads_sweep import own_uploads, sweep_leftovers
from ui.uploads_used import files_of_page

EVERY = 600.0
"""Seconds between two rounds."""
SHORTEST = 1.0
HOUR = 3600.0

_log = logging.getLogger("joystudio.upkeep")


def upkeep(settings: Settings) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A lifespan that runs a round when the server starts, and then at intervals."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_rounds(Upkeep(settings), app))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan


async def _rounds(work: Upkeep, app: Any) -> None:
    pause = min(EVERY, max(SHORTEST, work.settings.keep_hours * HOUR / 4))
    while True:
        await run_in_threadpool(work, files_of_page(app.get_blocks()))
        await asyncio.sleep(pause)


class Upkeep:
    """Runs rounds. A round that fails is logged, and the next one tries again."""

    def __init__(self, settings: Settings, clock: SureClock | None = None) -> None:
        """clock: decides what is too old."""
        self.settings = settings
        self._clock = clock or SureClock(min(MARGIN, settings.keep_hours * HOUR))

    def __call__(self, keep: frozenset[str] = frozenset()) -> None:
        """Remove files that are too old or take too much space. keep: files that the page needs."""
        try:
            now = self._clock.now()
            sweep_finished(self.settings, now=now, ages=now is not None)
            forget_expired(self.settings, self._clock)
            WaitingJobs(self.settings).sweep(self._clock)
            WaitingTasks(self.settings).sweep(self._clock)
            if (folder := own_uploads()) is not None:
                sweep_leftovers(folder, self.settings, keep=keep)
        except (JoyStudioError, OSError):
            _log.warning("What is too old could not be removed.", exc_info=True)
