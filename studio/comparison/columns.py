"""The settings of a comparison's column, and its result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engines.base import AnimationMode, EngineOptions
from media.documents.quoting import quoted
from media.errors import OptionError
from media.messages import said
from studio.events import Result
from studio.options import make_options, modes_of
from studio.presets import load_preset

MOST = 8
"""Largest number of columns; more do not fit side by side."""


@dataclass(frozen=True)
class Column:
    """The settings of one column. values: options that override the preset's."""

    engine: str
    preset: str | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The title as typed: `joyvasa:balanced,cfg_scale=3`."""
        name = f"{self.engine}:{self.preset}" if self.preset else self.engine
        return ",".join([name, *(f"{option}={_typed(value)}" for option, value in self.values.items())])

    @property
    def file_name(self) -> str:
        """The title in characters that every file system accepts."""
        return re.sub(r"[^\w.=-]+", "-", self.title).strip("-")[:80]

    def options(self, presets: Path | None = None) -> EngineOptions:
        """The engine's options. presets: the folder of presets. Raises OptionError."""
        values = load_preset(self.engine, self.preset, presets).values if self.preset else {}
        return make_options(self.engine, values | self.values)

    def options_for(self, mode: AnimationMode, presets: Path | None = None) -> EngineOptions:
        """The engine's options with the animation mode that the portrait needs. Raises OptionError."""
        if mode not in modes_of(self.engine):
            raise OptionError(
                "The engine {engine} has no mode for this portrait: it supports {modes}, not {mode}. Choose "
                "another engine for this column.",
                engine=self.engine,
                modes=" or ".join(modes_of(self.engine)),
                mode=mode,
            )
        return make_options(self.engine, self.options(presets).model_dump() | {"animation_mode": mode})


@dataclass(frozen=True)
class ColumnDone:
    """A finished column, or the reason why it failed."""

    number: int
    column: Column
    result: Result | None
    memory_mb: float | None = None
    gpu_mb: float | None = None
    error: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """The table's rows, as text."""
        result = self.result
        if result is None:
            return {}
        memory = f"{self.memory_mb:.0f} MB" if self.memory_mb is not None else "not known"
        if self.gpu_mb is not None:
            memory = said("{memory}, {gpu:.0f} MB on the GPU", memory=memory, gpu=self.gpu_mb)
        facts = {
            "Time": said("{seconds:.1f} s", seconds=result.seconds),
            "Time to first frames": said(
                "{first_chunk_seconds:.1f} s", first_chunk_seconds=result.first_chunk_seconds
            ),
            "Rendering speed": said("{frames:.1f} per second", frames=result.frames / result.seconds),
            "Frame rate": said("{fps} per second", fps=result.fps),
            "Size": f"{result.size[0]}x{result.size[1]}",
            "Peak memory": memory,
            "Seed": str(result.seed),
        }
        if (steps := result.options.get("inference_steps")) is not None:
            facts["Steps"] = str(steps) if steps else "as trained"
        if result.random_weights:
            facts["Weights"] = "random"
        return facts


def parse_column(text: str, presets: Path | None = None) -> Column:
    """A column from `ENGINE`, `ENGINE:PRESET` or either followed by `,option=value`. Raises OptionError."""
    begin, *settings = text.split(",")
    engine, _, preset = begin.strip().partition(":")
    values = {}
    for setting in settings:
        option, equals, value = setting.partition("=")
        if not equals:
            raise OptionError(
                'The column "{text}" cannot be read at "{setting}"; write ENGINE:PRESET,option=value, as in '
                "preview:lively,fps=30.",
                text=quoted(text),
                setting=quoted(setting),
            )
        name = option.strip().replace("-", "_").lstrip("_")
        if name in values:
            raise OptionError(
                'The column "{text}" gives "{name}" twice; leave one of them out.',
                text=quoted(text),
                name=quoted(name, 40),
            )
        values[name] = value.strip()
    column = Column(engine, preset or None, values)
    column.options(presets)
    return column


def check_columns(
    columns: Sequence[Column], mode: AnimationMode | None = None, presets: Path | None = None
) -> None:
    """Raise OptionError for no column, too many, invalid options, or two that would make the same video.

    mode: the animation mode of all columns; None leaves it to each.
    """
    if not 1 <= len(columns) <= MOST:
        raise OptionError("A comparison has 1 to {most} columns, not {count}.", most=MOST, count=len(columns))
    seen: dict[tuple[str, EngineOptions], int] = {}
    for number, column in enumerate(columns, 1):
        options = column.options(presets)
        if mode in modes_of(column.engine):
            options = column.options_for(mode, presets)
        first = seen.setdefault((column.engine, options), number)
        if first != number:
            raise OptionError(
                'Columns {first} and {number} are the same: "{title}" and "{other}" have equal options. '
                "Change a preset or an option in one of them.",
                first=first,
                number=number,
                title=quoted(columns[first - 1].title),
                other=quoted(column.title),
            )


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
