"""The Chinese README matches the English one: commands, code, links, pictures and figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.hosting.deployment import plan

ROOT = Path(__file__).resolve().parents[1]
OTHER = {"README.md": "README.zh.md", "README.zh.md": "README.md"}


def readme(name: str) -> str:
    """The text without the front matter that a Space reads."""
    return re.sub(r"\A---\n.*?\n---\n", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.DOTALL)


def commands(text: str) -> list[str]:
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]


def inline_code(text: str) -> list[str]:
    return sorted(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text))


def links(text: str) -> list[str]:
    return sorted(link for link in re.findall(r"\]\(([^)]+)\)", text) if link not in OTHER)


def figures(text: str) -> list[tuple[str, ...]]:
    """The measured and promised numbers of every row of the table."""
    rows = re.findall(r"^\|[^|]+\|([^|]+)\|([^|]+)\|[^|]*\|$", text, re.MULTILINE)
    return [tuple(cell.strip() for cell in row) for row in rows if re.search(r"\d", row[0])]


def headings(text: str) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


@pytest.mark.parametrize("part", [commands, inline_code, links, figures, headings])
def test_both_say_the_same(part) -> None:
    english, chinese = (part(readme(name)) for name in OTHER)
    assert english, "nothing was found to compare"
    assert chinese == english


@pytest.mark.parametrize(("name", "other"), OTHER.items())
def test_each_leads_to_the_other(name: str, other: str) -> None:
    assert f"]({other})" in readme(name)[:200]


def test_a_space_gets_both() -> None:
    assert set(OTHER) <= set(plan("ann/joystudio").files)
