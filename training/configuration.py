"""A training's options from a YAML file and from what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media.errors import OptionError


def read_config(path: Path, kind: str) -> dict[str, Any]:
    """The options in a file such as those of `presets/training/`. Raises OptionError."""
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OptionError(
            f"The configuration {path} cannot be read ({' '.join(str(error).split())})."
        ) from error
    options = document.get("options") if isinstance(document, Mapping) else None
    if not isinstance(options, dict):
        raise OptionError(f"The configuration {path} must have a mapping called `options`, and a `kind`.")
    if document.get("kind") != kind:
        raise OptionError(f"The configuration {path} is for {document.get('kind')}, not for train {kind}.")
    return options
