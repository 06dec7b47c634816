"""Documents, docstrings and comments use none of the words that docs/style.md lists."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = (
    "benchmarks",
    "commands",
    "connectors",
    "engines",
    "evaluation",
    "media",
    "scripts",
    "speech",
    "studio",
    "training",
    "ui",
)
STYLE = ROOT / "docs" / "style.md"


@cache
def listed() -> list[str]:
    """The words in the list of docs/style.md."""
    text = STYLE.read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^Do not write these words.*?\n\n", text, re.DOTALL | re.MULTILINE)
    return re.findall(r"\*([^*]+)\*", sentence)


def found(text: str) -> list[str]:
    words = "|".join(map(re.escape, listed()))
    return re.findall(rf"\b(?:{words})\b", re.sub(r"\s+", " ", text), re.IGNORECASE)


def prose(path: Path) -> str:
    """The docstrings and comments of a module."""
    source = path.read_text(encoding="utf-8")
    if not found(source):  # parsing takes ten times as long
        return ""
    parts = [
        node.value.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return "\n".join([*parts, *(one.string for one in tokens if one.type == tokenize.COMMENT)])


def test_the_list_is_read_and_its_words_are_found() -> None:
    assert "nobody" in listed()
    assert found("Nobody is\ntold.") == ["Nobody", "is told"]


@pytest.mark.parametrize(
    "path", [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_documents_use_none_of_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path == STYLE:
        text = re.sub(r"^Do not write these words.*?\n\n", "", text, flags=re.DOTALL | re.MULTILINE)
    assert found(text) == []


@pytest.mark.parametrize("folder", CODE)
def test_docstrings_and_comments_use_none_of_them(folder: str) -> None:
    uses = {str(path.relative_to(ROOT)): found(prose(path)) for path in sorted((ROOT / folder).rglob("*.py"))}
    assert uses
    assert {path: words for path, words in uses.items() if words} == {}


def test_every_class_has_a_name_of_its_own() -> None:
    modules = defaultdict(list)
    for folder in CODE:
        if folder == "connectors":  # packages of their own, which use the server's words
            continue
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in re.findall(r"^class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
                modules[name].append(str(path.relative_to(ROOT)))
    assert len(modules) > 500
    assert {name: places for name, places in modules.items() if len(places) > 1} == {}
