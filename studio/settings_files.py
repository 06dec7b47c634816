"""Reads the files that a finished video offers for download: its preset and its settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from engines.base import EngineOptions
from engines.registry import DEFAULT_ENGINE
from media.documents.json_text import parse_json
from media.documents.quoting import quoted, shown
from media.documents.text import decoded
from media.documents.yaml_text import parse_yaml
from media.dubbing.following_person import read_person
from media.errors import DocumentError, InputError, OptionError
from studio.dubbing.job import DUB_FIELDS, DubJob
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import performance_facts
from studio.job import checked_seed
from studio.options import make_options
from studio.second_voice import KEY as SECOND
from studio.second_voice import read_second
from studio.spoken_text import SpokenText

LARGEST = 300_000
"""Bytes of such a file: as base64, it fits into a call of the page."""
SUFFIXES = (".yaml", ".yml", ".json")
_FIRST_LINE = re.compile(r"\s*#\s*([\w-]+)\s*$", re.MULTILINE)
"""How presets name their engine that were downloaded before they had a value for it."""


@dataclass(frozen=True)
class RestoredSettings:
    """What a file decides. seed and spoken: None if the file does not say. second_voice: as in
    `studio.second_voice`; says_who_speaks: whether the file says that, as settings do and presets do not.
    performance: as in `studio.given_performance`. dub: what a dub was asked for: sync_mode, person, max_turn
    and fade; None for every other video.
    """

    engine: str
    options: EngineOptions
    seed: int | None = None
    spoken: SpokenText | None = None
    second_voice: dict[str, Any] | None = None
    says_who_speaks: bool = False
    performance: dict[str, Any] | None = None
    dub: dict[str, Any] | None = None


def read_settings_file(name: str, content: bytes | None, engines: Sequence[str]) -> RestoredSettings:
    """The engine, options, seed and text of a downloaded preset (.yaml) or of settings (.json).

    name: of the file; its ending decides how it is read. content: None if it is not of such a kind, or has
    more than LARGEST bytes. engines: those that can be chosen, for a file that names none.
    Raises InputError for another file, and OptionError for values that its engine does not take.
    """
    label = quoted(PurePath(name).name, 60)
    if not name.lower().endswith(SUFFIXES):
        raise InputError(
            'The file "{name}" is neither a preset (.yaml) nor settings (.json). Give one that a finished '
            "video offers for download.",
            name=label,
        )
    if content is None or len(content) > LARGEST:
        raise InputError(
            'The file "{name}" cannot be read, or has more than {most} bytes, the limit for presets and '
            "settings. Give one that a finished video offers for download.",
            name=label,
            most=LARGEST,
        )
    text, document = _document(name, label, content)
    options = dict(document["options"])
    engine = _engine(label, document.get("engine"), text, options, engines)
    try:
        made = make_options(engine, options)
        seed = checked_seed(document["seed"]) if document.get("seed") is not None else None
        spoken = SpokenText.model_validate(document["spoken"]) if document.get("spoken") else None
        second = _second_voice(document.get(SECOND))
        dub = _dub(document.get("dub"), engine, made)
    except InputError as error:
        reason = error.message.with_names(str)  # as in the file
        raise OptionError('The file "{name}" cannot be used. {reason}', name=label, reason=reason) from error
    recorded = performance_facts(document.get(PERFORMANCE))
    return RestoredSettings(engine, made, seed, spoken, second, SECOND in document, recorded, dub)


def _dub(found: Any, engine: str, options: EngineOptions) -> dict[str, Any] | None:
    """What a dub was asked for, checked. Raises OptionError for a value that a dub does not take."""
    if not isinstance(found, dict):
        return None
    asked = {name: found[name] for name in DUB_FIELDS if found.get(name) is not None}
    job = DubJob.model_validate(
        {"engine": engine, "options": options, "video": "video", "voice": "voice", **asked}
    )
    read_person(job.person)
    return job.model_dump(mode="json", include=set(DUB_FIELDS))


def _second_voice(found: Any) -> dict[str, Any] | None:
    try:
        return read_second(found)
    except (TypeError, ValueError, OverflowError):
        raise OptionError(
            "The value second_voice is {given}; it takes start in seconds, face_index and channels, or null. "
            "Correct it, or remove it.",
            given=shown(found),
        ) from None


def _document(name: str, label: str, content: bytes) -> tuple[str, dict[str, Any]]:
    """The text of a file, and what it says."""
    try:
        text = decoded(content)
        document = parse_json(text) if name.lower().endswith(".json") else parse_yaml(text)
    except DocumentError as error:
        raise InputError('The file "{name}" cannot be read: {reason}.', name=label, reason=error) from error
    if not isinstance(document, dict) or not isinstance(document.get("options"), dict):
        raise InputError(
            'The file "{name}" has no `options`, which presets and settings have. Give one that a finished '
            "video offers for download.",
            name=label,
        )
    return text, document


def _engine(label: str, named: Any, text: str, options: dict[str, Any], engines: Sequence[str]) -> str:
    """The engine that a file names, or the only one that takes its options."""
    first = _FIRST_LINE.match(text)
    if isinstance(named, str) and named:
        return named
    if first and first[1] in engines:
        return first[1]
    fitting = [engine for engine in engines if _takes(engine, options)]
    if len(fitting) == 1:
        return fitting[0]
    raise InputError(
        'The file "{name}" does not say for which engine it is. Add a line to it, such as '
        "`engine: {engine}`.",
        name=label,
        engine=next(iter((*fitting, *engines)), DEFAULT_ENGINE),
    )


def _takes(engine: str, options: dict[str, Any]) -> bool:
    try:
        make_options(engine, options)
    except OptionError:
        return False
    return True
