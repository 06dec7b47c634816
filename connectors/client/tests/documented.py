"""The programs of docs/live-connectors.md."""

from __future__ import annotations

import re

from real_server import ROOT

PAGE = ROOT / "docs" / "live-connectors.md"


def program(heading: str) -> str:
    """The only Python program under a heading."""
    text = PAGE.read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    (code,) = re.findall(r"^```python\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    return str(code)
