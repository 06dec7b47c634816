"""The list of slow tests names tests that exist, and a run of the suite is read as pytest writes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.slow_tests import ROOT, measured, seconds


def test_every_slow_test_exists() -> None:
    for name in sorted(seconds()):
        file, *_, function = name.split("::")
        found = (ROOT / file).is_file() and re.search(
            rf"^ *(async )?def {function}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE
        )
        assert found, f"{name} is gone: take its line out of tests/slow_tests.txt"


def test_slow_tests_are_read_from_a_run(tmp_path: Path) -> None:
    run = tmp_path / "run.xml"
    run.write_text(
        '<testsuites><testsuite><testcase classname="tests.media.test_video" name="test_a[x[1]]" time="4.0"/>'
        '<testcase classname="tests.media.test_video" name="test_a[2]" time="1.5"/>'
        '<testcase classname="tests.media.test_video.TestKind" name="test_b" time="0.5"/>'
        '<testcase classname="tests.media.test_video" name="test_c" time="0.01"/></testsuite></testsuites>'
    )
    assert measured(run) == {
        "tests/media/test_video.py::test_a": 5.5,
        "tests/media/test_video.py::TestKind::test_b": 0.5,
    }


def test_a_test_is_marked_by_what_it_uses(request: pytest.FixtureRequest) -> None:
    """This run's own tests: those with a browser have its marker, and this one has none."""
    kinds = {"slow", "browser", "ray", "training"}
    assert kinds.isdisjoint(mark.name for mark in request.node.iter_markers())
    for item in request.session.items:
        marks = {mark.name for mark in item.iter_markers()}
        if "browser" in getattr(item, "fixturenames", ()):
            assert "browser" in marks
