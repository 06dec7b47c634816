"""The presets that a dub can begin with, by what of them acts in one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.base import EngineOptions
from engines.dub_options import unused_of
from studio.presets import Preset, list_presets


def acting_values(options: EngineOptions) -> dict[str, Any]:
    """The values of the options that act in a dub, by name."""
    return options.model_dump(mode="json", exclude=set(unused_of(options)))


def dub_presets(engine: str, folder: Path | None = None) -> list[Preset]:
    """An engine's presets for people, without those that are the same as an earlier one in a dub.

    folder: as in `studio.presets.list_presets`. Raises OptionError for a broken file.
    """
    kept: list[Preset] = []
    for preset in list_presets(engine, folder):
        known = any(acting_values(preset.options) == acting_values(one.options) for one in kept)
        if preset.options.animation_mode != "animal" and not known:
            kept.append(preset)
    return kept


def dub_preset_of(values: Mapping[str, Any], engine: str, folder: Path | None = None) -> str | None:
    """The name of the preset with exactly these values of acting options; None for none."""
    return next(
        (one.name for one in dub_presets(engine, folder) if acting_values(one.options) == dict(values)), None
    )
