"""Which tests are slow, by measurement: python -m tests.slow_tests JUNIT.xml...

`slow_tests.txt` lists every test function that needed at least `LIMIT` seconds, set-up included, in one of
some runs: python -m pytest -n 2 --dist loadfile --junitxml=JUNIT.xml
Each line has the seconds of the slowest run, those of all parameters added up, and the function.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("slow_tests.txt")
LIMIT = 0.2


def seconds() -> dict[str, float]:
    """What each slow test took. Its name is `tests/media/test_video.py::test_name`, without parameters."""
    lines = map(str.split, LIST.read_text(encoding="utf-8").splitlines())
    return {name: float(took) for took, name in lines}


def in_pytest(item: pytest.Item) -> str:
    """A collected test's name, as in `seconds`."""
    return item.nodeid.partition("[")[0]


def measured(junit: Path) -> dict[str, float]:
    """The tests of a run that needed at least LIMIT seconds, as in `seconds`."""
    found: defaultdict[str, float] = defaultdict(float)
    for case in ElementTree.parse(junit).iter("testcase"):
        took = float(case.get("time", 0))
        if took >= LIMIT:
            parts = re.fullmatch(r"([\w.]*\.test_\w+)\.?(\w*)", str(case.get("classname")))
            assert parts is not None
            file, kind = parts.groups()
            inside = f"::{kind}" if kind else ""
            found[f"{file.replace('.', '/')}.py{inside}::{str(case.get('name')).partition('[')[0]}"] += took
    return found


def main(*junits: str) -> None:
    runs = [measured(Path(junit)) for junit in junits]
    slowest = {name: max(run.get(name, 0) for run in runs) for run in runs for name in run}
    lines = [f"{took:.1f} {name}" for name, took in sorted(slowest.items())]
    LIST.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} test functions are slow: {LIST.relative_to(ROOT)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
