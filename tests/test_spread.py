"""Which tests a worker runs together, and in which order workers take them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from tests.conftest import pytest_xdist_make_scheduler
from tests.spread import slowest_first, unit

TESTS = [
    "tests/media/test_video.py::test_a",
    "tests/media/test_video.py::TestKind::test_b[x::y]",
    "tests/studio/test_job.py::test_a",
    "tests/ui/test_page.py::test_a",
    "tests/studio/test_job.py::test_b",
    "tests/ui/server/test_shared_names.py::test_a",
    "tests/studio/test_job.py::test_c",
    "tests/ui/server/test_videos.py::test_a",
    "tests/ui/test_gallery.py::test_a",
    "tests/ui/test_languages.py::test_a",
]


class Worker:
    """A worker as pytest-xdist's scheduler sees it."""

    shutting_down = False

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.given: list[list[str]] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given.append([TESTS[index] for index in indices])

    def shutdown(self) -> None:
        self.shutting_down = True


def test_a_worker_takes_whole_files_and_all_visits_of_shared_or_of_other_pages() -> None:
    option = SimpleNamespace(dist="loadfile", tx=["2*popen"], loadscopereorder=True)
    config = cast(Any, SimpleNamespace(option=option, getvalue=lambda name: getattr(option, name)))
    scheduler = pytest_xdist_make_scheduler(config, None)
    assert scheduler is not None
    workers: Any = [Worker("gw0"), Worker("gw1")]
    for worker in workers:
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, TESTS)
    scheduler.schedule()
    for index in (0, 1):
        scheduler.mark_test_complete(workers[0], index)
    assert workers[0].given == [TESTS[:2], [TESTS[3], TESTS[8]], [TESTS[5], TESTS[9]]]
    assert workers[1].given == [[TESTS[2], TESTS[4], TESTS[6]]]


def test_the_slowest_files_come_first_and_keep_their_order() -> None:
    items = cast(Any, [SimpleNamespace(nodeid=name) for name in TESTS])
    slowest_first(items, {TESTS[0]: 2.0, TESTS[3]: 1.5, TESTS[8]: 1.0})
    assert [item.nodeid for item in items] == [TESTS[k] for k in (3, 8, 0, 1, 2, 4, 5, 6, 7, 9)]


def test_files_that_share_a_slow_fixture_are_one_unit() -> None:
    rounds = [unit(f"tests/training/{engine}/test_round.py::test_a") for engine in ("joyvasa", "joyhallo")]
    assert rounds == ["takers of talking_videos"] * 2
    assert unit("tests/training/loop/test_run.py::test_a") == "tests/training/loop/test_run.py"
    assert unit("tests/evaluation/test_report.py::test_a") == unit(
        "tests/evaluation/test_likeness.py::test_a"
    )
