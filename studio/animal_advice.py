"""Advice for users whose portrait may show an animal."""

from __future__ import annotations

from engines import registry
from media.messages import said
from studio.options import modes_of


def animal_advice(engine: str) -> str:
    """What to do if the portrait shows an animal: use animal mode, or another engine if this one has none.

    engine: "" if the user chooses the mode before any engine. Empty if no engine animates animals.
    """
    if not engine or "animal" in modes_of(engine):
        return "If it is an animal, use animal mode."
    others = [spec.short_title for spec in registry.specs() if "animal" in modes_of(spec.name)]
    if not others:
        return ""
    return said(
        "If it is an animal, use an engine that animates animals: {engines}.", engines=", ".join(others)
    )
