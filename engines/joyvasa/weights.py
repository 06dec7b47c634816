"""The weight files of this engine: what they hold, where they are published and under which licence."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engines.weights.manifest import Manifest, read_manifest

MANIFEST = Path(__file__).with_name("manifest.json.gz")


@cache
def manifest() -> Manifest:
    """Every tensor of every network of this engine."""
    return read_manifest(MANIFEST)
