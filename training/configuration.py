"""Reads a training's options from a YAML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media.documents.quoting import quoted
from media.documents.yaml_text import read_yaml
from media.errors import DocumentError, OptionError


def read_config(path: Path, kind: str) -> dict[str, Any]:
    """The options in a file such as those of `presets/training/`. Raises OptionError."""
    try:
        document = read_yaml(path)
    except DocumentError as error:
        raise OptionError(
            "The configuration {path} cannot be read ({reason}).", path=path, reason=error
        ) from error
    options = document.get("options") if isinstance(document, Mapping) else None
    if not isinstance(options, dict):
        raise OptionError(
            "The configuration {path} must have a mapping called `options`, and a `kind`.", path=path
        )
    if (said := document.get("kind")) != kind:
        raise OptionError(
            "The configuration {path} is for {found}, not for train {kind}.",
            path=path,
            found=quoted(str(said)),
            kind=kind,
        )
    return options
