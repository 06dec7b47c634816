"""Small packages with an engine, as pip would lay them out in a folder."""

from __future__ import annotations

from pathlib import Path

MODULE = """
from pathlib import Path
from typing import ClassVar
from pydantic import Field
from engines.base import Engine, EngineOptions
from engines.spec import EngineSpec, WeightsSpec

class Options(EngineOptions):
    glow: float = Field(1.0, ge=0.0, le=2.0, description="How bright.")
    {option}

SPEC = EngineSpec(
    name="{name}", title="{name}", about="From a package.", options=Options, engine="{engine}", {more}
)
"""


def install(
    folder: Path,
    name: str,
    *,
    module: str | None = None,
    option: str = "",
    more: str = "",
    engine: str = "studio:Engine",
    entry: str | None = None,
    group: str = "joystudio.engines",
) -> Path:
    """A package `joystudio-NAME` with the engine NAME in `folder`, which has to be on Python's path.

    module: its source; else one with a spec, to which `option`, a line of the options model, and `more`
    arguments of the spec are added. entry: what the entry point names; else the spec. group: of the entry
    point.
    """
    source = MODULE.format(name=name, option=option, more=more, engine=engine) if module is None else module
    package = folder / f"plugin_{name}"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(source, encoding="utf-8")
    about = folder / f"joystudio_{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: joystudio-{name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        f"[{group}]\n{name} = {entry or f'plugin_{name}:SPEC'}\n", encoding="utf-8"
    )
    return package
