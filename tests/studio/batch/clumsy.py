"""An engine that fails, dies or waits when its options say so, in whatever process it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydantic import Field

from engines import registry
from engines.base import Engine, EngineOptions, Work
from engines.saved_motion import SavedMotion
from media.portrait import Portrait
from media.voice import Voice
from tests.fake_engine import spec_for

NAME = "clumsy"


class ClumsyOptions(EngineOptions):
    """The faults, and the folder that records the attempts."""

    fps: int = Field(25, ge=12, le=60)
    notes: str = Field("", description="A folder with a file for every seed, of a byte for every attempt.")
    fails: int = Field(0, ge=0, description="How many attempts fail.")
    dies: int = Field(0, ge=0, description="How many attempts end the process.")
    waits_for: str = Field("", description="A named pipe; the first attempt waits until it is written to.")


class ClumsyEngine(Engine[ClumsyOptions]):
    """Paints the seed."""

    def animate(
        self,
        portrait: Portrait,
        voice: Voice,
        options: ClumsyOptions,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[Work]:
        attempt = note(Path(options.notes) / str(seed)) if options.notes else 1
        yield np.full((1, portrait.height, portrait.width, 3), seed % 256, np.uint8)
        if attempt <= options.dies:
            os._exit(1)
        if attempt <= options.fails:
            raise RuntimeError(f"attempt {attempt}")
        if options.waits_for and attempt == 1:
            Path(options.waits_for).read_bytes()
        rest = voice.frames(options.fps) - 1
        yield np.full((rest, portrait.height, portrait.width, 3), seed % 256, np.uint8)


SPEC = spec_for(NAME, ClumsyOptions, ClumsyEngine)


def note(path: Path) -> int:
    """Note an attempt and say which one it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"x")
    return path.stat().st_size


def attempts(folder: Path) -> dict[str, int]:
    """How many attempts each seed has had."""
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir())} if folder.is_dir() else {}


def register() -> None:
    """Put it on this process's list."""
    if NAME not in registry.names():
        registry.register(SPEC)
