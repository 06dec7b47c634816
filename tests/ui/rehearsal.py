"""Two engines that the test controls: a plain one, and one that saves its motion."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from pydantic import Field

from engines.base import AnimationMode, Engine, EngineOptions, Step, Work
from engines.saved_motion import SavedMotion
from engines.spec import EngineSpec
from media.portrait import Portrait
from media.voice import Voice
from tests.fake_engine import spec_for

ENGINE = "rehearsal"
ENCORE = "encore"
LONG_TITLE = "Encore · people, animals & statues"
"""With those of the other tabs, wider than a phone, as the real ones are."""


class RehearsalOptions(EngineOptions):
    """One option of every kind the form can draw."""

    animation_mode: AnimationMode = Field(
        "human", title="Animation mode", description="What the picture shows."
    )
    strength: float = Field(
        1.0, ge=0.0, le=2.0, title="Strength", description="How much.", json_schema_extra={"step": 0.25}
    )
    smile: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        title="Smile",
        description="For people.",
        json_schema_extra={"step": 0.25, "modes": ["human"]},
    )
    mirror: bool = Field(False, title="Mirror", description="Left becomes right.")
    mood: Literal["calm", "very_lively"] = Field(
        "calm", title="Mood", description="How it feels.", json_schema_extra={"advanced": True}
    )
    fps: int = Field(
        25, ge=12, le=60, title="Frames per second", description="Rate.", json_schema_extra={"advanced": True}
    )


class EncoreOptions(RehearsalOptions):
    """The same, and one that decides the motion."""

    guidance: float = Field(
        3.0,
        ge=0.0,
        le=10.0,
        title="Guidance",
        description="How strictly.",
        json_schema_extra={"step": 0.5, "sampled": True},
    )


@dataclass
class Rehearsal:
    """The test's instructions for the engines, and a record of their work. One job after the other.

    broken: the engines that crash, as all do with `crash`. sampled: how many motions were made, as opposed
    to rendered again.
    """

    go: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    crash: bool = False
    broken: set[str] = field(default_factory=set)
    pace: float = 0.2
    """Seconds for five frames, until told to go on."""
    jobs: list[tuple[Portrait, EngineOptions, int]] = field(default_factory=list)
    batches: int = 0
    sampled: int = 0

    def reset(self) -> None:
        """Back to an engine that renders without waiting."""
        self.go.set()
        self.ended.clear()
        self.crash = False
        self.broken.clear()
        self.pace = 0.2
        self.jobs.clear()
        self.batches = 0
        self.sampled = 0

    def specs(self) -> tuple[EngineSpec, EngineSpec]:
        """The engine, and the one that keeps its motion."""
        return (
            spec_for(ENGINE, RehearsalOptions, self.engine(ENGINE), two_voices=True),
            replace(
                spec_for(ENCORE, EncoreOptions, self.engine(ENCORE), keeps_motion=True), title=LONG_TITLE
            ),
        )

    def engine(self, name: str) -> type[Engine]:
        """An engine class that follows this rehearsal."""
        rehearsal, keeps_motion = self, name == ENCORE

        class RehearsalEngine(Engine[RehearsalOptions]):
            def animate(
                self,
                portrait: Portrait,
                speech: Voice,
                options: RehearsalOptions,
                seed: int,
                motion: SavedMotion | None = None,
            ) -> Iterator[Work]:
                rehearsal.jobs.append((portrait, options, seed))
                total, size = speech.frames(options.fps), 5
                try:
                    if keeps_motion and motion is None:
                        for step in range(1, 100):  # long enough for a busy browser, unless told to go on
                            if rehearsal.go.wait(0.05) and step > 4:
                                break
                            yield Step(0.002 * step)
                        rehearsal.sampled += 1
                        yield SavedMotion({"turn": np.zeros((total, 1), np.float32)}, {})
                    for start in range(0, total, size):
                        if start >= size:
                            rehearsal.go.wait(rehearsal.pace)  # a slow engine until told to go on
                        if rehearsal.crash or name in rehearsal.broken:
                            raise RuntimeError("secret detail of the machine")
                        rehearsal.batches += 1
                        yield np.repeat(portrait.image[None], min(size, total - start), axis=0)
                finally:
                    rehearsal.ended.set()

        return RehearsalEngine
