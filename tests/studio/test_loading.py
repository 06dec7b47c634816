"""While an engine reads its networks, the job says so, and how far it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from engines.base import Engine, EngineOptions, Work
from engines.loading import loaded
from engines.saved_motion import SavedMotion
from media.portrait import Portrait
from media.voice import Voice
from studio.events import Event, Finished, Progress
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from tests.fake_engine import registered, spec_for

NAME = "heavy"
PARTS = 4


@dataclass
class Heavy:
    """An engine that reads one network in `load` and the others in `prepare_for`, where it waits for `go`."""

    go: threading.Event = field(default_factory=threading.Event)
    read: list[int] = field(default_factory=list)

    def engine(self) -> type[Engine]:
        heavy = self

        class HeavyEngine(Engine[EngineOptions]):
            def load(self, device: str = "cpu") -> None:
                self._part(1)

            def prepare_for(self, options: EngineOptions) -> None:
                self._part(2)
                while not heavy.go.wait(0.01):
                    loaded(2, PARTS)
                for part in range(3, PARTS + 1):
                    self._part(part)

            def _part(self, part: int) -> None:
                heavy.read.append(part)
                loaded(part, PARTS)

            def animate(
                self,
                portrait: Portrait,
                speech: Voice,
                options: EngineOptions,
                seed: int,
                motion: SavedMotion | None = None,
            ) -> Iterator[Work]:
                yield np.repeat(portrait.image[None], speech.frames(options.fps), axis=0)

        return HeavyEngine


@pytest.fixture
def heavy() -> Iterator[Heavy]:
    heavy = Heavy()
    with registered(spec_for(NAME, EngineOptions, heavy.engine())):
        yield heavy
        heavy.go.set()


def until_half(events: Iterator[Event]) -> Progress:
    """The first news that says that the networks are half read."""
    return next(
        event
        for event in events
        if isinstance(event, Progress) and event.stage == "loading" and event.stage_fraction == 2 / PARTS
    )


def test_networks_are_a_stage_with_progress(
    heavy: Heavy, portrait_file: Path, voice_file: Path, settings: Settings
) -> None:
    with closing(run(Job(engine=NAME, portrait=portrait_file, voice=voice_file), settings)) as events:
        news = until_half(events)
        assert (news.fraction, news.shown) == (0.0, 0.5)  # of the work, nothing is done yet
        heavy.go.set()
        assert isinstance(list(events)[-1], Finished)
    assert heavy.read == [1, 2, 3, 4]


def test_a_stopped_job_does_not_read_the_other_networks(
    heavy: Heavy, portrait_file: Path, voice_file: Path, settings: Settings
) -> None:
    events = run(Job(engine=NAME, portrait=portrait_file, voice=voice_file), settings)
    until_half(events)
    events.close()  # although the engine has not been told to go on
    assert heavy.read == [1, 2]
