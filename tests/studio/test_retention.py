"""How long finished videos stay, and which files are never removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.comparison.folders import find_comparison, new_comparison
from studio.gallery.history import History
from studio.gallery.sharing import share
from studio.gallery.videos import Gallery
from studio.in_use import holding
from studio.live.marked import marks
from studio.motion import motion_path
from studio.retention import DAY, HOUR, SPARED, Swept, for_visitors, sweep_finished
from studio.settings import Settings
from tests.studio.test_history import make_result

Made = Callable[..., Path]
MB = 1_000_000


@pytest.fixture
def made(settings: Settings) -> Made:
    """Records a video of Ann's under an id; a megabyte unless it is said otherwise."""

    def make(job_id: str, *, size: int = MB, path: Path | None = None) -> Path:
        job_id = job_id.rjust(16, "0")
        path = path or settings.outputs.resolve() / f"{job_id}.mp4"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(size))
        History(settings.history).record(make_result(job_id, path), "ann")
        return path

    return make


def bound(settings: Settings, **bounds: float) -> Settings:
    return settings.model_copy(update=bounds)


def ids(settings: Settings) -> list[str]:
    return [entry.result.job_id.lstrip("0") for entry in History(settings.history).list()]


def test_without_bounds_everything_stays(settings: Settings, made: Made) -> None:
    made("a1")
    assert sweep_finished(settings, now=time.time() + 3650 * DAY) == Swept()
    assert ids(settings) == ["a1"]


def test_old_videos_are_removed_with_all_their_files(settings: Settings, made: Made) -> None:
    path = made("a1")
    motion_path(path).write_bytes(bytes(500))
    limited = bound(settings, keep_days=2.0)
    assert sweep_finished(limited, now=time.time() + 1.9 * DAY) == Swept()
    assert sweep_finished(limited, now=time.time() + 2.1 * DAY, ages=False) == Swept()
    assert sweep_finished(limited, now=time.time() + 2.1 * DAY) == Swept(1, 0, MB + 500)
    assert [one for one in settings.outputs.iterdir() if ".sqlite" not in one.name] == []
    assert ids(settings) == []


def test_a_video_stays_while_its_link_holds(settings: Settings, made: Made) -> None:
    made("a1")
    limited = bound(settings, keep_days=1.0, share_hours=72.0)
    share(Gallery("ann", limited), "a1".rjust(16, "0"))
    assert sweep_finished(limited, now=time.time() + 2 * DAY) == Swept()
    assert sweep_finished(bound(limited, share_hours=0.0), now=time.time() + 2 * DAY).videos == 1
    made("a2")
    share(Gallery("ann", limited), "a2".rjust(16, "0"))
    assert sweep_finished(limited, now=time.time() + 4 * DAY).videos == 1


def test_the_oldest_go_when_room_is_short_and_shared_ones_last(settings: Settings, made: Made) -> None:
    for job_id in ("a1", "a2", "a3", "a4"):
        made(job_id)
    limited = bound(settings, keep_gb=0.0025)
    share(Gallery("ann", limited), "a1".rjust(16, "0"))
    assert sweep_finished(limited) == Swept()  # all are younger than anybody takes to watch them
    later = time.time() + SPARED + 60
    assert sweep_finished(limited, now=later) == Swept(2, 0, 2 * MB)
    assert ids(settings) == ["a4", "a1"]
    assert sweep_finished(limited, now=later) == Swept()
    assert sweep_finished(bound(settings, keep_gb=0.0005), now=later).videos == 2  # no room for one


def test_files_that_a_job_reads_and_named_videos_stay(settings: Settings, made: Made, tmp_path: Path) -> None:
    rendered, named, outside = made("a1"), made("b1"), made("c1", path=tmp_path / "c1.mp4")
    motion_path(rendered).write_bytes(bytes(10))
    named = named.rename(named.with_name("mine.mp4"))
    History(settings.history).record(make_result("b2", named), "ann")
    limited, later = bound(settings, keep_days=1.0, keep_gb=0.0001), time.time() + 9 * DAY
    with holding(motion_path(rendered)):
        assert sweep_finished(limited, now=later) == Swept()
    assert sweep_finished(limited, now=later).videos == 1
    assert named.is_file()
    assert outside.is_file()


def test_comparisons_go_after_some_hours_but_not_while_they_are_made(settings: Settings) -> None:
    hours = bound(settings, keep_hours=2.0)
    with new_comparison("ann", hours) as work:
        (work.path / "1-preview.mp4").write_bytes(bytes(MB))
        assert sweep_finished(hours, now=time.time() + 3 * HOUR) == Swept()
    assert find_comparison(work.id, hours) == work
    assert sweep_finished(hours, now=time.time() + HOUR) == Swept()
    assert sweep_finished(hours, now=time.time() + 3 * HOUR) == Swept(0, 1, MB)
    assert find_comparison(work.id, hours) is None
    assert not work.path.exists()
    work.path.mkdir()  # the history knows nothing of it
    sweep_finished(hours, now=time.time() + HOUR)
    assert work.path.is_dir()
    sweep_finished(hours, now=time.time() + 3 * HOUR)
    assert not work.path.exists()


def test_a_page_for_others_has_bounds_unless_its_owner_has_decided(settings: Settings) -> None:
    bounded = for_visitors(settings)
    assert (bounded.keep_days, bounded.keep_gb) == (7.0, 10.0)
    assert marks(bounded)
    assert not marks(settings)
    assert not marks(for_visitors(bound(settings, live_mark=False)))
    assert for_visitors(bound(settings, keep_days=365.0)).keep_days == 365.0
    assert marks(bound(settings, allowed_hosts="studio.example.org"))  # type: ignore[arg-type]
    assert settings.this_machine_only
    assert not bound(settings, host="0.0.0.0").this_machine_only  # type: ignore[arg-type]
