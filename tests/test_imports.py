"""No module imports itself by way of others; import-linter checks the layers, `make layers`."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from importlinter import configuration
from importlinter.api import read_configuration

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def graph() -> dict[str, set[str]]:
    configuration.configure()
    packages = read_configuration(str(ROOT / "pyproject.toml"))["session_options"]["root_packages"]
    found = grimp.build_graph(*packages, cache_dir=None)
    return {module: found.find_modules_directly_imported_by(module) for module in found.modules}


def test_no_module_imports_itself_by_way_of_others(graph: dict[str, set[str]]) -> None:
    assert len(graph) > 500
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_a_circle_is_found(graph: dict[str, set[str]]) -> None:
    graph["media.errors"] = graph["media.errors"] | {"studio.run"}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()
