"""Every tensor of every network of this engine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from engines.weights.manifest import Manifest, read_manifest


@cache
def manifest() -> Manifest:
    """The list that ships beside this file."""
    return read_manifest(Path(__file__).with_name("manifest.json.gz"))
