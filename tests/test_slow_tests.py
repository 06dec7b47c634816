"""The lists of slow and of thorough tests name tests that exist, and a run of the suite is read as pytest
writes it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.slow_tests import ROOT, measured, seconds
from tests.thorough_tests import THOROUGH, is_thorough


def exists(name: str) -> bool:
    """Whether there is a file of tests, or a function in it."""
    file, *inside = name.split("::")
    if not (ROOT / file).is_file():
        return False
    text = (ROOT / file).read_text(encoding="utf-8")
    return all(re.search(rf"^ *(async )?(def|class) {one}\b", text, re.MULTILINE) for one in inside)


def test_every_slow_test_exists() -> None:
    for name in sorted(seconds()):
        assert exists(name), f"{name} is gone: take its line out of tests/slow_tests.txt"


def test_every_thorough_test_exists() -> None:
    for name in (name for names in THOROUGH.values() for name in names):
        assert exists(name), f"{name} is gone: take it out of tests/thorough_tests.py"


def test_a_file_or_a_function_with_its_parameters_is_thorough() -> None:
    assert is_thorough("tests/ui/test_picture_kinds.py::test_any[heic]")
    assert is_thorough("tests/evaluation/test_builtin_ranking.py::test_a_spoilt_video_reads_worse[a-b]")
    assert not is_thorough("tests/evaluation/test_builtin_ranking.py::test_blinks_are_counted_and_timed")


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
    kinds = {"slow", "browser", "ray", "training", "thorough"}
    assert kinds.isdisjoint(mark.name for mark in request.node.iter_markers())
    for item in request.session.items:
        marks = {mark.name for mark in item.iter_markers()}
        if "browser" in getattr(item, "fixturenames", ()):
            assert "browser" in marks
