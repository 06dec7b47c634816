"""The objects that the modules of a folder define under one name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from media.offered import offered


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """An empty package that can be imported, with a name of its own."""
    package = tmp_path / f"package_of_{request.node.originalname}"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return package


def test_a_file_and_a_package_are_found_by_their_names(folder: Path) -> None:
    (folder / "pear.py").write_text("FRUIT = 'pear'\n")
    (folder / "apple").mkdir()
    (folder / "apple" / "__init__.py").write_text("FRUIT = 'apple'\n")
    (folder / "apple" / "seeds.py").write_text("raise RuntimeError('a part of the package only')\n")
    assert offered(import_module(folder.name), "FRUIT") == ["apple", "pear"]


def test_a_module_without_the_name_is_reported(folder: Path) -> None:
    (folder / "helper.py").write_text("OTHER = 1\n")
    with pytest.raises(AttributeError, match=rf"{folder.name}\.helper offers no FRUIT\."):
        offered(import_module(folder.name), "FRUIT")
