"""The updates of a page's job while it works, waits, pauses and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest

from media.errors import OptionError
from studio.admission import Line, LineLimits
from studio.fair_turns import Visitor
from ui.in_turn import LastValue, in_turn

FLOOD, POLITE = Visitor("192.0.2.1", "flood"), Visitor("192.0.2.2", "polite")
Work = Generator[str | LastValue[str], None, None]


class Story:
    """A line with one place, and the updates of a job whose visitor has another one in the line."""

    def __init__(self) -> None:
        self.line = Line(LineLimits(1, 20, 5, 10, pausing=True))
        self.loop = asyncio.get_running_loop()
        self.said: list[str] = []

    def polite_comes(self) -> None:
        """A visitor without a job at work comes; called by the work, in its own thread."""
        asyncio.run_coroutine_threadsafe(self._come(), self.loop).result()

    async def _come(self) -> None:
        self.line.enter(FLOOD)
        self.polite = self.line.enter(POLITE)

    async def tell(self, work: Work, *, prepared: bool = False) -> list[str]:
        """All updates of the job; the polite visitor leaves when the job waits."""
        try:
            async for update in in_turn(self.line, FLOOD, self._waits, work, prepared=prepared):
                self.said.append(update)
        except OptionError as error:
            self.said.append(str(error))
        return self.said

    def _waits(self, ahead: int) -> str:
        self.polite.leave()
        return f"waits for {ahead + 1}"


def test_a_job_pauses_between_two_pictures() -> None:
    async def story() -> list[str]:
        told = Story()

        def work() -> Work:
            told.polite_comes()
            yield "pictures"
            yield LastValue("video")

        return await told.tell(work())

    assert asyncio.run(story()) == ["pictures", "waits for 1", "video"]


def test_a_finished_video_is_the_last_value_even_if_others_wait() -> None:
    async def story() -> list[str]:
        told = Story()

        def work() -> Work:
            yield "pictures"
            told.polite_comes()
            yield LastValue("video")

        return await told.tell(work())

    assert asyncio.run(story()) == ["pictures", "video"]


def test_invalid_jobs_are_reported_before_their_turn() -> None:
    async def story() -> list[str]:
        told = Story()
        told.polite = told.line.enter(POLITE)

        def work() -> Work:
            yield LastValue("failed")
            raise OptionError("No such preset.")

        return await told.tell(work(), prepared=True)

    assert asyncio.run(story()) == ["failed", "No such preset."]


@pytest.mark.parametrize("last", [["video"], []])
def test_the_place_is_given_back(last: list[str]) -> None:
    async def story() -> int:
        told = Story()

        def work() -> Work:
            yield from map(LastValue, last)
            raise OptionError("No.")

        await told.tell(work())
        return told.line.working + told.line.waiting

    assert asyncio.run(story()) == 0
