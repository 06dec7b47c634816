"""Which tests are slow, by measurement: python -m tests.slow_tests JUNIT.xml...

`slow_tests.txt` lists every test function that needed at least `LIMIT` seconds, set-up included, in one of
some runs: python -m pytest -n 2 --dist loadgroup --junitxml=JUNIT.xml
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("slow_tests.txt")
LIMIT = 0.2


def listed() -> frozenset[str]:
    """The slow tests as `tests/media/test_video.py::test_name`, without parameters."""
    return frozenset(LIST.read_text(encoding="utf-8").split())


def in_pytest(item: pytest.Item) -> str:
    """A collected test's name, as in `listed`."""
    return item.nodeid.partition("[")[0]


def measured(junit: Path) -> Iterator[str]:
    """The tests of a run that needed at least LIMIT seconds, as in `listed`."""
    for case in ElementTree.parse(junit).iter("testcase"):
        if float(case.get("time", 0)) >= LIMIT:
            parts = re.fullmatch(r"([\w.]*\.test_\w+)\.?(\w*)", str(case.get("classname")))
            assert parts is not None
            file, kind = parts.groups()
            inside = f"::{kind}" if kind else ""
            yield f"{file.replace('.', '/')}.py{inside}::{str(case.get('name')).partition('[')[0]}"


def main(*junits: str) -> None:
    names = sorted({name for junit in junits for name in measured(Path(junit))})
    LIST.write_text("\n".join(names) + "\n", encoding="utf-8")
    print(f"{len(names)} test functions are slow: {LIST.relative_to(ROOT)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
