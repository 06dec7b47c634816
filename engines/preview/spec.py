"""What the rest of the program knows about the preview engine."""

from __future__ import annotations

from engines.preview.options import PreviewOptions
from engines.spec import EngineSpec

SPEC = EngineSpec(
    name="preview",
    title="Express · in seconds",
    about="Moves the portrait's own pixels. Takes seconds on any machine and needs no downloads.",
    options=PreviewOptions,
    engine="engines.preview.engine:PreviewEngine",
    live=True,
    curves=True,
    two_voices=True,
    performs=True,
    dubs=True,
)
