"""A new metric and a new tab are one file each, named nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from evaluation.builtin import metrics
from evaluation.builtin.measurer import FRAME_METRICS, found_metrics
from ui import tabs
from ui.app import all_tabs

METRIC = """
from evaluation.builtin.metrics.seam import METRIC as Seam


class Added(Seam):
    order = {order}


METRIC = Added
"""
TAB = """
from ui.tab import Tab


def tabs(engines):
    return [Tab("Added", lambda context, tab: None, "added-tab", order={order})]
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module `added.py` that stands in both folders, still without content."""
    for package in (metrics, tabs):
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    yield tmp_path / "added.py"
    for package in (metrics, tabs):
        sys.modules.pop(f"{package.__name__}.added", None)
        vars(package).pop("added", None)


@pytest.mark.parametrize(("order", "place"), [(0, 0), (1000, len(FRAME_METRICS))])
def test_a_metric_takes_its_place_in_reports(added: Path, order: int, place: int) -> None:
    added.write_text(METRIC.format(order=order))
    names = [metric.__name__ for metric in FRAME_METRICS]
    names.insert(place, "Added")
    assert [metric.__name__ for metric in found_metrics()] == names


def test_a_tab_takes_its_place_on_the_page(added: Path) -> None:
    before = all_tabs()
    added.write_text(TAB.format(order=50))
    assert [tab.id for tab in all_tabs()] == [
        *(tab.id for tab in before if tab.order <= 50),
        "added-tab",
        *(tab.id for tab in before if tab.order > 50),
    ]


@pytest.mark.parametrize(("package", "name"), [(metrics, "METRIC"), (tabs, "tabs")])
def test_a_helper_in_these_folders_is_refused_by_name(added: Path, package: ModuleType, name: str) -> None:
    added.write_text("def help_others(): ...\n")
    with pytest.raises(AttributeError, match=rf"{package.__name__}\.added offers no {name}"):
        found_metrics() if package is metrics else all_tabs()
