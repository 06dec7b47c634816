"""Makes command line flags from options models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from engines import registry
from media.documents.paths import given_path
from media.errors import OptionError
from studio.marks_file import MARKS, is_inline, read_marks
from studio.options import Option, list_options, options_of_model


def with_engine_flags(
    command: Callable[..., None],
    engines: Collection[str] | None = None,
    without: Callable[[str], Collection[str]] = lambda _: (),
) -> Callable[..., None]:
    """Give `command`, which ends in `**flags`, a parameter for every option of the engines; None means all.

    A flag that is not typed is None, so that a preset or the model's default decides. without: the names of
    an engine's options that the command has no use for.
    """
    shown = engines or registry.names()
    options = _by_name(shown, without)
    return _with_flags(command, [_parameter(name, owners, len(shown)) for name, owners in options.items()])


def with_model_flags(command: Callable[..., None], model: type[BaseModel]) -> Callable[..., None]:
    """The same for every option of one model."""
    return _with_flags(
        command, [_parameter(option.name, {"": option}, 1) for option in options_of_model(model)]
    )


def _with_flags(command: Callable[..., None], flags: list[inspect.Parameter]) -> Callable[..., None]:
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    clash = {p.name for p in own} & {flag.name for flag in flags}
    if clash:
        raise ValueError(f"Options may not be called {', '.join(sorted(clash))}.")

    def run(**given: Any) -> None:
        command(**given)

    run.__doc__ = command.__doc__
    run.__name__ = command.__name__
    run.__signature__ = signature.replace(parameters=[*own, *flags])  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in (*own, *flags)}
    return run


def typed(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Only the flags that were typed. Marks are read from their file, if one is named. Raises OptionError."""
    given = {name: value for name, value in flags.items() if value is not None}
    if MARKS in given and not is_inline(given[MARKS]):
        given[MARKS] = read_marks(given_path(given[MARKS]))
    return given


def anchor_points(texts: tuple[str, str, str] | None) -> tuple[tuple[float, float], ...] | None:
    """The points of `--anchors`, each written as `x,y`. Raises OptionError for anything else."""
    return tuple(map(_point, texts)) if texts else None


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = text.split(",")
        return float(x), float(y)
    except ValueError:
        raise OptionError(
            "--anchors takes three points such as 120,80, but one of them is {text!r}.", text=text
        ) from None


def _by_name(
    engines: Collection[str], without: Callable[[str], Collection[str]]
) -> dict[str, dict[str, Option]]:
    """Every option's name with the engines that have it and do not leave it out."""
    found: dict[str, dict[str, Option]] = {}
    for engine in engines:
        unused = without(engine)
        for option in (option for option in list_options(engine) if option.name not in unused):
            found.setdefault(option.name, {})[engine] = option
    return found


def _parameter(name: str, owners: Mapping[str, Option], engines: int) -> inspect.Parameter:
    option = next(iter(owners.values()))
    switch = option.kind == "switch"
    flag = f"{option.flag}/--no-{option.flag[2:]}" if switch else option.flag
    metavar = {"choice": "|".join(option.choices), "integer": "INTEGER", "number": "NUMBER"}
    # Values stay text here: the model reads, checks and refuses them, with the range in the message.
    kind: Any = bool | None if switch else str | None
    info = typer.Option(
        flag,
        help=_help(owners, engines),
        metavar=None if switch else metavar.get(option.kind, "TEXT"),
        show_default=False,
    )
    annotation: Any = Annotated[kind, info]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _help(owners: Mapping[str, Option], shown: int) -> str:
    texts: dict[str, list[str]] = {}
    for engine, option in owners.items():
        facts = f"{option.range}; default {option.default}" if option.range else f"default {option.default}"
        texts.setdefault(f"{option.help} [{facts}]", []).append(engine)
    everywhere = len(texts) == 1 and len(owners) == shown
    return " ".join(
        text if everywhere else f"{' and '.join(engines)}: {text}" for text, engines in texts.items()
    )
