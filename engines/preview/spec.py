"""What the rest of the program knows about the preview engine."""

from __future__ import annotations

from engines.preview.options import PreviewOptions
from engines.spec import EngineSpec

SPEC = EngineSpec(
    name="preview",
    title="Preview",
    about="Moves the portrait's own pixels: in seconds, on any machine, with nothing to fetch.",
    options=PreviewOptions,
    engine="engines.preview.engine:PreviewEngine",
)
