"""`engines`, `presets` and `options`: list the available choices."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from engines import registry
from media.errors import OptionError
from studio.options import list_options, markdown_table


def engines(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the engines and all their options."""
    if as_json:
        print(json.dumps({name: [asdict(o) for o in list_options(name)] for name in registry.names()}))
        return
    for name in registry.names():
        print(name)
        for option in list_options(name):
            print(f"  {option.flag:<18} {option.range} (default {option.default})")
            print(f"  {'':<18} {option.help}")


def presets(
    engine: Annotated[str | None, typer.Argument(help="List only the presets of this engine.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the named sets of options."""
    from studio.presets import list_presets

    found = [preset for name in ([engine] if engine else registry.names()) for preset in list_presets(name)]
    if as_json:
        listed = {f"{p.engine}/{p.name}": {"description": p.description, "options": p.values} for p in found}
        print(json.dumps(listed))
        return
    for preset in found:
        print(f"{preset.engine}/{preset.name:<10} {preset.description}")


def options(
    engine: Annotated[str, typer.Argument(help="The engine.")],
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a Markdown table, as in the docs.")
    ] = False,
) -> None:
    """List the options of one engine."""
    if engine not in registry.names():
        raise OptionError(
            "There is no engine called {engine!r}. Available: {names}.",
            engine=engine,
            names=", ".join(registry.names()),
        )
    if markdown:
        print(markdown_table(engine), end="")
        return
    for option in list_options(engine):
        print(f"{option.flag:<18} {option.range} (default {option.default}): {option.help}")
