from __future__ import annotations

from pathlib import Path

import pytest

from engines import registry
from studio.options import markdown_table

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("engine", registry.names())
def test_the_table_of_options_is_current(engine: str) -> None:
    text = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    assert markdown_table(engine) in text, f"run: python cli.py options {engine} --markdown"
