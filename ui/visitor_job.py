"""One job of a visitor: who it belongs to, how pages show it, and which of them follow it.

Belongs to the event loop of the page, as the line does.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Update = TypeVar("Update")


@dataclass(frozen=True)
class JobInfo:
    """The owner of a job, and the tab that started it. title: of the tab. portrait: the name of its file."""

    owner: str
    tab: str
    title: str
    portrait: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True)
class Showing(Generic[Update]):
    """How the pages of one kind show a job.

    standing: combines the values for a page that joins later with one more update. bar: the progress bar of
    an update, as HTML. cancelled: the last update of a cancelled job. unattended: the same for one that ended
    because no page followed it for these minutes.
    """

    standing: Callable[[Update | None, Update], Update]
    bar: Callable[[Update], str]
    cancelled: Update
    unattended: Callable[[float], Update]


class VisitorJob(Generic[Update]):
    """One job, running or just ended."""

    def __init__(
        self, info: JobInfo, showing: Showing[Update], stay: Callable[[], None] | None = None
    ) -> None:
        """stay: as for `VisitorJobs.start`."""
        self.info, self.showing = info, showing
        self.stay = stay
        self.began = time.monotonic()
        self.standing: Update | None = None
        self.over = False
        self.cancelled = False
        self.expired = False
        self.error: Exception | None = None
        self.task: asyncio.Task[None] | None = None
        self.stops: asyncio.TimerHandle | None = None
        """Ends the job, or forgets it, unless a page follows it by then."""
        self.followers: dict[asyncio.Queue[Update | None], str] = {}
        """The updates that each following page has not shown yet, with its session; None ends it."""

    @property
    def seconds(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.began

    @property
    def bar(self) -> str:
        """The progress bar as HTML."""
        return "" if self.standing is None else self.showing.bar(self.standing)

    def tell(self, update: Update) -> None:
        """Show an update on every page that follows."""
        self.standing = self.showing.standing(self.standing, update)
        for news in self.followers:
            news.put_nowait(update)

    def end(self) -> None:
        """Tell the pages that follow it that no more updates come."""
        self.over = True
        for news in self.followers:
            news.put_nowait(None)

    @property
    def untold(self) -> bool:
        """Whether it ended without a result, and not because its visitor cancelled it."""
        return self.over and (self.error is not None or self.expired)

    def expire(self) -> None:
        """End it because no page has followed it for too long."""
        self.expired = True
        if self.stay is not None:
            self.stay()
        self.cancel()

    def cancel(self) -> None:
        """End it without a result; does nothing once it is over."""
        if self.task is not None:
            self.task.cancel()
