"""Engines of other packages: accepted ones, and broken ones that are named and left out."""

from __future__ import annotations

import inspect
import logging
from pathlib import Path
from typing import Any

import pytest
import typer.main

import cli
from commands.animate import animate
from commands.weights import OTHERS
from engines import registry, reserved
from engines.plugins import find_plugins
from engines.spec import NAME, EngineSpec
from studio.batch.listing import OWN_COLUMNS
from tests.engines.packages import install
from ui.api.endpoint import REQUEST_FIELDS
from ui.app import all_tabs


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages on Python's path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def shipped() -> dict[str, EngineSpec]:
    return {name: registry.spec_of(name) for name in registry.SHIPPED}


def test_an_engine_is_found_by_its_entry_point(packages: Path) -> None:
    install(packages, "glow")
    (plugin,) = find_plugins(shipped())
    assert (plugin.name, plugin.package, plugin.why) == ("glow", "joystudio-glow", "")
    assert plugin.spec is not None
    assert plugin.spec.options(glow=0.5).model_dump()["glow"] == 0.5  # type: ignore[call-arg]


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no_module": ({"entry": "plugin_nowhere:SPEC"}, "ModuleNotFoundError: No module named 'plugin_nowhere'"),
    "no_spec": ({"entry": "plugin_no_spec:OTHER"}, "AttributeError"),
    "not_python": ({"module": "def"}, "SyntaxError"),
    "raises": ({"module": "1 / 0"}, "ZeroDivisionError: division by zero"),
    "exits": ({"module": "import sys; sys.exit('goodbye')"}, "SystemExit: goodbye"),
    "two_lines": ({"module": "raise ValueError('one\\ntwo\\x1b[31m')"}, "ValueError: one two\\x1b[31m"),
    "no_engine_spec": ({"module": "SPEC = 5"}, "is of the type int, not an EngineSpec"),
    "other_name": ({"module": "from engines.preview.spec import SPEC"}, "but the engine preview"),
    "preview": ({}, "another engine called preview"),
    "gallery": ({}, "The program uses the name gallery itself"),
    "own_option": ({"option": "seed: int = 1"}, "uses the option name seed itself"),
    "own_flag": ({"option": "json: int = 1"}, "uses the option name json itself"),
    "off_flag": ({"option": "no_paste_back: int = 1"}, "uses the option name no_paste_back itself"),
    "other_kind": ({"option": "paste_back: float = 1.0"}, "The option paste_back is a switch in one of two"),
    "no_default": ({"option": "depth: int"}, "ValidationError"),
    "strange_engine": ({"engine": "nothing"}, 'engine has to be "module:Class"'),
    "strange_presets": ({"more": "presets='here'"}, "presets has to be a Path"),
}


@pytest.mark.filterwarnings("ignore:Field name:UserWarning")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_package_is_named_with_its_error_and_left_out(
    packages: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    how, why = BROKEN[name]
    install(packages, name, **how)
    install(packages, "whole")
    with caplog.at_level(logging.WARNING, logger="joystudio.plugins"):
        found = {plugin.name: plugin for plugin in find_plugins(shipped())}
    assert found["whole"].spec is not None
    assert found[name].spec is None
    assert why in found[name].why
    (record,) = (one for one in caplog.records if one.name == "joystudio.plugins")
    assert record.getMessage() == (
        f"The engine {name} of the package joystudio-{name} was left out: {found[name].why}"
    )
    assert record.getMessage().isprintable()


def test_names_that_the_program_uses_are_reserved() -> None:
    command = typer.main.get_command(typer_of_animate())
    own = {name for name in inspect.signature(animate).parameters if name != "flags"}
    flags = {flag[2:].replace("-", "_") for part in command.params for flag in part.opts if flag[:2] == "--"}
    job = {"speech", "request", "progress"}
    assert own | flags | {"help"} | set(REQUEST_FIELDS) | OWN_COLUMNS | job <= reserved.OPTIONS
    tabs = {tab.id for tab in all_tabs()}
    assert {tab for tab in tabs if NAME.fullmatch(tab)} - set(registry.names()) <= reserved.ENGINES
    assert set(OTHERS) <= reserved.ENGINES
    folders = {path.name for path in (Path(cli.__file__).parent / "presets").iterdir()}
    assert folders - set(registry.names()) <= reserved.ENGINES


def typer_of_animate() -> typer.Typer:
    """The command without the engines' flags."""

    def plain(**given: Any) -> None:
        raise NotImplementedError

    signature = inspect.signature(animate, eval_str=True)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    plain.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    plain.__annotations__ = {one.name: one.annotation for one in own}
    app = typer.Typer(add_completion=False)
    app.command()(plain)
    return app
