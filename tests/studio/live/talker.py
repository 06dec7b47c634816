"""A live engine that costs nothing, remembers what it was given, and fails or waits when the test says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from pydantic import Field

from engines.base import Engine, EngineOptions, Work
from engines.live import LiveFace
from media.portrait import Portrait
from tests.fake_engine import registered, spec_for

NAME = "talker"


class TalkerOptions(EngineOptions):
    """One option that changes in flight, and one that does not."""

    fps: int = Field(25, ge=12, le=60)
    level: int = Field(0, ge=0, le=255, json_schema_extra={"live": True})


@dataclass(frozen=True, eq=False)
class Heard:
    """One frame's call of `listen`, with the option in use and the interruptions before it."""

    heard: np.ndarray
    ahead: np.ndarray
    ended: bool
    level: int
    interruptions: int


@dataclass
class Talk:
    """What the faces were given. may_paint: cleared, they wait. failure: what `listen` raises."""

    heard: list[Heard] = field(default_factory=list)
    may_paint: threading.Event = field(default_factory=threading.Event)
    may_open: threading.Event = field(default_factory=threading.Event)
    opening: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None
    at_once: int = 0
    most_at_once: int = 0

    def sound(self) -> np.ndarray:
        """Everything that was heard, one frame after the other."""
        return np.concatenate([one.heard for one in self.heard])


class TalkerFace(LiveFace):
    """Pictures are as bright as `level` says, and change with it only."""

    def __init__(self, talk: Talk, options: TalkerOptions, look_ahead: float) -> None:
        self.fps, self.look_ahead = options.fps, round(look_ahead * 16000)
        self._talk, self._level, self._interruptions = talk, options.level, 0
        self._picture: np.ndarray | None = None

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        talk = self._talk
        talk.at_once += 1
        talk.most_at_once = max(talk.at_once, talk.most_at_once)
        try:
            assert talk.may_paint.wait(30)
            if talk.failure is not None:
                raise talk.failure
            talk.heard.append(Heard(heard, ahead, ended, self._level, self._interruptions))
        finally:
            talk.at_once -= 1

    def paint(self) -> np.ndarray:
        if self._picture is None or self._picture[0, 0, 0] != self._level:
            self._picture = np.full((8, 8, 3), self._level, np.uint8)
        return self._picture

    def interrupt(self) -> None:
        self._interruptions += 1

    def change(self, options: TalkerOptions) -> None:
        self._level = options.level


@contextmanager
def talking() -> Iterator[Talk]:
    """The engine, registered for the length of a `with` block."""
    talk = Talk()
    talk.may_paint.set()
    talk.may_open.set()

    class Talker(Engine[TalkerOptions]):
        def load(self, device: str = "cpu") -> None:
            pass

        def unload(self) -> None:
            pass

        def animate(self, *_: object, **__: object) -> Iterator[Work]:
            raise NotImplementedError

        def live(
            self, portrait: Portrait, options: TalkerOptions, seed: int, look_ahead: float
        ) -> TalkerFace:
            talk.opening.set()
            assert talk.may_open.wait(30)
            return TalkerFace(talk, options, look_ahead)

    with registered(spec_for(NAME, TalkerOptions, Talker, live=True)):
        yield talk
