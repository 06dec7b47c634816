"""Named option sets, one YAML file each in presets/<engine>/."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engines import registry
from engines.base import EngineOptions
from media.documents.bounds import SETTINGS
from media.documents.quoting import shown
from media.documents.text import read_text
from media.documents.yaml_text import parse_yaml
from media.errors import DocumentError, OptionError
from studio.options import make_options
from studio.settings import Settings


@dataclass(frozen=True)
class Preset:
    """A named set of options; `values` are those written in the file, `options` the whole model."""

    engine: str
    name: str
    description: str
    values: dict[str, Any]
    options: EngineOptions


def list_presets(engine: str, folder: Path | None = None) -> list[Preset]:
    """Every preset of an engine, the default first, then by name. Raises OptionError for a broken file."""
    here = _folder(engine, folder)
    presets = [load_preset(engine, path.stem, folder) for path in here.glob("*.yaml")]
    default = registry.options_of(engine).default_preset
    return sorted(presets, key=lambda preset: (preset.name != default, preset.name))


def load_preset(engine: str, name: str, folder: Path | None = None) -> Preset:
    """Read and check one preset.

    Raises OptionError when there is no such preset, and when the file has an option that the engine
    does not have or a value out of its range.
    """
    here = _folder(engine, folder)
    names = sorted(path.stem for path in here.glob("*.yaml"))
    if name not in names:  # also keeps a name such as ../../x inside the folder
        raise OptionError(
            f"The engine {engine} has no preset {shown(name)}; it has {', '.join(names) or 'none'}."
        )
    path = here / f"{name}.yaml"
    document = _document(path)
    if not isinstance(document, dict) or not isinstance(document.get("options", {}), dict):
        raise OptionError(f"The preset {path} must have a `description` and a mapping called `options`.")
    values = dict(document.get("options", {}))
    try:
        options = make_options(engine, values)
    except OptionError as error:
        raise OptionError(f"The preset {path.name} cannot be used. {error}") from error
    return Preset(engine, name, str(document.get("description", "")).strip(), values, options)


def _document(path: Path) -> Any:
    try:
        return _parsed(read_text(path, SETTINGS))
    except DocumentError as error:
        raise OptionError(f"The preset {path} cannot be read: {error}.") from error


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    """A file's content, which nobody may change; the page asks for the same files over and over."""
    return parse_yaml(text)


def name_of(options: EngineOptions, engine: str, folder: Path | None = None) -> str | None:
    """The preset that has exactly these options; None for options that were set by hand."""
    return next((one.name for one in list_presets(engine, folder) if one.options == options), None)


def _folder(engine: str, folder: Path | None) -> Path:
    registry.options_of(engine)  # an engine that does not exist is a clearer error than an empty folder
    return (folder or Settings().presets) / engine
