"""An engine that the test controls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from pydantic import Field

from engines.base import AnimationMode, Engine, EngineOptions, Frames
from media.portrait import Portrait
from media.speech import Speech

ENGINE = "rehearsal"


class RehearsalOptions(EngineOptions):
    """One option of every kind the form can draw."""

    animation_mode: AnimationMode = Field(
        "human", title="Animation mode", description="What the picture shows."
    )
    strength: float = Field(
        1.0, ge=0.0, le=2.0, title="Strength", description="How much.", json_schema_extra={"step": 0.25}
    )
    mirror: bool = Field(False, title="Mirror", description="Left becomes right.")
    mood: Literal["calm", "very_lively"] = Field(
        "calm", title="Mood", description="How it feels.", json_schema_extra={"advanced": True}
    )
    fps: int = Field(
        25, ge=12, le=60, title="Frames per second", description="Rate.", json_schema_extra={"advanced": True}
    )


@dataclass
class Rehearsal:
    """What the test tells the engine, and what the engine did. One job after the other."""

    go: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    crash: bool = False
    jobs: list[tuple[Portrait, EngineOptions, int]] = field(default_factory=list)
    batches: int = 0

    def reset(self) -> None:
        """Back to an engine that renders without waiting."""
        self.go.set()
        self.ended.clear()
        self.crash = False
        self.jobs.clear()
        self.batches = 0

    def engine(self) -> type[Engine]:
        """An engine class that obeys this rehearsal."""
        rehearsal = self

        class RehearsalEngine(Engine):
            name = ENGINE
            title = "Rehearsal"
            Options = RehearsalOptions

            def animate(
                self, portrait: Portrait, speech: Speech, options: EngineOptions, seed: int
            ) -> Iterator[Frames]:
                rehearsal.jobs.append((portrait, options, seed))
                total, size = speech.frames(options.fps), 5
                try:
                    for start in range(0, total, size):
                        if start >= size:
                            rehearsal.go.wait(0.05)  # a slow engine until told to go on
                        if rehearsal.crash:
                            raise RuntimeError("secret detail of the machine")
                        rehearsal.batches += 1
                        yield np.repeat(portrait.image[None], min(size, total - start), axis=0)
                finally:
                    rehearsal.ended.set()

        return RehearsalEngine
