"""Reads an engine's options model: checks values against it and lists what can be set.

The model is the only source. Sliders, flags, presets and the documentation table all come from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from engines import registry
from engines.base import AnimationMode, EngineOptions
from media.documents.bounds import OPTIONS, check_value
from media.documents.quoting import quoted, shown
from media.errors import DocumentError, OptionError
from media.messages import Message, OptionName, said

_MOST_NAMED = 12
_LONGEST_NAME = 60
Kind = Literal["number", "integer", "choice", "switch", "text"]


@dataclass(frozen=True)
class Option:
    """One thing a user can set on an engine, as every form, flag and table shows it."""

    name: str
    kind: Kind
    default: Any
    minimum: float | None
    maximum: float | None
    step: float | None
    choices: tuple[str, ...]
    title: str
    help: str
    advanced: bool
    sampled: bool = False
    """It decides a saved motion, and not how that motion is rendered."""
    modes: tuple[AnimationMode, ...] = get_args(AnimationMode)
    """The animation modes in which it has an effect."""
    crops: bool = False
    """It decides which part of the portrait the networks see."""
    live: bool = False
    """It may change while a live session runs."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of some of the choices on buttons."""
    suggestions: Mapping[str, str] = field(default_factory=dict)
    """Of a text: values that a form offers, with their labels. Others can be typed."""
    written: str = ""
    """Of a text: what it contains."""

    def label(self, choice: str) -> str:
        """The label of a choice on a button."""
        return self.labels.get(choice) or choice.replace("_", " ").capitalize()

    @property
    def flag(self) -> str:
        """The option on the command line, as in `--mouth-opening`."""
        return "--" + self.name.replace("_", "-")

    @property
    def range(self) -> str:
        """The allowed values, as in `0 to 2`, `closed or as_portrait`, `on or off`."""
        if self.choices:
            return " or ".join(self.choices)
        if self.kind == "switch":
            return "on or off"
        if self.written:
            return self.written
        if self.suggestions:
            return "text, such as " + " or ".join(
                [name for name in self.suggestions if name != self.default][:2]
            )
        low, high = (None if v is None else f"{v:.10g}" for v in (self.minimum, self.maximum))
        if low is not None and high is not None:
            return said("{low} to {high}", low=low, high=high)
        if low is not None:
            return f"{low} or more"
        return f"{high} or less" if high is not None else ""


def options_of_model(model: type[BaseModel]) -> list[Option]:
    """Every field of a pydantic model as an Option, in the order of the fields.

    A field with only one possible value, such as a network's fixed frame rate or the mode of an engine that
    has one, is not an option.
    """
    options = (_option(name, field) for name, field in model.model_fields.items())
    return [option for option in options if not _fixed(option)]


def list_options(engine: str) -> list[Option]:
    """Every option of an engine. Raises OptionError for an engine that does not exist."""
    return options_of_model(registry.options_of(engine))


def modes_of(engine: str) -> tuple[AnimationMode, ...]:
    """The animation modes that an engine has, at least one."""
    every: tuple[AnimationMode, ...] = get_args(AnimationMode)
    own = get_args(registry.options_of(engine).model_fields["animation_mode"].annotation)
    return tuple(mode for mode in every if mode in own)


def make_options(engine: str, values: Mapping[str, Any] | EngineOptions | None = None) -> EngineOptions:
    """Check `values` against the engine's model and fill in its defaults.

    Raises OptionError with the option, the value and the range; for an option that only another engine has,
    the error names that engine.
    """
    model = registry.options_of(engine)
    if isinstance(values, EngineOptions):
        if not isinstance(values, model):
            raise OptionError(
                "These options belong to a different engine; {engine} needs {kind}.",
                engine=engine,
                kind=model.__name__,
            )
        return values
    given = dict(values or {})
    for name in given:
        if name not in model.model_fields:
            raise OptionError(_unknown(engine, name if isinstance(name, str) else shown(name)))
    for name, value in given.items():
        try:
            check_value(value, OPTIONS)
        except DocumentError as error:
            raise OptionError(
                "The option {name} cannot be used: {reason}.", name=OptionName(name), reason=error
            ) from None
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise OptionError(explain(error, model)) from error


def option(name: str) -> Message:
    """The subject of a sentence about an option, which each entry point calls by its own name."""
    return said("The option {name}", name=OptionName(name))


def explain(
    error: ValidationError, model: type[BaseModel], subject: Callable[[str], Message] = option
) -> str:
    """One sentence about the first error that pydantic found.

    subject: turns a field's name into the sentence's subject, as in "The option fps".
    """
    return explain_one(error.errors(include_url=False)[0], model, subject)


def explain_one(first: Mapping[str, Any], model: type[BaseModel], subject: Callable[[str], Message]) -> str:
    """The same for one of pydantic's errors, whose location starts at the model."""
    name = str(first["loc"][0]) if first["loc"] else ""
    field = model.model_fields.get(name)
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return subject(name).then(Message(" is missing."))
    if field is None:
        return subject(quoted(name)).then(Message(" does not exist.")) if name else quoted(first["msg"], 120)
    value = shown(first["input"])
    allowed = _option(name, field).range
    if first["type"] == "multiple_of":
        allowed += f" in steps of {first['ctx']['multiple_of']}"
    return (
        subject(name).then(said(" is {value}, but takes {allowed}.", value=value, allowed=allowed))
        if allowed
        else subject(name).then(
            said(" is {value}: {reason}.", value=value, reason=quoted(first["msg"], 120).lower())
        )
    )


def markdown_table(engine: str) -> str:
    """The options of an engine as a Markdown table for the documentation."""
    return table_of(list_options(engine))


def table_of(options: Iterable[Option]) -> str:
    """Options as a Markdown table."""
    lines = ["| Flag | Default | Range | What it does |", "|---|---|---|---|"]
    for option in options:
        cells = (f"`{option.flag}`", f"`{option.default}`", option.range, option.help)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _fixed(option: Option) -> bool:
    return len(option.choices) == 1 or (option.minimum is not None and option.minimum == option.maximum)


def _unknown(engine: str, name: str) -> str:
    others = [other for other in registry.names() if name in registry.options_of(other).model_fields]
    if others:
        return said(
            "The engine {engine} has no option {name}; it belongs to {others}. Leave it out or choose "
            "that engine.",
            engine=engine,
            name=OptionName(name),
            others=" and ".join(others),
        )
    own = _nearest(name, list_options(engine))
    return said(
        "The engine {engine} has no option {name}; it has {names}.",
        engine=engine,
        name=quoted(name, 40),
        names=own,
    )


def _nearest(name: str, options: Sequence[Option]) -> str:
    """The names of the options; if there are many, those most similar to the given one."""
    names = [option.name for option in options]
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    written = name[:_LONGEST_NAME]
    alike = sorted(names, key=lambda known: -SequenceMatcher(None, written, known).ratio())[:_MOST_NAMED]
    return said("{alike} and {count} more", alike=", ".join(alike), count=len(names) - len(alike))


def _option(name: str, field: FieldInfo) -> Option:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    choices = _choices(field.annotation)
    step = extra.get("step")
    return Option(
        name=name,
        kind=_kind(field.annotation, choices),
        default=field.default,
        minimum=_bound(field, "ge", "gt"),
        maximum=_bound(field, "le", "lt"),
        step=float(step) if isinstance(step, int | float) else None,
        choices=choices,
        title=field.title or name.replace("_", " ").capitalize(),
        help=field.description or "",
        advanced=bool(extra.get("advanced", False)),
        sampled=bool(extra.get("sampled", False)),
        modes=_modes(extra.get("modes")),
        crops=bool(extra.get("crops", False)),
        live=bool(extra.get("live", False)),
        labels=_labels(extra.get("labels")),
        suggestions=_labels(extra.get("suggestions")),
        written=str(extra.get("written", "")),
    )


def _choices(annotation: Any) -> tuple[str, ...]:
    """The choices of a Literal, also of one that may be left out."""
    if get_origin(annotation) is Literal:
        return tuple(map(str, get_args(annotation)))
    if get_origin(annotation) in (Union, UnionType) and type(None) in get_args(annotation):
        return next((found for kind in get_args(annotation) if (found := _choices(kind))), ())
    return ()


def _modes(named: Any) -> tuple[AnimationMode, ...]:
    every: tuple[AnimationMode, ...] = get_args(AnimationMode)
    return tuple(mode for mode in every if mode in named) if isinstance(named, list | tuple) else every


def _labels(named: Any) -> dict[str, str]:
    return {str(k): str(v) for k, v in named.items()} if isinstance(named, dict) else {}


def _kind(annotation: Any, choices: tuple[str, ...]) -> Kind:
    if choices:
        return "choice"
    kinds: dict[Any, Kind] = {bool: "switch", int: "integer", float: "number"}
    return kinds.get(annotation, "text")


def _bound(field: FieldInfo, *names: str) -> float | None:
    for rule in field.metadata:
        for name in names:
            value = getattr(rule, name, None)
            if isinstance(value, int | float):
                return value
    return None
