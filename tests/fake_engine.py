"""A small engine that tests control, and how to register it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from pydantic import Field

from engines import registry
from engines.base import AnimationMode, Engine, EngineOptions, Note, Step, Work
from engines.saved_motion import SavedMotion
from engines.spec import EngineSpec
from media.portrait import Portrait
from media.voice import Voice

NAME = "fake"
BATCH = 5


class FakeOptions(EngineOptions):
    """One option of every kind."""

    animation_mode: AnimationMode = Field("human", description="What the picture shows.")
    fps: int = Field(25, ge=12, le=60, description="Frame rate.")
    level: int = Field(100, ge=0, le=255, title="Level", description="Brightness of the pictures.")
    strength: float = Field(1.0, ge=0.0, le=2.0, description="How | much.", json_schema_extra={"step": 0.25})
    mirror: bool = Field(False, description="Left becomes right.", json_schema_extra={"sampled": True})
    mood: Literal["calm", "lively"] = Field("calm", json_schema_extra={"advanced": True})


@dataclass
class FakeWorld:
    """The faults that the engine should have, and a record of its work."""

    extra_frames: int = 0
    extra_width: int = 0
    dtype: str = "uint8"
    fail_at: int | None = None
    failure: BaseException = field(default_factory=lambda: RuntimeError("broken"))
    random_weights: bool = False
    steps: int = 0
    notes: tuple[str, ...] = ()
    keeps: bool = False
    rendered_again: list[SavedMotion] = field(default_factory=list)
    loads: int = 0
    unloads: int = 0
    batches: int = 0
    open_generators: int = 0
    meeting: threading.Barrier | None = None

    def engine(self) -> type[Engine]:
        """An engine class with this world's faults."""
        world = self

        class FakeEngine(Engine[FakeOptions]):
            def load(self, device: str = "cpu") -> None:
                world.loads += 1
                self.random_weights = world.random_weights

            def unload(self) -> None:
                world.unloads += 1

            def animate(
                self,
                portrait: Portrait,
                voice: Voice,
                options: FakeOptions,
                seed: int,
                motion: SavedMotion | None = None,
            ) -> Iterator[Work]:
                rng = np.random.default_rng(seed)
                total = voice.frames(options.fps) + world.extra_frames
                shape = (portrait.height, portrait.width + world.extra_width, 3)
                world.open_generators += 1
                try:
                    yield from map(Note, world.notes)
                    yield from (Step(n / world.steps / 2) for n in range(1, world.steps + 1))
                    if motion is not None:
                        world.rendered_again.append(motion)
                    for start in range(0, total, BATCH):
                        if world.meeting is not None:
                            world.meeting.wait(30)  # every job is in the middle of its work at once
                        if world.fail_at is not None and start >= world.fail_at:
                            raise world.failure
                        frames = np.full((min(BATCH, total - start), *shape), options.level, world.dtype)
                        frames[:, 0, 0, 0] = rng.integers(0, 256, len(frames))
                        world.batches += 1
                        yield frames
                    if world.keeps and motion is None:
                        yield SavedMotion({"level": rng.random((total, 1), np.float32)}, {})
                finally:
                    world.open_generators -= 1

        return FakeEngine


def spec_for(name: str, options: type[EngineOptions], engine: type[Engine] | str, **facts: Any) -> EngineSpec:
    """The spec of an engine that exists only in tests."""
    return EngineSpec(name=name, title=name.capitalize(), about="", options=options, engine=engine, **facts)


@contextmanager
def registered(spec: EngineSpec) -> Iterator[None]:
    """An engine that exists for the length of a `with` block."""
    registry.register(spec)
    try:
        yield
    finally:
        registry.unregister(spec.name)


@contextmanager
def fake_engine() -> Iterator[FakeWorld]:
    """The fake engine, registered for the length of a `with` block."""
    world = FakeWorld()
    with registered(spec_for(NAME, FakeOptions, world.engine(), keeps_motion=True)):
        yield world
