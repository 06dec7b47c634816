"""The settings of the video service that can change while a bot speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipecat.services.settings import ServiceSettings


@dataclass
class JoyStudioVideoSettings(ServiceSettings):
    """model: the engine; fixed. extra: its options, such as ``{"mouth_opening": 0.8}``.

    JoyStudio says which options there are, which of them can change, and their ranges.
    """


def with_options(engine: str, options: Mapping[str, Any] | None) -> JoyStudioVideoSettings:
    """The settings of a service when it is made."""
    return JoyStudioVideoSettings(model=engine, extra=dict(options or {}))
