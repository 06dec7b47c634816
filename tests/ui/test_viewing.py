"""Views of uploads: a few at once, the rest in turn, up to a limit."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import Any

import gradio as gr
import pytest

from studio.settings import Settings
from ui.app import build
from ui.viewing import ViewingGate

REQUEST: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")


class Looking:
    """Stands in for a view that takes as long as the test wants."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.inside = self.most = 0
        self.lock = threading.Lock()

    def view(self, name: str) -> str:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.go.wait()
        with self.lock:
            self.inside -= 1
        return name.upper()


def refused(name: str) -> str:
    return f"not {name}"


def test_a_few_at_once_and_the_rest_in_turn() -> None:
    looking = Looking()
    view = ViewingGate(2, most_waiting=98).guard(looking.view, refused)

    async def visit() -> list[str]:
        views = [asyncio.ensure_future(view(f"v{number}")) for number in range(101)]
        while looking.inside < 2:
            await asyncio.sleep(0)
        assert await views[100] == "not v100"  # at once, while the others still wait
        looking.go.set()
        return await asyncio.gather(*views[:100])

    assert asyncio.run(visit()) == [f"V{number}" for number in range(100)]
    assert looking.most == 2


def test_a_visitor_who_leaves_frees_the_place_only_when_the_work_has_ended() -> None:
    looking = Looking()
    view = ViewingGate(1, most_waiting=0).guard(looking.view, refused)

    async def visit() -> None:
        left = asyncio.ensure_future(view("gone"))
        while not looking.inside:
            await asyncio.sleep(0)
        left.cancel()
        assert await view("early") == "not early"
        looking.go.set()
        while await view("late") != "LATE":
            await asyncio.sleep(0)

    asyncio.run(visit())


def test_a_fault_is_reported_and_makes_room() -> None:
    def broken(name: str) -> str:
        raise ValueError(name)

    view = ViewingGate(1, most_waiting=0).guard(broken, refused)

    async def visit() -> None:
        for _ in range(3):
            with pytest.raises(ValueError, match="x"):
                await view("x")
            await asyncio.sleep(0)

    asyncio.run(visit())


JOBS = (
    "ui.components.export_row",
    "ui.lasting_tasks",
    "ui.tabs.animate.run",
    "ui.tabs.compare.run",
    "ui.tabs.compare.api",
    "ui.api.job_endpoint",
    "ui.components.slider_loops",
)
"""What waits in the line of jobs instead."""
NAMING = (
    "ui.tabs.compare.delete",
    "ui.tabs.gallery.handlers",
    "ui.components.missing_inputs",
    "ui.components.needed_inputs",
    "ui.components.text_voice",
    "ui.components.inputs_events",
    "ui.tabs.live.handlers",
    "ui.tabs.dub.handlers",
)
"""What only reads the names of uploads."""


def test_every_event_that_opens_an_upload_passes_the_gate_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    gates: list[Watched] = []

    class Watched(ViewingGate):
        def __init__(self, at_once: int) -> None:
            super().__init__(at_once)
            self.at_once, self.behind = at_once, list[Any]()
            gates.append(self)

        def guard(self, view: Any, refused: Any) -> Any:
            self.behind.append(super().guard(view, refused))
            return self.behind[-1]

    monkeypatch.setattr("ui.app.ViewingGate", Watched)
    page = build(settings.model_copy(update={"views_at_once": 3}))
    (gate,) = gates
    assert gate.at_once == 3
    takers = [event for event in page.fns.values() if any(map(takes_files, event.inputs))]
    free = {event.fn.__module__ for event in takers if event.fn and event.fn not in gate.behind}
    behind = {view.__name__ for view in gate.behind}
    assert behind >= set("begin turn click reset look_again listen take cost_again weigh".split())
    assert free <= {*JOBS, *NAMING}


def takes_files(part: object) -> bool:
    return isinstance(part, gr.Image | gr.Audio | gr.File | gr.Video)


def test_the_request_is_known_inside() -> None:
    view = ViewingGate(1).guard(lambda: REQUEST.get(), lambda: "refused")

    async def visit() -> str:
        REQUEST.set("ann's")
        return await view()

    assert asyncio.run(visit()) == "ann's"
