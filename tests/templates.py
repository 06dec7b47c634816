"""The texts with values in the code, found without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from media.messages import GAP

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("media", "engines", "speech", "evaluation", "training", "studio", "commands", "ui")


@dataclass(frozen=True)
class Template:
    """A template in a call that fills it. fields: what it needs; given: what the call gives."""

    where: str
    text: str
    fields: frozenset[str]
    given: frozenset[str]


def gapped(text: str) -> str:
    """A template as messages and the catalogue know it, with GAP for each field."""
    return "".join(
        before + (GAP if field is not None else "") for before, field, _, _ in Formatter().parse(text)
    )


def fields_of(text: str) -> frozenset[str]:
    """The fields of a template."""
    return frozenset(field for _, field, _, _ in Formatter().parse(text) if field is not None)


@cache
def templates() -> tuple[Template, ...]:
    """Every template that stands in a call of `said` or of an error, or in a constant that a call names."""
    return tuple(
        template
        for layer in LAYERS
        for path in sorted((ROOT / layer).rglob("*.py"))
        for template in _of(path)
    )


def constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    """What the names at the top of a module stand for."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def calls_of(path: Path) -> Iterator[tuple[ast.Call, str, dict[str, ast.expr]]]:
    """Every call in a module, what it calls ("" for all but plain names), and the module's constants."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = constants_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, node.func.id if isinstance(node.func, ast.Name) else "", constants


def _of(path: Path) -> Iterator[Template]:
    for node, name, constants in calls_of(path):
        if not node.keywords or len(node.args) != 1:
            continue
        if name != "said" and (not name[:1].isupper() or not name.endswith(_ENDINGS)):
            continue
        for text in _texts(node.args[0], constants):
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            given = frozenset(keyword.arg or "" for keyword in node.keywords)
            yield Template(where, gapped(text), fields_of(text), given)


_ENDINGS = (
    "Error",
    "Missing",
    "Unavailable",
    "OutOfMemory",
    "LineFull",
    "LiveEnded",
    "Cancelled",
    "Damaged",
    "NotPlain",
)


def _texts(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in constants:
            yield from _texts(constants[name], {})
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body, constants)
            yield from _texts(orelse, constants)
        case ast.Subscript(value=value):
            yield from _texts(value, constants)
        case ast.Dict(values=values):
            for one in values:
                yield from _texts(one, constants)
