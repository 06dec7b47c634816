"""Named sets of options, one YAML file each: in presets/<engine>/, or in the engine's own package."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache, lru_cache
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

_log = logging.getLogger("joystudio.presets")


@dataclass(frozen=True)
class Preset:
    """A named set of options. values: those in the file. options: the whole model."""

    engine: str
    name: str
    description: str
    values: dict[str, Any]
    options: EngineOptions


def list_presets(engine: str, folder: Path | None = None) -> list[Preset]:
    """Every preset of an engine, the default first, then by name.

    Raises OptionError for a broken file, unless it comes from another package: such a preset is logged and
    left out.
    """
    presets = []
    for name, path in _files(engine, folder).items():
        try:
            presets.append(_read(engine, path))
        except OptionError as error:
            if path.parent != registry.spec_of(engine).presets:
                raise
            _report(name, registry.package_of(engine), str(error))
    default = registry.options_of(engine).default_preset
    return sorted(presets, key=lambda preset: (preset.name != default, preset.name))


@cache
def _report(name: str, package: str | None, why: str) -> None:
    """Log, once, that a package's preset is left out."""
    _log.warning("The preset %s of the package %s was left out: %s", name, package, why)


def load_preset(engine: str, name: str, folder: Path | None = None) -> Preset:
    """Read and check one preset.

    Raises OptionError if there is no such preset, or if the file has an unknown option or a value out of
    range.
    """
    files = _files(engine, folder)
    if not isinstance(name, str) or name not in files:  # also keeps a name such as ../../x inside the folder
        raise OptionError(
            "The engine {engine} has no preset {name}; it has {presets}.",
            engine=engine,
            name=shown(name),
            presets=", ".join(sorted(files)) or "none",
        )
    return _read(engine, files[name])


def _read(engine: str, path: Path) -> Preset:
    document = _document(path)
    if not isinstance(document, dict) or not isinstance(document.get("options", {}), dict):
        raise OptionError(
            "The preset {path} must have a `description` and a mapping called `options`.", path=path
        )
    values = dict(document.get("options", {}))
    try:
        options = make_options(engine, values)
    except OptionError as error:
        raise OptionError(
            "The preset {name} cannot be used. {reason}",
            name=path.name,
            reason=error.message.with_names(str),  # as in the file
        ) from error
    return Preset(engine, path.stem, str(document.get("description", "")).strip(), values, options)


def _document(path: Path) -> Any:
    try:
        return _parsed(read_text(path, SETTINGS))
    except DocumentError as error:
        raise OptionError("The preset {path} cannot be read: {reason}.", path=path, reason=error) from error


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    """A file's content; do not change it. It is cached because the page asks for the same files over and
    over.
    """
    return parse_yaml(text)


def name_of(options: EngineOptions, engine: str, folder: Path | None = None) -> str | None:
    """The preset with exactly these options; None for options that were set by hand."""
    return next((one.name for one in list_presets(engine, folder) if one.options == options), None)


def _files(engine: str, folder: Path | None) -> dict[str, Path]:
    """The files of an engine's presets by name. The owner's override those of the engine's package."""
    shipped = registry.spec_of(engine).presets
    own = (folder or Settings().presets) / engine
    return {path.stem: path for here in (shipped, own) if here for path in here.glob("*.yaml")}
