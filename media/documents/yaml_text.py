"""YAML with limits, and only with the values of JSON: texts, numbers, booleans, null, lists, mappings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from media.documents.bounds import (
    SETTINGS,
    Bounds,
    check_value,
    given_twice,
    long_number,
    too_deep,
    too_long,
    too_many,
)
from media.documents.quoting import quoted, reason_of
from media.documents.text import read_text
from media.errors import DocumentError

PLAIN = ("null", "bool", "int", "float", "str", "seq", "map", "merge", "value")
"""The types of YAML's core schema. Dates stay texts; sets, pairs and binary data are refused."""
FAULTS = (ValueError, OverflowError, LookupError, TypeError, AttributeError)
"""PyYAML's errors besides its own type: values such as 0b_, !!float x or !!int "" get past its patterns."""
LONGEST_NUMBER = 1000
"""Characters. PyYAML's time for numbers such as 1:59:59 grows with the square of their length."""


def parse_yaml(text: str, bounds: Bounds = SETTINGS) -> Any:
    """The value of a YAML text. Raises DocumentError for invalid YAML or an exceeded limit.

    An alias counts with everything that it repeats.
    """
    import yaml

    if len(text) > bounds.size:
        raise DocumentError(
            "it has {length} characters; at most {most} are allowed", length=len(text), most=bounds.size
        )
    try:
        loader = _loader()(text, bounds)
        try:
            value = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        raise DocumentError("it is not YAML: {reason}", reason=_explained(error, text)) from None
    except (yaml.YAMLError, *FAULTS) as error:
        raise long_number(text) or DocumentError(
            "it is not YAML: {reason}", reason=reason_of(error)
        ) from None
    check_value(value, bounds)
    return value


def read_yaml(path: Path, bounds: Bounds = SETTINGS) -> Any:
    """The value in a YAML file. Raises DocumentError."""
    return parse_yaml(read_text(path, bounds), bounds)


def _explained(error: Any, text: str) -> str:
    mark = error.problem_mark or error.context_mark
    last = text.count("\n") + 1
    if mark and mark.line < last:
        place = f", line {mark.line + 1}, column {mark.column + 1}"
    else:  # libyaml counts one line more at the end of the text
        place = f", at the end of line {last}" if mark else ""
    return quoted(str(error.problem or error.context or "cannot be read"), 80) + place


def _check_number(node: Any) -> None:
    """Raise DocumentError for a number that takes long to parse."""
    if node.tag.rpartition(":")[2] in ("int", "float") and len(node.value) > LONGEST_NUMBER:
        raise too_long(sum(sign.isalnum() for sign in node.value))


@cache
def _loader() -> Any:
    """The class, created when first needed: importing yaml takes a while.

    libyaml parses if PyYAML has it, in a fifth of the time. PyYAML itself composes, because libyaml would
    call none of our code before the whole document is parsed.
    """
    import yaml
    from yaml.composer import Composer
    from yaml.constructor import SafeConstructor
    from yaml.resolver import Resolver

    base: Any = yaml.SafeLoader
    if yaml.__with_libyaml__:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]

        class Fast(Composer, CParser, SafeConstructor, Resolver):
            def __init__(self, text: str) -> None:
                CParser.__init__(self, text)
                Composer.__init__(self)
                SafeConstructor.__init__(self)
                Resolver.__init__(self)

        base = Fast

    class Loader(base):
        """Counts what it composes; a document that exceeds a limit is never constructed."""

        def __init__(self, text: str, bounds: Bounds) -> None:
            super().__init__(text)
            self.bounds, self.depth, self.nodes = bounds, 0, 0
            self.sizes: dict[int, int] = {}

        def compose_node(self, parent: Any, index: Any) -> Any:
            before = self.nodes
            if self.check_event(yaml.AliasEvent):
                node = super().compose_node(parent, index)
                if id(node) not in self.sizes:
                    raise DocumentError("an alias in it refers to itself")
                self.nodes += self.sizes[id(node)]
            else:
                self.depth += 1
                if self.depth > self.bounds.depth:
                    raise too_deep(self.depth, self.bounds)
                self.nodes += 1
                node = super().compose_node(parent, index)
                self.depth -= 1
                if isinstance(node, yaml.ScalarNode):
                    _check_number(node)
                elif isinstance(node, yaml.MappingNode):
                    self.check_keys(node)
                self.sizes[id(node)] = self.nodes - before
            if self.nodes > self.bounds.nodes:
                raise too_many(self.nodes, self.bounds)
            return node

        def check_keys(self, node: Any) -> None:
            """Raise DocumentError for a mapping that gives a key twice. Merged ones (<<) may be repeated."""
            lines: dict[Any, int] = {}
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and not key.tag.endswith(":merge"):
                    name, line = self.construct_object(key), key.start_mark.line + 1
                    if name in lines:
                        raise given_twice(key.value, lines[name], line)
                    lines[name] = line

    Loader.yaml_implicit_resolvers = {
        sign: [(tag, pattern) for tag, pattern in kinds if tag.rpartition(":")[2] in PLAIN]
        for sign, kinds in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.yaml_constructors = {
        tag: make
        for tag, make in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] in PLAIN
    }
    return Loader
